#include "store/cycle_total.h"

#include <string.h>

#include "store/cycle_setting.h"
#include "store/location.h"
#include "store/query.h"
#include "store/usage_total.h"

struct lister {
	struct db *db;
	int64_t location_id;
	int64_t locations; /* active; 1 where it is about one */
	bool any;          /* there are records, from first on */
	struct date first, today;
};

static enum dum_status find_first(struct lister *l, struct dum_error *err)
{
	struct date last;
	struct query q;

	if (l->location_id == 0)
		return usage_range(&l->any, &l->first, &last, l->db, err);
	query_start(&q, l->db, SQL_CYCLE_FIRST_DAY_LOCATION, err);
	query_bind_int(&q, ":location_id", l->location_id);
	while (query_row(&q)) {
		const char *text = query_text(&q, 0);

		l->any = !query_is_null(&q, 0);
		if (l->any && !date_parse(&l->first, text, strlen(text)))
			query_fail(&q, error_set(err, DUM_EDAMAGED,
			                         "daily_usage: '%.20s' is no "
			                         "date",
			                         text));
	}
	return query_end(&q);
}

static enum dum_status count_locations(struct lister *l, struct dum_error *err)
{
	struct location location;

	l->locations = 1;
	if (l->location_id == 0)
		return location_count(&l->locations, l->db, err);
	return location_get(&location, l->db, l->location_id, err);
}

static enum dum_status add_location(void *arg, const struct usage_total *total,
                                    struct dum_error *err)
{
	struct cycle_total *out = arg;

	(void)err;
	byte_sum_add(&out->total, 0, total->bytes);
	out->days += total->days;
	if (total->is_active)
		out->present += total->days;
	return DUM_OK;
}

static enum dum_status sum(struct cycle_total *out, const struct lister *l,
                           struct date until, struct dum_error *err)
{
	struct query q;

	if (l->location_id == 0)
		return usage_total_each(l->db, out->cycle.start, until,
		                        add_location, out, err);
	query_start(&q, l->db, SQL_CYCLE_TOTAL_LOCATION, err);
	query_bind_int(&q, ":location_id", l->location_id);
	query_bind_date(&q, ":from", out->cycle.start);
	query_bind_date(&q, ":until", until);
	while (query_row(&q)) {
		out->days = query_int(&q, 0);
		out->present = out->days;
		byte_sum_add(&out->total, 0, query_int(&q, 1));
	}
	return query_end(&q);
}

static enum dum_status list(const struct lister *l,
                            const struct cycle_plan *plan, int limit,
                            cycle_total_fn fn, void *arg, struct dum_error *err)
{
	struct cycle cycle = cycle_of(plan, l->today);
	struct date tomorrow = date_add(l->today, 1);
	enum dum_status status = DUM_OK;

	for (int i = 0; i < limit && status == DUM_OK; i++) {
		struct cycle_total total = {
		    .cycle = cycle, .is_stub = cycle_is_stub(plan, cycle)};
		struct date until = cycle.end;

		/* The newest is told of even if nothing is known of it. */
		if (i > 0 && (!l->any || date_cmp(cycle.end, l->first) <= 0))
			break;
		if (date_cmp(until, tomorrow) > 0)
			until = tomorrow;
		total.expected = l->locations * date_diff(cycle.start, until);
		status = sum(&total, l, until, err);
		if (status == DUM_OK)
			status = fn(arg, &total, err);
		if (cycle.start.year == DATE_YEAR_MIN)
			break; /* nothing lies before it */
		cycle = cycle_before(plan, cycle);
	}
	return status;
}

enum dum_status cycle_total_each(struct db *db, int64_t location_id,
                                 int first_day, struct date today, int limit,
                                 cycle_total_fn fn, void *arg,
                                 struct dum_error *err)
{
	struct lister l = {
	    .db = db, .location_id = location_id, .today = today};
	struct cycle_settings settings;
	enum dum_status status;

	status = count_locations(&l, err);
	if (status == DUM_OK)
		status = find_first(&l, err);
	if (status == DUM_OK)
		status = cycle_settings_load(&settings, db, location_id,
		                             first_day, err);
	if (status != DUM_OK)
		return status;
	status = list(&l, &settings.plan, limit, fn, arg, err);
	cycle_settings_release(&settings);
	return status;
}
