/*
 * /api/dashboard/overview: how the billing cycle stands. Its cost follows the
 * number of locations and the days of the cycle, not the length of history.
 *
 * The cycle is counted up to today: a day entered ahead is not used yet. The
 * comparison takes as many days of the cycle before, or all of it where it was
 * shorter.
 */
#include "res/resources.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "res/parts.h"
#include "store/cycle_setting.h"
#include "store/location.h"
#include "store/usage.h"
#include "store/usage_total.h"

enum { TOP_LOCATIONS = 10, TOP_DAYS = 30, RECENT_DAYS = 7 };

/* One place among the largest locations. */
struct top {
	int64_t bytes;
	char *name; /* owned */
};

struct overview {
	int64_t locations, records, recent;
	struct date first, last; /* year 0: there are no records */
	struct top tops[TOP_LOCATIONS];
	int top_count;
	struct cycle cycle;
	int elapsed; /* days of the cycle, today included */
	struct byte_sum total, previous;
	int64_t present; /* location-days of active locations */
	int64_t days;    /* location-days with a record */
	bool previous_known;
};

/* Does a location come before another in the list of the largest? */
static bool is_larger(const struct usage_standing *a, const struct top *b)
{
	if (a->recent != b->bytes)
		return a->recent > b->bytes;
	return strcmp(a->display_name, b->name) < 0;
}

static enum dum_status add_top(struct overview *o,
                               const struct usage_standing *standing,
                               struct dum_error *err)
{
	int at = o->top_count;
	char *name;

	while (at > 0 && is_larger(standing, &o->tops[at - 1]))
		at--;
	if (standing->recent == 0 || at == TOP_LOCATIONS)
		return DUM_OK;
	name = strdup(standing->display_name);
	if (name == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (o->top_count == TOP_LOCATIONS)
		free(o->tops[--o->top_count].name);
	memmove(&o->tops[at + 1], &o->tops[at],
	        (size_t)(o->top_count - at) * sizeof(o->tops[0]));
	o->tops[at] = (struct top){.bytes = standing->recent, .name = name};
	o->top_count++;
	return DUM_OK;
}

static enum dum_status add_standing(void *arg,
                                    const struct usage_standing *standing,
                                    struct dum_error *err)
{
	struct overview *o = arg;

	byte_sum_add(&o->total, 0, standing->now);
	byte_sum_add(&o->previous, 0, standing->before);
	o->days += standing->now_days;
	if (standing->is_active)
		o->present += standing->now_days;
	o->previous_known |= standing->before_known;
	return add_top(o, standing, err);
}

/* The days that count: of the cycle as of the one before, and the last ones. */
static enum dum_status find_ranges(struct usage_standing_ranges *ranges,
                                   struct overview *o, struct app *app,
                                   struct date today, struct dum_error *err)
{
	struct cycle_settings settings;
	struct cycle previous;
	enum dum_status status;

	status = cycle_settings_load(&settings, app->db, 0,
	                             (int)app->config->billing_cycle_day, err);
	if (status != DUM_OK)
		return status;
	o->cycle = cycle_of(&settings.plan, today);
	previous = cycle_before(&settings.plan, o->cycle);
	cycle_settings_release(&settings);
	o->elapsed = date_diff(o->cycle.start, today) + 1;
	ranges->recent_from = date_add(today, 1 - TOP_DAYS);
	ranges->now_from = o->cycle.start;
	ranges->until = date_add(today, 1);
	ranges->before_from = previous.start;
	ranges->before_until = date_add(previous.start, o->elapsed);
	if (date_cmp(ranges->before_until, previous.end) > 0)
		ranges->before_until = previous.end;
	return DUM_OK;
}

static enum dum_status read_overview(struct overview *o, struct app *app,
                                     struct dum_error *err)
{
	struct date today = app_today(app);
	struct usage_filter recent = {.from = date_add(today, 1 - RECENT_DAYS),
	                              .until = date_add(today, 1)};
	struct usage_filter all = {.location_id = 0};
	struct usage_standing_ranges ranges;
	struct db *db = app->db;
	enum dum_status status;
	bool any;

