/*
 * Signals are blocked but while it waits for the terminal, so that none can
 * end the program between the moment when echo goes off and the one when it
 * comes back on. One that came is let through after that; after a stop (ctrl-Z)
 * and a continue the question is put again.
 */
#include "secret_prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "crypto/gcrypt.h"

#define TERMINAL STDIN_FILENO

static const int caught[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                             SIGTSTP, SIGTTIN, SIGTTOU, SIGALRM};
enum { CAUGHT = sizeof(caught) / sizeof(caught[0]) };

static volatile sig_atomic_t came;

static void on_signal(int number)
{
	came = number;
}

/* What has to be as it was, whatever happens. */
struct before {
	struct termios terminal;
	struct sigaction action[CAUGHT];
	sigset_t mask;
};

static void hold_signals(struct before *before)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t block;

	came = 0;
	sigemptyset(&block);
	for (int i = 0; i < CAUGHT; i++)
		sigaddset(&block, caught[i]);
	(void)sigprocmask(SIG_BLOCK, &block, &before->mask);
	for (int i = 0; i < CAUGHT; i++)
		(void)sigaction(caught[i], &action, &before->action[i]);
}

/* The one that came, if any, takes its effect here. */
static void let_signals_go(const struct before *before)
{
	for (int i = 0; i < CAUGHT; i++)
		(void)sigaction(caught[i], &before->action[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &before->mask, NULL);
	if (came != 0)
		(void)raise(came);
}

static int go_silent(struct termios *before)
{
	struct termios silent;

	if (tcgetattr(TERMINAL, before) != 0)
		return -1;
	silent = *before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	silent.c_lflag |= ICANON | ISIG;
	return tcsetattr(TERMINAL, TCSAFLUSH, &silent);
}

/* Length of the line, without its end; -1 with errno. EINTR: a signal came. */
static ssize_t read_typed(char *buf, size_t size, const sigset_t *unblocked)
{
	struct pollfd input = {.fd = TERMINAL, .events = POLLIN};
	ssize_t len;

	if (ppoll(&input, 1, NULL, unblocked) < 0)
		return -1;
	len = read(TERMINAL, buf, size);
	if (len > 0 && buf[len - 1] == '\n')
		return len - 1;
	if (len <= 0 || (size_t)len < size) /* ctrl-D */
		return len;
	(void)tcflush(TERMINAL, TCIFLUSH);
	errno = EMSGSIZE;
	return -1;
}

static ssize_t ask_once(char *buf, size_t size, const char *prompt,
                        const char *again)
{
	struct before before;
	ssize_t len = -1;
	bool silent;
	int error;

	hold_signals(&before);
	silent = go_silent(&before.terminal) == 0;
	if (silent) {
		fprintf(stderr, "%s%s: ", prompt, again);
		fflush(stderr);
		len = read_typed(buf, size, &before.mask);
	}
	error = errno;
	if (silent) {
		fputc('\n', stderr);
		(void)tcsetattr(TERMINAL, TCSAFLUSH, &before.terminal);
	}
	let_signals_go(&before);
	errno = error;
	return len;
}

static enum dum_status too_long(const struct secret_question *q,
                                struct dum_error *err)
{
	return error_set(err, DUM_EINVAL, "the %s is longer than %s", q->what,
	                 q->limit);
}

/* Ask until there is an answer: a stop and a continue ask anew. */
static enum dum_status ask(char *out, size_t size,
                           const struct secret_question *q, const char *again,
                           struct dum_error *err)
{
	ssize_t len;

	do
		len = ask_once(out, size, q->prompt, again);
	while (len < 0 && errno == EINTR);
	if (len < 0 && errno == EMSGSIZE)
		return too_long(q, err);
	if (len < 0)
		return error_set(err, DUM_ESYS, "the terminal: %s",
		                 strerror(errno));
	if (len == 0 || memchr(out, '\0', (size_t)len) != NULL)
		return error_set(err, DUM_EINVAL, "no %s was typed", q->what);
	out[len] = '\0';
	return DUM_OK;
}

static enum dum_status from_terminal(char *out, size_t size,
                                     const struct secret_question *q,
                                     struct dum_error *err)
{
	enum dum_status status;
	char *second;

	status = ask(out, size, q, "", err);
	if (status != DUM_OK || !q->twice)
		return status;
	second = malloc(size);
	if (second == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = ask(second, size, q, ", once more", err);
	if (status == DUM_OK && strcmp(out, second) != 0)
		status = error_set(err, DUM_EINVAL,
		                   "the two %ss are not the same; nothing was "
		                   "changed",
		                   q->what);
	explicit_bzero(second, size);
	free(second);
	return status;
}

/* Byte by byte: what comes after the line is somebody else's to read. */
static enum dum_status from_input(char *out, size_t size,
                                  const struct secret_question *q,
                                  struct dum_error *err)
{
	size_t len = 0;
	ssize_t n = 1;
	char c = '\0';

	while (len < size) {
		n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || c == '\n')
			break;
		out[len++] = c;
	}
	if (n < 0)
		return error_set(err, DUM_ESYS, "standard input: %s",
		                 strerror(errno));
	if (len == size)
		return too_long(q, err);
	if (len > 0 && out[len - 1] == '\r')
		len--;
	if (len == 0)
		return error_set(err, DUM_EINVAL,
		                 "no %s on standard input: its first line is "
		                 "to be the %s",
		                 q->what, q->what);
	if (memchr(out, '\0', len) != NULL)
		return error_set(err, DUM_EINVAL,
		                 "the %s has a NUL character in it", q->what);
	out[len] = '\0';
	return DUM_OK;
}

enum dum_status secret_prompt(char *out, size_t size,
                              const struct secret_question *question,
                              struct dum_error *err)
{
	enum dum_status status;

	status = gcrypt_start(err); /* no core file from now on */
	if (status != DUM_OK)
		return status;
	status = isatty(TERMINAL) == 1 ? from_terminal(out, size, question, err)
	                               : from_input(out, size, question, err);
	if (status != DUM_OK)
		explicit_bzero(out, size);
	return status;
}
