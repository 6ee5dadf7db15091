/*
 * Removing files needs more than a signal handler may do, and a flag that all
 * loops look at would have to be everywhere: the handler wakes a thread by a
 * pipe, which has the folder and nothing else to do.
 */
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
enum { CAUGHT = sizeof(caught) / sizeof(caught[0]) };

static struct {
	int wake[2]; /* read end, write end */
	pthread_t thread;
	bool active;
	const char *program;
	const struct backup_dir *dir;
	struct sigaction before[CAUGHT];
} state;

static void on_signal(int number)
{
	unsigned char byte = (unsigned char)number;
	int saved = errno;

	(void)!write(state.wake[1], &byte, 1);
	/*
	 * Who reads no more gets no error text either; and the write that it
	 * came of holds nothing that the thread needs.
	 */
	if (number == SIGPIPE)
		for (;;)
			pause();
	errno = saved;
}

static void *wait_for_signal(void *arg)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	unsigned char number;
	ssize_t n;

	(void)arg;
	do
		n = read(state.wake[0], &number, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		return NULL; /* interrupt_end() */
	backup_dir_clear(state.dir);
	/*
	 * Not by way of stdio: another thread may be in the middle of a text
	 * there. Nor may nobody being there to read it keep us from the end.
	 */
	(void)signal(SIGPIPE, SIG_IGN);
	if (number != SIGPIPE)
		(void)dprintf(STDERR_FILENO,
		              "%s%s: broken off; the files that it had half "
		              "written to the folder of the backups were "
		              "removed\n",
		              isatty(STDERR_FILENO) == 1 ? "\n" : "",
		              state.program);
	sigaction(number, &usual, NULL);
	kill(getpid(), number);
	return NULL;
}

void interrupt_begin(const char *program, const struct backup_dir *dir)
{
	struct sigaction action = {.sa_handler = on_signal,
	                           .sa_flags = SA_RESTART};

	if (state.active || pipe2(state.wake, O_CLOEXEC) != 0)
		return;
	state.program = program;
	state.dir = dir;
	if (pthread_create(&state.thread, NULL, wait_for_signal, NULL) != 0) {
		close(state.wake[0]);
		close(state.wake[1]);
		return;
	}
	state.active = true;
	for (int i = 0; i < CAUGHT; i++) {
		sigaction(caught[i], NULL, &state.before[i]);
		/* As nohup wants it, and a shell for what is behind its back.
		 */
		if (state.before[i].sa_handler != SIG_IGN)
			sigaction(caught[i], &action, NULL);
	}
}

void interrupt_end(void)
{
	if (!state.active)
		return;
	for (int i = 0; i < CAUGHT; i++)
		sigaction(caught[i], &state.before[i], NULL);
	state.active = false;
	close(state.wake[1]);
	pthread_join(state.thread, NULL);
	close(state.wake[0]);
}
