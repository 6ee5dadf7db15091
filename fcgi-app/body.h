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

enum { BODY_DEPTH_MAX = 32, BODY_ITEMS_MAX = 10000 };

/*
 * Parse req->body into req->json and read its members; values has a place for
 * each row of the table.
 */
DUM_MUST_CHECK enum dum_status body_read(struct member_value *values,
                                         const struct member *table,
                                         struct request *req,
                                         struct dum_error *err);

/*
 * A body that is an array of such objects, at most BODY_ITEMS_MAX, read one by
 * one, so that memory holds one of them:
 *
 *	struct body_items items = {.req = req};
 *
 *	while (status == DUM_OK && body_next(values, &items, table, &status, err))
 *		...
 *
 * items.count is the number of the item at hand, from 1; what is wrong from
 * then on is in it. Texts and ids live until the next one.
 */
struct body_items {
	struct request *req;
	size_t at;
	int count;
};

/* The first character that is none of JSON's blanks is a bracket. */
bool body_is_array(const struct request *req);

/* False at the end, and on an error. An empty array is one. */
bool body_next(struct member_value *values, struct body_items *items,
               const struct member *table, enum dum_status *status,
               struct dum_error *err);

#endif
