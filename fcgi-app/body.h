#ifndef DUM_APP_BODY_H
#define DUM_APP_BODY_H
/*
 * body - JSON bodies, read by a table into typed values.
 *
 * A body is one object. Unknown and repeated members, other types, values out
 * of range and nesting deeper than 32 are errors that name the member.
 */
#include "member.h"
#include "request.h"

enum { BODY_DEPTH_MAX = 32 };

/*
 * Parse req->body into req->json and read its members; values has a place for
 * each row of the table.
 */
DUM_MUST_CHECK enum dum_status body_read(struct member_value *values,
                                         const struct member *table,
                                         struct request *req,
                                         struct dum_error *err);

#endif
