#include "ops/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"
#include "base/strbuf.h"

enum { WORDS_MAX = 32, PATIENCE_MS = 60000, LOOK_MS = 20 };

extern char **environ;

/* Blanks in place of what ends a word; the pointers are into the text. */
static size_t split(char *words[static WORDS_MAX + 1], char *text)
{
	size_t count = 0;

	for (char *c = text; *c != '\0' && count < WORDS_MAX;) {
		c += strspn(c, " \t");
		if (*c == '\0')
			break;
		words[count++] = c;
		c += strcspn(c, " \t");
		if (*c != '\0')
			*c++ = '\0';
	}
	words[count] = NULL;
	return count;
}

static enum dum_status start(pid_t *pid, int *in_out, char **words,
                             struct dum_error *err)
{
	posix_spawn_file_actions_t actions;
	int ends[2], rc;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(err, DUM_ESYS, "no pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
	rc = posix_spawnp(pid, words[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	if (rc != 0) {
		close(ends[1]);
		return error_set(err, DUM_ESYS,
		                 "NOTIFY_COMMAND %s can not be started: %s",
		                 words[0], strerror(rc));
	}
	*in_out = ends[1];
	return DUM_OK;
}

static enum dum_status wait_for(pid_t pid, const char *name,
                                struct dum_error *err)
{
	int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
	int result = 0;

	while (waitpid(pid, &result, WNOHANG) == 0) {
		if (clock_monotonic_ms() > until_ms) {
			kill(pid, SIGKILL);
			waitpid(pid, &result, 0);
			return error_set(err, DUM_ESYS,
			                 "NOTIFY_COMMAND %s took longer than "
			                 "%d s",
			                 name, PATIENCE_MS / 1000);
		}
		poll(NULL, 0, LOOK_MS);
	}
	if (!WIFEXITED(result) || WEXITSTATUS(result) != 0)
		return error_set(
		    err, DUM_ESYS, "NOTIFY_COMMAND %s failed (status %d)", name,
		    WIFEXITED(result) ? WEXITSTATUS(result) : WTERMSIG(result));
	return DUM_OK;
}

/* A notice is shorter than what a pipe takes at once, so nobody waits here. */
static void feed(int fd, const struct strbuf *mail)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

	/* One that does not read it tells by its status. */
	sigaction(SIGPIPE, &ignore, &before);
	(void)!fs_write_all(fd, mail->buf, mail->len);
	close(fd);
	sigaction(SIGPIPE, &before, NULL);
}

enum dum_status notify_send(const char *command, const char *subject,
                            const char *text, struct dum_error *err)
{
	struct strbuf mail = {.buf = strbuf_empty, .limit = 60000};
	char *words[WORDS_MAX + 1] = {NULL}, *copy = strdup(command);
	enum dum_status status;
	pid_t pid = -1;
	int in = -1;

	strbuf_addf(&mail, "To: root\nSubject: %s\n\n%s", subject, text);
	if (copy == NULL || mail.len == 0)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (split(words, copy) == 0)
		status = error_set(err, DUM_EINVAL, "NOTIFY_COMMAND is empty");
	else
		status = start(&pid, &in, words, err);
	if (status == DUM_OK) {
		feed(in, &mail);
		status = wait_for(pid, words[0], err);
	}
	free(copy);
	strbuf_release(&mail);
	return status;
}
