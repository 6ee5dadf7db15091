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
	int64_t present;       /* location-days of active locations */
	int64_t days;          /* location-days with a record */
	int64_t previous_days; /* the same, before */
};

/* Total of a range: of every location, and the days of the active ones. */
struct range_sum {
	struct byte_sum bytes;
	int64_t days;
	int64_t active_days;
};

static enum dum_status add_total(void *arg, const struct usage_total *total,
                                 struct dum_error *err)
{
	struct range_sum *sum = arg;

	(void)err;
	byte_sum_add(&sum->bytes, 0, total->bytes);
	sum->days += total->days;
	if (total->is_active)
		sum->active_days += total->days;
	return DUM_OK;
}

/* Does a location come before another in the list of the largest? */
static bool is_larger(const struct usage_total *a, const struct top *b)
{
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes;
	return strcmp(a->display_name, b->name) < 0;
}

static enum dum_status add_top(void *arg, const struct usage_total *total,
                               struct dum_error *err)
{
	struct overview *o = arg;
	int at = o->top_count;
	char *name;

	while (at > 0 && is_larger(total, &o->tops[at - 1]))
		at--;
	if (total->bytes == 0 || at == TOP_LOCATIONS)
		return DUM_OK;
	name = strdup(total->display_name);
	if (name == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (o->top_count == TOP_LOCATIONS)
		free(o->tops[--o->top_count].name);
	memmove(&o->tops[at + 1], &o->tops[at],
	        (size_t)(o->top_count - at) * sizeof(o->tops[0]));
	o->tops[at] = (struct top){.bytes = total->bytes, .name = name};
	o->top_count++;
	return DUM_OK;
}

static enum dum_status read_cycle(struct overview *o, struct app *app,
                                  struct date today, struct dum_error *err)
{
	struct range_sum now = {.days = 0}, before = {.days = 0};
	struct cycle_settings settings;
	struct cycle previous;
	enum dum_status status;
	struct date until;

	status = cycle_settings_load(&settings, app->db, 0,
	                             (int)app->config->billing_cycle_day, err);
	if (status != DUM_OK)
		return status;
	o->cycle = cycle_of(&settings.plan, today);
	previous = cycle_before(&settings.plan, o->cycle);
	cycle_settings_release(&settings);
	o->elapsed = date_diff(o->cycle.start, today) + 1;
	until = date_add(previous.start, o->elapsed);
	if (date_cmp(until, previous.end) > 0)
		until = previous.end;
	status = usage_total_each(app->db, o->cycle.start, date_add(today, 1),
	                          add_total, &now, err);
	if (status == DUM_OK)
		status = usage_total_each(app->db, previous.start, until,
		                          add_total, &before, err);
	o->total = now.bytes;
	o->present = now.active_days;
	o->days = now.days;
	o->previous = before.bytes;
	o->previous_days = before.days;
	return status;
}

static enum dum_status read_overview(struct overview *o, struct app *app,
                                     struct dum_error *err)
{
	struct date today = app_today(app), tomorrow = date_add(today, 1);
	struct usage_filter recent = {.from = date_add(today, 1 - RECENT_DAYS),
	                              .until = tomorrow};
	struct usage_filter all = {.location_id = 0};
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
		status = usage_total_each(db, date_add(today, 1 - TOP_DAYS),
		                          tomorrow, add_top, o, err);
	if (status == DUM_OK)
		status = read_cycle(o, app, today, err);
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
	if (o->days == 0 || o->previous_days == 0 ||
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
	if (o->previous_days > 0)
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
