#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = PASSPHRASE_BYTES_MAX + 2 };

/* One line, byte by byte: what follows it belongs to others. */
static enum dum_status read_line(char line[static LINE_MAX_BYTES], int fd,
                                 struct dum_error *err)
{
	size_t len = 0;
	char c = 0;

	while (c != '\n') {
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, DUM_ESYS,
			                 "cannot read the passphrase: %s",
			                 strerror(errno));
		if (n == 0)
			break;
		if (c != '\n' && len == LINE_MAX_BYTES - 1)
			return error_set(err, DUM_EINVAL,
			                 "a passphrase has 1 to %d bytes",
			                 PASSPHRASE_BYTES_MAX);
		if (c != '\n')
			line[len++] = c;
	}
	line[len] = '\0';
	return DUM_OK;
}

static enum dum_status ask(char line[static LINE_MAX_BYTES], int fd,
                           const char *prompt, struct dum_error *err)
{
	struct termios before, silent;
	enum dum_status status;

	if (tcgetattr(fd, &before) != 0)
		return error_set(err, DUM_ESYS, "the terminal: %s",
		                 strerror(errno));
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(fd, TCSAFLUSH, &silent) != 0)
		return error_set(err, DUM_ESYS, "the terminal: %s",
		                 strerror(errno));
	dprintf(fd, "%s: ", prompt);
	status = read_line(line, fd, err);
	dprintf(fd, "\n");
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	return status;
}

static enum dum_status ask_on(int terminal, char line[static LINE_MAX_BYTES],
                              const char *prompt, bool confirm,
                              struct dum_error *err)
{
	char again[LINE_MAX_BYTES] = "";
	enum dum_status status;

	status = ask(line, terminal, prompt, err);
	if (status == DUM_OK && confirm) {
		status = ask(again, terminal, "Once more", err);
		if (status == DUM_OK && strcmp(line, again) != 0)
			status = error_set(err, DUM_EINVAL,
			                   "the two are not the same");
	}
	explicit_bzero(again, sizeof(again));
	return status;
}

enum dum_status passphrase_read(struct container_key *out, const char *prompt,
                                bool confirm, struct dum_error *err)
{
	char line[LINE_MAX_BYTES] = "";
	enum dum_status status;
	int terminal = -1;

	if (isatty(STDIN_FILENO) == 1)
		terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal >= 0)
		status = ask_on(terminal, line, prompt, confirm, err);
	else
		status = read_line(line, STDIN_FILENO, err);
	if (status == DUM_OK)
		status = container_key_from_passphrase(out, line, err);
	explicit_bzero(line, sizeof(line));
	if (terminal >= 0)
		close(terminal);
	return status;
}
