/*
 * dum-api - the worker: takes FastCGI requests from the socket that it got as
 * file 0, one after the other, until it is told to stop.
 *
 * Signals are blocked but while it waits for a request. So none is lost
 * between a test and the accept, none cuts a read or a write short, and a
 * request that has begun is always answered. multiwatch sends QUIT where it
 * was told to send TERM; both mean the same here.
 *
 * libfcgi waits without end for the rest of a request, and for a peer to take
 * the answer. An alarm ends a worker that hangs so; the pool starts another.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"
#include "crypto/gcrypt.h"
#include "fcgi_io.h"
#include "ops/file_check.h"

#define PROGRAM "dum-api"

/* Time for the head of a request, which nginx sends at once; and for all that
 * follows: longer than the longest wait for a turn to write, and a read. */
enum { HEAD_S = 10, ANSWER_S = 100 };

/*
 * What is larger goes back to the system when it is freed. Left to itself,
 * malloc learns from the 19 MB that the hash of a password takes to keep as
 * much in each worker for ever.
 */
enum { GIVE_BACK_BYTES = 1 << 20 };

static volatile sig_atomic_t stop;

static void on_signal(int signal_number)
{
	(void)signal_number;
	stop = 1;
}

static void on_alarm(int signal_number)
{
	static const char text[] = PROGRAM ": hung in a request, ends itself\n";

	(void)signal_number;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

static void end_without_memory(void)
{
	log_line(LOG_AT_ERROR, "out of memory, ends itself");
	_exit(1);
}

/* Block what ends us; *waiting is the mask to wait with. */
static int prepare_signals(sigset_t *waiting)
{
	static const int ends[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1};
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked, alarm_only;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaddset(&blocked, ends[i]);
		if (sigaction(ends[i], &action, NULL) != 0)
			return -1;
	}
	action.sa_handler = on_alarm;
	if (sigaction(SIGALRM, &action, NULL) != 0)
		return -1;
	action.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &action, NULL) != 0 ||
	    sigaction(SIGXFSZ, &action, NULL) != 0 ||
	    /* Jobs are nobody's to wait for. */
	    sigaction(SIGCHLD, &action, NULL) != 0)
		return -1;
	if (sigprocmask(SIG_BLOCK, &blocked, waiting) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigdelset(waiting, ends[i]);
	sigdelset(waiting, SIGALRM);
	return sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
}

/*
 * Take a signal that is pending. epoll_pwait() lets none in when a request
 * waits already, so a worker under full load would not hear that it shall end.
 */
static void hear_signals(const sigset_t *waiting)
{
	sigset_t blocked;

	(void)sigprocmask(SIG_SETMASK, waiting, &blocked);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/*
 * What tells of requests that wait; -1: there is none. All workers look at the
 * same socket: "exclusive" wakes one of them for a request, where poll() would
 * wake all who sleep, to find that there is nothing left for them.
 */
static int watch_listener(void)
{
	struct epoll_event listener = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int watch = epoll_create1(EPOLL_CLOEXEC);

	if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, 0, &listener) == 0)
		return watch;
	close(watch);
	return -1;
}

/* True: a request waits to be accepted. */
static bool wait_for_request(int watch, const sigset_t *waiting)
{
	struct epoll_event ready;

	return epoll_pwait(watch, &ready, 1, -1, waiting) > 0;
}

static bool try_again(int rc)
{
	return rc == -EAGAIN || rc == -EINTR || rc == -ECONNABORTED;
}

static int serve(struct app *app, const sigset_t *waiting)
{
	int64_t served = 0, most = app->config->worker_max_requests;
	int watch = watch_listener(), rc;
	FCGX_Request fcgi;

	if (watch < 0 || FCGX_Init() != 0 ||
	    FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		log_line(LOG_AT_ERROR, "FastCGI could not be started");
		return 1;
	}
	/* Another worker may take the request that woke this one. */
	(void)fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
	while (!stop && !app->leave && (most == 0 || served < most)) {
		if (!wait_for_request(watch, waiting))
			continue;
		alarm(HEAD_S);
		rc = FCGX_Accept_r(&fcgi);
		alarm(rc < 0 ? 0 : ANSWER_S);
		if (try_again(rc))
			continue;
		if (rc < 0) {
			log_line(LOG_AT_ERROR, "accept failed: %d", rc);
			break;
		}
		fcgi_io_serve(app, &fcgi);
		alarm(0);
		app_after(app);
		served++;
		hear_signals(waiting);
	}
	return app->leave ? 1 : 0;
}

