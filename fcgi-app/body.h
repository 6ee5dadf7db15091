#ifndef DUM_APP_BODY_H
#define DUM_APP_BODY_H
/*
 * body - JSON bodies, read by a table into typed values.
 *
 * A body is one object. Unknown and repeated members, other types, values out
 * of range and nesting deeper than 32 are errors that name the member.
 */
#include <stdbool.h>
#include <stdint.h>

#include "calc/date.h"
#include "request.h"

enum member_type {
	MEMBER_TEXT,
	MEMBER_BOOL,
	MEMBER_ID,   /* a positive whole number */
	MEMBER_DATE, /* YYYY-MM-DD */
	MEMBER_GB,   /* gigabytes, as bytes; at most 9 decimals count */
};

struct member {
	const char *name; /* NULL ends a table */
	enum member_type type;
	bool required;
};

struct member_value {
	bool given;
	const char *text; /* borrowed from the request */
	bool yes;
	int64_t id;
	struct date date;
	int64_t bytes;
};

enum { BODY_DEPTH_MAX = 32 };

/*
 * Parse req->body into req->json and read its members; values has a place for
 * each row of the table. max_gb bounds MEMBER_GB.
 */
DUM_MUST_CHECK enum dum_status body_read(struct member_value *values,
                                         const struct member *table,
                                         struct request *req, int64_t max_gb,
                                         struct dum_error *err);

#endif
