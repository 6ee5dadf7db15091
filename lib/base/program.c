/*
 * Standard error goes to memory and not through a second pipe, so that nobody
 * ever waits for the other one: there is at most one pipe to attend to.
 */
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"

struct program {
	pid_t pid; /* 0: not there, or waited for */
	int pipe;  /* our end; -1: none */
	int said;  /* what it writes to its standard error */
};

/* Each 0, or what is wrong. */
static int plan_files(posix_spawn_file_actions_t *files, int in, int out,
                      int said)
{
	int rc;

	if (in >= 0)
		rc = posix_spawn_file_actions_adddup2(files, in, STDIN_FILENO);
	else
		rc = posix_spawn_file_actions_addopen(files, STDIN_FILENO,
		                                      "/dev/null", O_RDONLY, 0);
	if (rc == 0 && out >= 0)
		rc = posix_spawn_file_actions_adddup2(files, out,
		                                      STDOUT_FILENO);
	else if (rc == 0)
		rc = posix_spawn_file_actions_addopen(files, STDOUT_FILENO,
		                                      "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, said,
		                                      STDERR_FILENO);
	return rc;
}

static int spawn(pid_t *pid, const char *const *words, int in, int out,
                 int said)
{
	posix_spawn_file_actions_t files;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc != 0)
		return rc;
	rc = plan_files(&files, in, out, said);
	/* exec does not write to what it is given. */
	if (rc == 0)
		rc = posix_spawnp(pid, words[0], &files, NULL,
		                  (char *const *)(uintptr_t)words, environ);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

enum dum_status program_start(struct program **out, const char *const *words,
                              enum program_pipe kind, struct dum_error *err)
{
	struct program *p = calloc(1, sizeof(*p));
	int ends[2] = {-1, -1}, rc = 0;

	if (p == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	p->pipe = -1;
	p->said = memfd_create("said", MFD_CLOEXEC);
	if (p->said < 0 ||
	    (kind != PROGRAM_SILENT && pipe2(ends, O_CLOEXEC) != 0))
		rc = errno;
	if (rc == 0)
		rc = spawn(&p->pid, words, kind == PROGRAM_TAKES ? ends[0] : -1,
		           kind == PROGRAM_GIVES ? ends[1] : -1, p->said);
	p->pipe = kind == PROGRAM_TAKES ? ends[1] : ends[0];
	if (kind != PROGRAM_SILENT && ends[0] >= 0)
		close(kind == PROGRAM_TAKES ? ends[0] : ends[1]);
	if (rc != 0) {
		p->pid = 0;
		program_free(p);
		return error_set(err, rc == ENOENT ? DUM_ENOTFOUND : DUM_ESYS,
		                 "%s can not be started: %s", words[0],
		                 strerror(rc));
	}
	*out = p;
	return DUM_OK;
}

static void close_pipe(struct program *p)
{
	if (p->pipe >= 0)
		close(p->pipe);
	p->pipe = -1;
}

void program_free(struct program *p)
{
	if (p == NULL)
		return;
	close_pipe(p);
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (p->said >= 0)
		close(p->said);
	free(p);
}

enum dum_status program_write(struct program *p, const void *data, size_t len,
                              struct dum_error *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	int rc, error;

	/* One that has ended tells by its status. */
	sigaction(SIGPIPE, &ignore, &before);
	rc = fs_write_all(p->pipe, data, len);
	error = errno;
	sigaction(SIGPIPE, &before, NULL);
	if (rc != 0)
		return error_set(err, DUM_ESYS, "it takes no more: %s",
		                 strerror(error));
	return DUM_OK;
}

enum dum_status program_read(size_t *got_out, struct program *p, void *data,
                             size_t len, struct dum_error *err)
{
	ssize_t n;

	do
		n = read(p->pipe, data, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, DUM_ESYS, "it gives no more: %s",
		                 strerror(errno));
	*got_out = (size_t)n;
	return DUM_OK;
}

/* The last line that is not empty; of a long one, its end. */
static void last_line(char out[static PROGRAM_SAID_MAX], int fd)
{
	char text[2048];
	off_t end = lseek(fd, 0, SEEK_END), from;
	ssize_t n;

	out[0] = '\0';
	from = end > (off_t)sizeof(text) ? end - (off_t)sizeof(text) : 0;
	n = pread(fd, text, sizeof(text), from);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	if (n <= 0)
		return;
	for (ssize_t i = n; i > 0; i--) {
		if (text[i - 1] != '\n' && n - i < PROGRAM_SAID_MAX - 1)
			continue;
		snprintf(out, PROGRAM_SAID_MAX, "%.*s", (int)(n - i), text + i);
		return;
	}
	snprintf(out, PROGRAM_SAID_MAX, "%.*s", (int)n, text);
}

enum dum_status program_finish(int *exit_out,
                               char said[static PROGRAM_SAID_MAX],
                               struct program *p, struct dum_error *err)
{
	int result = 0;
	pid_t pid;

	close_pipe(p);
	do
		pid = waitpid(p->pid, &result, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return error_set(err, DUM_ESYS, "cannot wait for it: %s",
		                 strerror(errno));
	p->pid = 0;
	last_line(said, p->said);
	*exit_out = WIFEXITED(result) ? WEXITSTATUS(result) : -1;
	return DUM_OK;
}
