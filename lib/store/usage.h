#ifndef DUM_STORE_USAGE_H
#define DUM_STORE_USAGE_H
/*
 * usage - the bytes that a location used on a day. At most one record for
 * each; a day without one is unknown, not zero.
 *
 * Ranges of days are half-open: from is in them, until is not.
 */
#include <stdbool.h>
#include <stdint.h>

#include "calc/date.h"
#include "store/db.h"

struct usage {
	int64_t id;
	struct date date;
	int64_t location_id;
	int64_t bytes; /* 0..USAGE_BYTES_MAX */
	char created_at[CLOCK_TEXT_MAX];
	char updated_at[CLOCK_TEXT_MAX];
};

/* The greatest MAX_DAILY_GB there can be. */
#define USAGE_BYTES_MAX INT64_C(1000000000000000)

enum usage_change { USAGE_NEW, USAGE_CHANGED, USAGE_SAME };

/* *found false: there is none, and *out is of no use. */
DUM_MUST_CHECK enum dum_status usage_find(struct usage *out, bool *found,
                                          struct db *db, struct date date,
                                          int64_t location_id,
                                          struct dum_error *err);

/* DUM_ENOTFOUND: there is none. */
DUM_MUST_CHECK enum dum_status usage_get(struct usage *out, struct db *db,
                                         int64_t id, struct dum_error *err);

/*
 * Store the use of a day, new or over what is there, inside db_begin(). An
 * equal value leaves the record and its updated_at as they are.
 * DUM_EINVAL with field "location_id": no such location.
 */
DUM_MUST_CHECK enum dum_status usage_put(struct usage *out,
                                         enum usage_change *change_out,
                                         struct db *db, struct date date,
                                         int64_t location_id, int64_t bytes,
                                         struct dum_error *err);

/* Give a record another amount, inside db_begin(). DUM_ENOTFOUND. */
DUM_MUST_CHECK enum dum_status usage_set(struct usage *out, struct db *db,
                                         int64_t id, int64_t bytes,
                                         struct dum_error *err);

/* Inside db_begin(). DUM_ENOTFOUND. */
DUM_MUST_CHECK enum dum_status usage_delete(struct db *db, int64_t id,
                                            struct dum_error *err);

/* Which records; year 0 in a date means no bound on that side. */
struct usage_filter {
	struct date from;    /* first day */
	struct date until;   /* first day that is not in */
	int64_t location_id; /* 0: all */
};

/* One record with the names of its location; texts live until fn returns. */
struct usage_row {
	int64_t id;
	const char *date; /* YYYY-MM-DD */
	int64_t location_id;
	int64_t bytes;
	const char *updated_at;
	const char *location_name;
	const char *display_name;
};

typedef enum dum_status (*usage_row_fn)(void *arg, const struct usage_row *row,
                                        struct dum_error *err);

/*
 * Newest day first, then by location id; skips `offset` records and gives at
 * most `limit`; limit -1: all.
 */
DUM_MUST_CHECK enum dum_status usage_each(struct db *db,
                                          const struct usage_filter *filter,
                                          int64_t offset, int64_t limit,
                                          usage_row_fn fn, void *arg,
                                          struct dum_error *err);

/* How many there are. Without any bound this reads counters. */
DUM_MUST_CHECK enum dum_status usage_count(int64_t *out, struct db *db,
                                           const struct usage_filter *filter,
                                           struct dum_error *err);

/* First and last day with a record; *any false when there is no record. */
DUM_MUST_CHECK enum dum_status usage_range(bool *any, struct date *first,
                                           struct date *last, struct db *db,
                                           struct dum_error *err);

#endif
