#ifndef DUM_APP_PARAM_H
#define DUM_APP_PARAM_H
/*
 * param - query parameters, read by a table into typed values.
 *
 * Unknown and repeated names, bad escapes, NUL bytes and values out of range
 * are errors that name the parameter; nothing is silently made to fit.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "calc/date.h"

enum param_type {
	PARAM_INT,    /* min..max */
	PARAM_BOOL,   /* true or false */
	PARAM_DATE,   /* YYYY-MM-DD */
	PARAM_CHOICE, /* one of .choices; the value is its number from 0 */
	PARAM_TEXT,   /* one printable line of 1..max characters */
};

struct param {
	const char *name; /* NULL ends a table */
	enum param_type type;
	int64_t min, max;
	int64_t initial;            /* where it is not given; dates: year 0 */
	const char *const *choices; /* ends with NULL */
};

enum { PARAM_VALUE_MAX = 256 };

/* The greatest id that a parameter may name. */
#define PARAM_ID_MAX INT64_C(999999999999999999)

struct param_value {
	bool given;
	int64_t number; /* PARAM_INT, PARAM_BOOL, PARAM_CHOICE */
	struct date date;
	char text[PARAM_VALUE_MAX + 1]; /* PARAM_TEXT */
};

/*
 * Read a query, as the client sent it; values has a place for each row of the
 * table. NULL: a table without rows, so any parameter is refused.
 */
DUM_MUST_CHECK enum dum_status param_read(struct param_value *values,
                                          const struct param *table,
                                          const char *query,
                                          struct dum_error *err);

/*
 * Two days of the query as a half-open range; year 0: no bound on that side.
 * The last day that is meant is in it. DUM_EINVAL: end_date is the earlier.
 */
DUM_MUST_CHECK enum dum_status param_date_range(struct date *from,
                                                struct date *until,
                                                const struct param_value *start,
                                                const struct param_value *end,
                                                struct dum_error *err);

#endif
