#ifndef DUM_STORE_USAGE_DAYS_H
#define DUM_STORE_USAGE_DAYS_H
/*
 * usage_days - all days in the order of the calendar, for who reads them all.
 */
#include "store/usage.h"

struct usage_day {
	const char *date; /* YYYY-MM-DD; lives until fn returns */
	int64_t location_id;
	int64_t bytes;
};

typedef enum dum_status (*usage_day_fn)(void *arg, const struct usage_day *day,
                                        struct dum_error *err);

/* By date, then location id. */
DUM_MUST_CHECK enum dum_status usage_day_each(struct db *db,
                                              const struct usage_filter *filter,
                                              usage_day_fn fn, void *arg,
                                              struct dum_error *err);

#endif
