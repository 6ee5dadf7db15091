#ifndef DUM_APP_INPUT_H
#define DUM_APP_INPUT_H
/*
 * input - all that a client sent, as typed values and within the limits of the
 * route, before anything is made of it.
 */
#include "app.h"
#include "route.h"

/* Is the body of a kind that the route takes? False: 415 is the answer. */
bool input_fits(const struct route *route, const struct request *req,
                struct response *res);

/*
 * Read query and body into req: parameters, members, whether the answer is to
 * be text/csv. The body of BODY_CSV is left as it is, in memory or in a file.
 * False: the answer is written already.
 */
bool input_take(struct app *app, const struct route *route, struct request *req,
                struct response *res);

#endif
