#ifndef DUM_STORE_USAGE_POINT_H
#define DUM_STORE_USAGE_POINT_H
/*
 * usage_point - the days of a chart. A list costs as many steps as there are
 * locations and days in its range, never more with a longer history.
 *
 * Ranges of days are half-open: from is in them, until is not.
 */
#include "store/usage.h"

/* One day of one location; texts live until fn returns. */
struct usage_point {
	int64_t location_id;
	const char *display_name;
	const char *date; /* YYYY-MM-DD */
	int64_t bytes;
};

typedef enum dum_status (*usage_point_fn)(void *arg,
                                          const struct usage_point *point,
                                          struct dum_error *err);

/*
 * By date, then display name, then id. location_id 0: all; then it takes
 * several looks at the database, which are one inside of db_read_begin().
 */
DUM_MUST_CHECK enum dum_status usage_point_each_by_date(
    struct db *db, struct date from, struct date until, int64_t location_id,
    usage_point_fn fn, void *arg, struct dum_error *err);

/* By display name, then location id, then date. location_id 0: all. */
DUM_MUST_CHECK enum dum_status usage_point_each_by_location(
    struct db *db, struct date from, struct date until, int64_t location_id,
    usage_point_fn fn, void *arg, struct dum_error *err);

#endif