static const char help[] =
    "Usage: dum-api [--config FILE]\n"
    "\n"
    "Answer requests of the Data Usage Monitor's API. It speaks FastCGI on "
    "the\n"
    "socket that it gets as standard input; spawn-fcgi makes it, and "
    "multiwatch\n"
    "keeps several of these running:\n"
    "\n"
    "  spawn-fcgi -n -s /run/data-usage-monitor/api.sock -M 0660 -- \\\n"
    "    /usr/bin/multiwatch -f 2 -r 1000000 -t 100 -s TERM -- \\\n"
    "    /usr/lib/data-usage-monitor/dum-api\n"
    "\n"
    "Options:\n"
    "  --config FILE   settings (else $DUM_CONFIG, else\n"
    "                  " CONFIG_DEFAULT_PATH ")\n"
    "  --help          this text\n"
    "  --version       print the version\n"
    "\n"
    "TERM, INT, QUIT and HUP end it after the request at hand.\n";

static const char *settings_path(const char *given)
{
	if (given == NULL)
		given = getenv("DUM_CONFIG");
	return given != NULL ? given : CONFIG_DEFAULT_PATH;
}

static enum dum_status load_config(struct config *config, const char *path,
                                   struct dum_error *err)
{
	enum dum_status status;

	status = config_init(config, err);
	if (status == DUM_OK)
		status = config_read_file(config, path, err);
	if (status == DUM_OK)
		status = config_read_environment(config, err);
	if (status == DUM_OK)
		status = clock_set_zone(config->timezone, err);
	if (status == DUM_OK)
		status = log_open(
		    config->log_file,
		    (enum log_level)log_level_find(config->log_level), PROGRAM,
		    err);
	if (status != DUM_OK && err->line > 0)
		log_line(LOG_AT_ERROR, "%s:%d: %s", path, err->line, err->text);
	else if (status != DUM_OK)
		log_line(LOG_AT_ERROR, "%s", err->text);
	return status;
}

static void log_finding(void *arg, const struct finding *finding)
{
	bool *closed = arg;

	if (finding->level == FINDING_OK)
		return;
	log_line(finding->level == FINDING_PROBLEM ? LOG_AT_ERROR
	                                           : LOG_AT_WARNING,
	         "%s; %s", finding->text, finding->advice);
	if (finding->level == FINDING_PROBLEM)
		*closed = false;
}

/*
 * The pool starts a worker that ended anew, at once: not a thousand a second.
 */
static bool files_are_closed(const struct config *config, const char *path)
{
	bool closed = true;
	const struct finder to = {.fn = log_finding, .arg = &closed};

	file_check(config, path, &to);
	if (!closed)
		sleep(1);
	return closed;
}

/* -1: go on; else the exit status. */
static int read_arguments(int argc, char **argv, const char **config_path)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0;
		if (option == 'V')
			return printf("%s %s\n", PROGRAM, DUM_VERSION) < 0;
		if (option != 'c')
			return 2;
		*config_path = optarg;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: unexpected argument '%s'\n", PROGRAM,
	        argv[optind]);
	return 2;
}

int main(int argc, char **argv)
{
	const char *config_path = NULL;
	struct dum_error err = {0};
	struct config config;
	sigset_t waiting;
	struct app app;
	int rc;

	rc = read_arguments(argc, argv, &config_path);
	if (rc >= 0)
		return rc;
	config_path = settings_path(config_path);
	if (load_config(&config, config_path, &err) != DUM_OK)
		return 2;
	if (FCGX_IsCGI()) {
		fprintf(stderr,
		        "%s: standard input is no listening socket; see "
		        "'%s --help'\n",
		        PROGRAM, PROGRAM);
		return 2;
	}
	if (!files_are_closed(&config, config_path))
		return 1;
	if (prepare_signals(&waiting) != 0) {
		log_line(LOG_AT_ERROR, "signals: %s", strerror(errno));
		return 1;
	}
	(void)mallopt(M_MMAP_THRESHOLD, GIVE_BACK_BYTES);
	gcrypt_end_by(end_without_memory);
	app_init(&app, &config, config_path);
	rc = serve(&app, &waiting);
	app_release(&app);
	config_release(&config);
	return rc;
}
