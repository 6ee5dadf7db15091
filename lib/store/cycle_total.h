#ifndef DUM_STORE_CYCLE_TOTAL_H
#define DUM_STORE_CYCLE_TOTAL_H
/*
 * cycle_total - what billing cycles came to, with how many days of them are
 * known. Its cost follows the cycles asked for, not the length of history.
 */
#include "base/bytes.h"
#include "calc/cycle.h"
#include "store/db.h"

struct cycle_total {
	struct cycle cycle;
	bool is_stub;          /* cut short: cycle_is_stub() */
	struct byte_sum total; /* of the days up to today */
	int64_t days;          /* with a record, of any location */
	/*
	 * Days with a record, and those there could be: each day of the cycle
	 * up to today, of each active location where it is about all.
	 */
	int64_t present, expected;
};

typedef enum dum_status (*cycle_total_fn)(void *arg,
                                          const struct cycle_total *total,
                                          struct dum_error *err);

/*
 * The cycle that holds today first, then those before it, as far back as there
 * are records, at most `limit`. location_id 0: all together, by the cycle day
 * for all. Inside db_read_begin(). DUM_ENOTFOUND: no such location. first_day:
 * as cycle_settings_load() takes it.
 */
DUM_MUST_CHECK enum dum_status cycle_total_each(
    struct db *db, int64_t location_id, int first_day, struct date today,
    int limit, cycle_total_fn fn, void *arg, struct dum_error *err);

#endif
