#ifndef DUM_APP_PROBLEM_H
#define DUM_APP_PROBLEM_H
/*
 * problem - the answer to an error: application/problem+json (RFC 9457). The
 * one place that knows which HTTP status stands for which error.
 */
#include "base/error.h"
#include "request.h"
#include "response.h"

struct problem {
	int status;
	const char *type; /* NULL: "about:blank", the status says it all */
	const char *detail;
	const struct dum_error *input; /* names the member at fault; NULL */
	bool code_required;            /* the log-in lacks the second factor */
	const struct strbuf *members;  /* more of them, as JSON; NULL */
};

/* Make it the answer; what was collected before is dropped. */
void problem_write(struct response *res, const struct request *req,
                   const struct problem *problem);

/*
 * The problem that an error is. DUM_EAUTH is 401 as long as nobody is known to
 * have asked, and 403 after; DUM_EBUSY is 429 where res->retry_after_s says
 * how long the caller has to wait for his own doing, and 503 otherwise. The
 * text of an internal error stays out of it; the caller logs that.
 */
void problem_error(struct response *res, const struct request *req,
                   enum dum_status status, const struct dum_error *err);

/* What HTTP itself refuses: 404, 405, 413, 415. */
void problem_http(struct response *res, const struct request *req,
                  int http_status, const char *detail);

#endif
