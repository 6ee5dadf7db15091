#include "store/usage_days.h"

#include "store/query.h"

/* Texts before and after every date. */
#define BEFORE_ALL ""
#define AFTER_ALL  "~"

enum dum_status usage_day_each(struct db *db, const struct usage_filter *filter,
                               usage_day_fn fn, void *arg,
                               struct dum_error *err)
{
	bool one = filter->location_id != 0;
	struct usage_day day;
	struct query q;

	query_start(&q, db, one ? SQL_USAGE_DAYS_LOCATION : SQL_USAGE_DAYS,
	            err);
	if (one)
		query_bind_int(&q, ":location_id", filter->location_id);
	if (filter->from.year != 0)
		query_bind_date(&q, ":from", filter->from);
	else
		query_bind_text(&q, ":from", BEFORE_ALL);
	if (filter->until.year != 0)
		query_bind_date(&q, ":until", filter->until);
	else
		query_bind_text(&q, ":until", AFTER_ALL);
	while (query_row(&q)) {
		day.date = query_text(&q, 0);
		day.location_id = query_int(&q, 1);
		day.bytes = query_int(&q, 2);
		query_fail(&q, fn(arg, &day, err));
	}
	return query_end(&q);
}
