#ifndef DUM_APP_GUARD_H
#define DUM_APP_GUARD_H
/* guard - may this caller use this route? Asked before anything else of it. */
#include "route.h"

/* DUM_OK, or DUM_EAUTH with a text for the caller. */
DUM_MUST_CHECK enum dum_status guard_check(const struct route *route,
                                           const struct request *req,
                                           struct dum_error *err);

#endif
