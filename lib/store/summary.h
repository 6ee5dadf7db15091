#ifndef DUM_STORE_SUMMARY_H
#define DUM_STORE_SUMMARY_H
/*
 * summary - what somebody says a period of a location came to, such as the
 * provider's bill. It stands beside the sum of the days, never in its place.
 * At most one for each location and first day.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "calc/date.h"
#include "store/usage.h"

/* Days of the longest period: keeps the sum of its days inside 64 bits. */
enum { SUMMARY_DAYS_MAX = 366 };

#define SUMMARY_BYTES_MAX (SUMMARY_DAYS_MAX * USAGE_BYTES_MAX)

struct summary {
	int64_t id;
	struct date start, end; /* first and last day */
	int64_t location_id;
	int64_t bytes;                   /* 0..SUMMARY_BYTES_MAX */
	bool manual;                     /* false: some program computed it */
	char created_at[CLOCK_TEXT_MAX]; /* put: "": the time of the change */
	char updated_at[CLOCK_TEXT_MAX];
};

/* DUM_ENOTFOUND: there is none, or it is not for whoever asks. */
DUM_MUST_CHECK enum dum_status summary_get(struct summary *out, struct db *db,
                                           int64_t id, struct dum_error *err);
DUM_MUST_CHECK enum dum_status summary_find(struct summary *out, bool *found,
                                            struct db *db, struct date start,
                                            int64_t location_id,
                                            struct dum_error *err);

/*
 * Store one, new or over that of the same location and first day, inside
 * db_begin(); wanted->id is not looked at. DUM_EINVAL with the field: no such
 * location, a period that ends before it starts or is too long, bytes.
 */
DUM_MUST_CHECK enum dum_status summary_put(struct summary *out,
                                           enum usage_change *change_out,
                                           struct db *db,
                                           const struct summary *wanted,
                                           struct dum_error *err);

/*
 * The same for the cycle of the location that starts on `start`, by hand.
 * DUM_EINVAL with field "period_start": no cycle of it does. first_day: as
 * cycle_settings_load() takes it.
 */
DUM_MUST_CHECK enum dum_status summary_put_cycle(
    struct summary *out, enum usage_change *change_out, struct db *db,
    int64_t location_id, struct date start, int64_t bytes, int first_day,
    struct dum_error *err);

/* Take one away, inside db_begin(). DUM_ENOTFOUND: as of summary_get(). */
DUM_MUST_CHECK enum dum_status summary_delete(struct db *db, int64_t id,
                                              struct dum_error *err);

/* One beside what the days add up to; the text lives until fn returns. */
struct summary_row {
	struct summary summary;
	const char *display_name;
	int64_t days;     /* of the period that are known */
	int64_t computed; /* bytes that they add up to */
};

typedef enum dum_status (*summary_fn)(void *arg, const struct summary_row *row,
                                      struct dum_error *err);

/* Which of them; {0}: all. */
struct summary_filter {
	int64_t location_id; /* 0: of all locations */
	/* They start from the first to the last day; year 0: no bound. */
	struct date from, until;
	int64_t limit; /* at most so many; 0: all */
};

/*
 * Newest period first, then by location id. Its cost follows those that are
 * asked for.
 */
DUM_MUST_CHECK enum dum_status summary_each(struct db *db,
                                            const struct summary_filter *filter,
                                            summary_fn fn, void *arg,
                                            struct dum_error *err);

/* The same for one of them. DUM_ENOTFOUND: as of summary_get(). */
DUM_MUST_CHECK enum dum_status summary_show(struct db *db, int64_t id,
                                            summary_fn fn, void *arg,
                                            struct dum_error *err);

/*
 * Take back what made `after` out of `before` (both JSON of the journal;
 * before NULL: it was new). *touched_out: it is no longer as it was left, and
 * nothing was done. Journalled with op "undo".
 */
DUM_MUST_CHECK enum dum_status summary_undo(bool *touched_out,
                                            struct summary *out, struct db *db,
                                            const char *before,
                                            const char *after,
                                            struct dum_error *err);

#endif
