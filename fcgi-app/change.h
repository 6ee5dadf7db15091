#ifndef DUM_APP_CHANGE_H
#define DUM_APP_CHANGE_H
/*
 * change - a change of data by a request: db_begin() and db_commit() with what
 * HTTP adds to them.
 *
 *	if (!change_begin(app, req, res, &status, err))
 *		return status;
 *	... the change, then the whole answer into res ...
 *	if (status == DUM_OK)
 *		status = change_commit(app, req, res, err);
 *	return status;
 *
 * A request may carry an Idempotency-Key. Its answer is kept for a day in the
 * transaction of the change, and who repeats the request gets that answer
 * again and changes nothing. An error is not kept: it changed nothing.
 */
#include "app.h"

/*
 * False: the answer is written already (that of the first time, or 422 where
 * the key was used with another request), or *status says what went wrong.
 */
bool change_begin(struct app *app, struct request *req, struct response *res,
                  enum dum_status *status, struct dum_error *err);

/* The status, the body, the headers and the tag of res are final. */
DUM_MUST_CHECK enum dum_status change_commit(struct app *app,
                                             struct request *req,
                                             const struct response *res,
                                             struct dum_error *err);

#endif
