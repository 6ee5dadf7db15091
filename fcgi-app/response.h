#ifndef DUM_APP_RESPONSE_H
#define DUM_APP_RESPONSE_H
/*
 * response - one HTTP answer: status, headers, and a body that may be longer
 * than memory should hold.
 *
 * A body is collected in .body. A list without an end in sight calls
 * response_flush_if_large() between rows: past 32 KiB the head goes out and the
 * body follows piece by piece. What is small is sent whole, with its length.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "request.h"

/* Takes bytes of the answer, head included; false: the peer is gone. */
typedef bool (*response_write_fn)(void *arg, const char *data, size_t len);

struct response {
	int status;
	const char *content_type;
	struct strbuf headers; /* lines, each with CRLF */
	struct strbuf body;
	response_write_fn write;
	void *write_arg;
	bool head_only; /* answer to HEAD: the body is left out */
	bool started;   /* the head is out; the status can not change */
	bool lost;      /* the peer is gone, or a list broke off */
};

void response_init(struct response *res, response_write_fn write, void *arg);
void response_release(struct response *res);

/*
 * Add a header. A value with a control character is left out: nothing that
 * came from a client can make a header of its own.
 */
void response_header(struct response *res, const char *name, const char *value);

/* Send what is there when it is much. False: stop, nobody listens. */
bool response_flush_if_large(struct response *res);

/* Send what is left. */
void response_finish(struct response *res);

/*
 * Make it the answer to an error: application/problem+json (RFC 9457). The one
 * place that knows which status stands for which error. The text of an
 * internal error stays out of it; the caller logs that.
 */
void response_error(struct response *res, const struct request *req,
                    enum dum_status status, const struct dum_error *err);

/* The same for what HTTP itself refuses: 404, 405, 413, 415. */
void response_problem(struct response *res, const struct request *req,
                      int http_status, const char *detail);

/* Words that go with a status: "Not Found". */
const char *response_title(int http_status);

#endif
