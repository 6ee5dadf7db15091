#ifndef DUM_STORE_USAGE_TOTAL_H
#define DUM_STORE_USAGE_TOTAL_H
/*
 * usage_total - sums over days. Each costs as many steps as there are
 * locations and days in the range, never more with a longer history.
 *
 * Ranges of days are half-open: from is in them, until is not.
 */
#include "store/usage.h"

/* What one location came to in a range; texts live until fn returns. */
struct usage_total {
	int64_t location_id;
	const char *display_name;
	bool is_active;
	int64_t days; /* with a record */
	int64_t bytes;
};

typedef enum dum_status (*usage_total_fn)(void *arg,
                                          const struct usage_total *total,
                                          struct dum_error *err);

/* All locations, active or not, by id; also those without a record. */
DUM_MUST_CHECK enum dum_status usage_total_each(struct db *db, struct date from,
                                                struct date until,
                                                usage_total_fn fn, void *arg,
                                                struct dum_error *err);

/*
 * Where one location stands: what it came to lately, in the billing cycle so
 * far, and in the cycle before. Its days are looked at in one go, since with a
 * long history each location lies on pages of its own (three lists, one after
 * the other, read them three times).
 */
struct usage_standing {
	const char *display_name; /* lives until fn returns */
	bool is_active;
	int64_t recent; /* bytes */
	int64_t now;
	int64_t now_days; /* with a record */
	int64_t before;
	bool before_known; /* is there a record? */
};

struct usage_standing_ranges {
	struct date recent_from, now_from, until; /* until ends both */
	struct date before_from, before_until;
};

typedef enum dum_status (*usage_standing_fn)(
    void *arg, const struct usage_standing *standing, struct dum_error *err);

/* All locations, as usage_total_each(). */
DUM_MUST_CHECK enum dum_status usage_standing_each(
    struct db *db, const struct usage_standing_ranges *ranges,
    usage_standing_fn fn, void *arg, struct dum_error *err);

#endif
