#include "fcgi_io.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "problem.h"

/* For nginx to take one piece of a file. */
enum { PIECE_S = 60 };

static size_t read_body(void *arg, char *buf, size_t size)
{
	FCGX_Stream *in = arg;
	int n;

	if (size > INT_MAX)
		size = INT_MAX;
	n = FCGX_GetStr(buf, (int)size, in);
	return n > 0 ? (size_t)n : 0;
}

static bool write_out(void *arg, const char *data, size_t len)
{
	FCGX_Stream *out = arg;

	while (len > 0) {
		int size = len > INT_MAX ? INT_MAX : (int)len;

		if (FCGX_PutStr(data, size, out) != size)
			return false;
		data += size;
		len -= (size_t)size;
	}
	return true;
}

static const char *param(const FCGX_Request *fcgi, const char *name)
{
	const char *value = FCGX_GetParam(name, fcgi->envp);

	return value != NULL ? value : "";
}

/*
 * A header that makes a change safe. There and empty, as by a variable that a
 * script forgot to set, it is not left out: a blank is no key and no tag.
 */
static const char *safeguard(const FCGX_Request *fcgi, const char *name)
{
	const char *value = FCGX_GetParam(name, fcgi->envp);

	return value != NULL && *value == '\0' ? " " : param(fcgi, name);
}

static enum dum_status read_head(struct request *req, FCGX_Request *fcgi,
                                 struct dum_error *err)
{
	enum dum_status status;

	status = request_init(
	    req, param(fcgi, "REQUEST_METHOD"), param(fcgi, "REQUEST_URI"),
	    param(fcgi, "CONTENT_LENGTH"), param(fcgi, "REQUEST_ID"), err);
	req->headers = (struct request_headers){
	    .content_type = param(fcgi, "CONTENT_TYPE"),
	    .cookie = param(fcgi, "HTTP_COOKIE"),
	    .authorization = param(fcgi, "HTTP_AUTHORIZATION"),
	    .csrf_token = param(fcgi, "HTTP_X_CSRF_TOKEN"),
	    .host = param(fcgi, "HTTP_HOST"),
	    .origin = param(fcgi, "HTTP_ORIGIN"),
	    .fetch_site = param(fcgi, "HTTP_SEC_FETCH_SITE"),
	    .request_method = param(fcgi, "HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
	    .if_none_match = param(fcgi, "HTTP_IF_NONE_MATCH"),
	    .if_match = safeguard(fcgi, "HTTP_IF_MATCH"),
	    .idempotency_key = safeguard(fcgi, "HTTP_IDEMPOTENCY_KEY"),
	    .accept = param(fcgi, "HTTP_ACCEPT"),
	    .agent = param(fcgi, "HTTP_USER_AGENT"),
	};
	req->address = param(fcgi, "REMOTE_ADDR");
	req->guard_only = *param(fcgi, "DUM_GUARD_ONLY") != '\0';
	req->read = read_body;
	req->read_arg = fcgi->in;
	return status;
}

/* libfcgi takes parameters that end in the middle for whole ones. */
static bool arrived_whole(FCGX_Request *fcgi)
{
	return FCGX_GetError(fcgi->in) == 0 &&
	       FCGX_GetParam("REQUEST_METHOD", fcgi->envp) != NULL &&
	       FCGX_GetParam("REQUEST_URI", fcgi->envp) != NULL;
}

/*
 * nginx takes the end of the connection for the end of the answer, whose length
 * it does not know. A record that FastCGI has no version of is an error to it,
 * and the client hears that what it got is not whole.
 */
static void break_off(FCGX_Request *fcgi)
{
	static const unsigned char no_record[8] = {0xff};

	(void)FCGX_FFlush(fcgi->out);
	(void)!send(fcgi->ipcFd, no_record, sizeof(no_record), MSG_NOSIGNAL);
	FCGX_Free(fcgi, 1);
}

static void allow_more_time(void)
{
	alarm(PIECE_S);
}

/* What blocks and catches in a worker ends this process, as it should. */
static void hear_signals_plainly(void)
{
	static const int ends[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP};
	sigset_t all;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		(void)signal(ends[i], SIG_DFL);
	sigfillset(&all);
	(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
}

/*
 * All files but two and the standard output and error: requests, the database
 * and who watches for what are the workers'. An empty range closes nothing.
 */
static void close_others(unsigned one, unsigned other)
{
	unsigned low = one < other ? one : other;
	unsigned high = one < other ? other : one;

	close(STDIN_FILENO);
	(void)close_range(STDERR_FILENO + 1, low - 1, 0);
	(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, ~0U, 0);
}

/*
 * A file goes at the pace of whoever takes it, for hours perhaps, and is too
 * large to be put down on the way: a process of its own gets the connection,
 * and the worker is free.
 */
static void hand_over(FCGX_Request *fcgi, struct response *res)
{
	pid_t pid = fork();

	if (pid < 0) {
		log_line(LOG_AT_ERROR, "a file could not be sent: %s",
		         strerror(errno));
		res->lost = true;
		return;
	}
	if (pid > 0) {
		/* Only our end of it; the other process goes on. */
		FCGX_Detach(fcgi);
		FCGX_Free(fcgi, 1);
		return;
	}
	hear_signals_plainly();
	close_others((unsigned)fcgi->ipcFd, (unsigned)res->file);
	response_send_file(res, allow_more_time);
	if (res->lost)
		break_off(fcgi);
	else
		FCGX_Finish_r(fcgi);
	_exit(res->lost);
}

/* Is there nothing more of the request to come, nor to be read? */
static bool took_all(const FCGX_Request *fcgi, const struct request *req)
{
	int waiting = 0;

	return (req->content_length == 0 || FCGX_HasSeenEOF(fcgi->in) == EOF) &&
	       ioctl(fcgi->ipcFd, FIONREAD, &waiting) == 0 && waiting == 0;
}

/*
 * libfcgi closes its side, and then waits until nginx has read the answer and
 * closes the other: the worker sleeps, to be woken for nothing. On a Unix
 * socket what was written can be read after a close as well; but with a part of
 * the request unread a close is a reset, and then we wait.
 */
static void finish(FCGX_Request *fcgi, const struct request *req)
{
	(void)FCGX_FClose(fcgi->err);
	(void)FCGX_FClose(fcgi->out);
	if (took_all(fcgi, req))
		FCGX_Detach(fcgi); /* closed without the wait */
	FCGX_Free(fcgi, 1);
}

void fcgi_io_serve(struct app *app, FCGX_Request *fcgi)
{
	struct dum_error err = {0};
	struct response res;
	struct request req;
	enum dum_status status;

	if (!arrived_whole(fcgi)) {
		log_line(LOG_AT_WARNING, "a request arrived in part");
		FCGX_Free(fcgi, 1);
		return;
	}
	response_init(&res, write_out, fcgi->out);
	status = read_head(&req, fcgi, &err);
	if (status == DUM_OK) {
		app_handle(app, &req, &res);
	} else {
		problem_error(&res, &req, status, &err);
		response_finish(&res);
	}
	if (!res.lost && res.file >= 0 && !res.head_only)
		hand_over(fcgi, &res);
	else if (!res.lost)
		finish(fcgi, &req);
	if (res.lost)
		break_off(fcgi);
	response_release(&res);
	request_release(&req);
}
