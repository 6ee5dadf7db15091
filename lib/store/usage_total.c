#include "store/usage_total.h"

#include "store/query.h"

enum dum_status usage_total_each(struct db *db, struct date from,
                                 struct date until, usage_total_fn fn,
                                 void *arg, struct dum_error *err)
{
	struct usage_total total;
	struct query q;

	query_start(&q, db, SQL_USAGE_TOTALS, err);
	query_bind_date(&q, ":from", from);
	query_bind_date(&q, ":until", until);
	while (query_row(&q)) {
		total.location_id = query_int(&q, 0);
		total.display_name = query_text(&q, 1);
		total.is_active = query_int(&q, 2) != 0;
		total.days = query_int(&q, 3);
		total.bytes = query_int(&q, 4);
		query_fail(&q, fn(arg, &total, err));
	}
	return query_end(&q);
}

enum dum_status usage_standing_each(struct db *db,
                                    const struct usage_standing_ranges *ranges,
                                    usage_standing_fn fn, void *arg,
                                    struct dum_error *err)
{
	struct usage_standing standing;
	struct query q;

	query_start(&q, db, SQL_USAGE_STANDINGS, err);
	query_bind_date(&q, ":recent_from", ranges->recent_from);
	query_bind_date(&q, ":now_from", ranges->now_from);
	query_bind_date(&q, ":until", ranges->until);
	query_bind_date(&q, ":before_from", ranges->before_from);
	query_bind_date(&q, ":before_until", ranges->before_until);
	while (query_row(&q)) {
		standing.display_name = query_text(&q, 0);
		standing.is_active = query_int(&q, 1) != 0;
		standing.recent = query_int(&q, 2);
		standing.now = query_int(&q, 3);
		standing.now_days = query_int(&q, 4);
		standing.before = query_int(&q, 5);
		standing.before_known = !query_is_null(&q, 5);
		query_fail(&q, fn(arg, &standing, err));
	}
	return query_end(&q);
}