	status = location_count(&o->locations, db, err);
	if (status == DUM_OK)
		status = usage_count(&o->records, db, &all, err);
	if (status == DUM_OK)
		status = usage_count(&o->recent, db, &recent, err);
	if (status == DUM_OK)
		status = usage_range(&any, &o->first, &o->last, db, err);
	if (status == DUM_OK)
		status = find_ranges(&ranges, o, app, today, err);
	if (status == DUM_OK)
		status = usage_standing_each(db, &ranges, add_standing, o, err);
	return status;
}

/* In tenths of a percent, rounded half away from zero. */
static void write_change(struct json_writer *w, const struct overview *o)
{
	static const struct byte_sum nothing = {0, 0};
	long double now, before, tenths;
	char text[64];
	int len;

	/* Nothing known is not zero, neither now nor then. */
	if (o->days == 0 || !o->previous_known ||
	    byte_sum_cmp(&o->previous, &nothing) == 0) {
		jsonw_member_null(w, "change_percent");
		return;
	}
	now = (long double)o->total.gb * BYTES_PER_GB +
	      (long double)o->total.rest;
	before = (long double)o->previous.gb * BYTES_PER_GB +
	         (long double)o->previous.rest;
	tenths = roundl((now - before) * 1000 / before);
	if (tenths == 0)
		tenths = 0; /* a little less is 0.0 too, and not -0.0 */
	len = snprintf(text, sizeof(text), "%.1Lf", tenths / 10);
	jsonw_key(w, "change_percent");
	if (len > 0 && (size_t)len < sizeof(text))
		jsonw_raw(w, text, (size_t)len);
	else
		jsonw_null(w);
}

static void write_cycle(struct json_writer *w, const struct overview *o)
{
	jsonw_key(w, "cycle");
	jsonw_object_begin(w);
	parts_write_date(w, "start", o->cycle.start);
	parts_write_date(w, "end", date_add(o->cycle.end, -1));
	jsonw_member_sum_gb(w, "total_gb", &o->total);
	jsonw_member_int(w, "days_elapsed", o->elapsed);
	jsonw_member_int(w, "days_in_cycle", cycle_days(o->cycle));
	parts_write_coverage(w, o->present, o->locations * o->elapsed);
	if (o->previous_known)
		jsonw_member_sum_gb(w, "previous_same_days_gb", &o->previous);
	else
		jsonw_member_null(w, "previous_same_days_gb");
	write_change(w, o);
	jsonw_object_end(w);
}

static void write_overview(struct json_writer *w, const struct overview *o)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "total_locations", o->locations);
	jsonw_member_int(w, "total_records", o->records);
	jsonw_member_int(w, "recent_activity", o->recent);
	jsonw_key(w, "date_range");
	jsonw_object_begin(w);
	parts_write_date(w, "start", o->first);
	parts_write_date(w, "end", o->last);
	jsonw_object_end(w);
	jsonw_key(w, "top_locations");
	jsonw_array_begin(w);
	for (int i = 0; i < o->top_count; i++) {
		jsonw_object_begin(w);
		jsonw_member_string(w, "display_name", o->tops[i].name);
		jsonw_member_gb(w, "total_usage", o->tops[i].bytes);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	write_cycle(w, o);
	jsonw_object_end(w);
}

enum dum_status overview_get(struct app *app, struct request *req,
                             struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct overview overview = {.top_count = 0};
	enum dum_status status;

	(void)req;
	status = read_overview(&overview, app, err);
	if (status == DUM_OK)
		write_overview(&w, &overview);
	for (int i = 0; i < overview.top_count; i++)
		free(overview.tops[i].name);
	return status;
}
