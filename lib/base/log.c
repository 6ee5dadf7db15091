#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"
#include "base/utf8.h"

static const char *const names[] = {
    [LOG_AT_DEBUG] = "DEBUG",
    [LOG_AT_INFO] = "INFO",
    [LOG_AT_WARNING] = "WARNING",
    [LOG_AT_ERROR] = "ERROR",
};

/* The levels of sd-daemon(3), which the journal takes off and keeps. */
static const char *const priorities[] = {
    [LOG_AT_DEBUG] = "<7>",
    [LOG_AT_INFO] = "<6>",
    [LOG_AT_WARNING] = "<4>",
    [LOG_AT_ERROR] = "<3>",
};

/* Where lines go belongs to the process, as stderr does. */
static struct {
	int fd;
	enum log_level least;
	const char *program;
} target = {STDERR_FILENO, LOG_AT_INFO, "dum"};

int log_level_find(const char *name)
{
	for (int i = 0; i <= LOG_AT_ERROR; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

enum dum_status log_open(const char *path, enum log_level least,
                         const char *program, struct dum_error *err)
{
	int fd = STDERR_FILENO;

	if (path[0] != '\0') {
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
		          0640);
		if (fd < 0)
			return error_set(err, DUM_ESYS,
			                 "cannot open the log %s: %s", path,
			                 strerror(errno));
	}
	if (target.fd != STDERR_FILENO)
		close(target.fd);
	target.fd = fd;
	target.least = least;
	target.program = program;
	return DUM_OK;
}

/*
 * Does the target lead to the journal? systemd says which device and inode its
 * stream is. Children inherit the variable, and may have another stderr.
 */
static bool journal_listens(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream != NULL &&
	       sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(target.fd, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

static void add_escaped(char *out, size_t size, size_t *at, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0, used; i < len && *at + 5 < size; i += used) {
		unsigned char c = (unsigned char)text[i];

		used = utf8_printable_sequence(text + i, len - i);
		if (c == '\\') {
			*at += (size_t)snprintf(out + *at, 3, "\\\\");
		} else if (used > 0) {
			memcpy(out + *at, text + i, used);
			*at += used;
		} else {
			*at += (size_t)snprintf(out + *at, 5, "\\x%02x", c);
			used = 1;
		}
	}
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char at[CLOCK_TEXT_MAX], text[1024], line[2048];
	va_list args;
	size_t len;

	if (level < target.least)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	clock_format_utc(at, clock_now());
	len = (size_t)snprintf(line, sizeof(line) / 2, "%s%s %s %s[%ld]: ",
	                       journal_listens() ? priorities[level] : "", at,
	                       names[level], target.program, (long)getpid());
	add_escaped(line, sizeof(line) - 1, &len, text);
	line[len++] = '\n';
	/* Nobody is left to be told when the log itself can not be written. */
	if (fs_write_all(target.fd, line, len) != 0)
		return;
}
