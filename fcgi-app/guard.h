#ifndef DUM_APP_GUARD_H
#define DUM_APP_GUARD_H
/*
 * guard - who is asking, and may he use this route? Asked before a body is
 * read and before a handler runs; what the row of the route leaves out is the
 * strictest.
 */
#include "app.h"
#include "credential.h"
#include "route.h"

/*
 * Find out whose credential it is: fills req->caller, and lets app->db show
 * him no more than he may see. False: the answer is written, 401 where nobody
 * has such a credential (on a public route such a one is nobody's instead), or
 * why that could not be found out.
 */
bool guard_identify(struct app *app, const struct route *route,
                    const struct credential *credential, struct request *req,
                    struct response *res);

/*
 * May req->caller do this? False: the answer is written. 403: the request came
 * from another page's script, or the caller lacks the role, the scope, or the
 * second factor that he must set up first.
 */
bool guard_admit(const struct route *route, const struct request *req,
                 struct response *res);

#endif
