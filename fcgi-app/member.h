#ifndef DUM_APP_MEMBER_H
#define DUM_APP_MEMBER_H
/*
 * member - one member of a JSON body: what it must be, and its typed value.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calc/date.h"

enum member_type {
	MEMBER_TEXT,    /* one printable line of min..max characters */
	MEMBER_SECRET,  /* any text of min..max characters; never told again */
	MEMBER_BOOL,    /* .number is 0 or 1 */
	MEMBER_INT,     /* min..max */
	MEMBER_ID,      /* a positive whole number */
	MEMBER_IDS,     /* an array of min..max different ones */
	MEMBER_CHOICE,  /* one of .choices; .number is its place, from 0 */
	MEMBER_CHOICES, /* an array of some; .number has a bit for each place */
	MEMBER_DATE,    /* YYYY-MM-DD */
	MEMBER_TIME,    /* YYYY-MM-DDTHH:MM:SSZ; .number is in seconds */
	MEMBER_GB       /* gigabytes, 0..max; .number is in bytes */
};

struct member {
	const char *name; /* NULL ends a table */
	enum member_type type;
	bool required;
	bool nullable;  /* null is a value: .given, and .is_null */
	bool is_of_day; /* a MEMBER_GB: MAX_DAILY_GB at most, too */
	int64_t min, max;
	const char *const *choices; /* ends with NULL */
};

struct member_value {
	bool given;
	bool is_null;
	const char *text; /* borrowed from the request */
	int64_t number;
	struct date date;
	const int64_t *ids; /* borrowed from the request */
	size_t id_count;
};

/*
 * Read a value. Its ids are put into *ids, which the caller frees; what is
 * there is freed, so a body has at most one member of them. DUM_EINVAL with
 * the member's name as field, DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status member_read(struct member_value *out,
                                           const struct member *member,
                                           const json_t *value, int64_t **ids,
                                           struct dum_error *err);

#endif
