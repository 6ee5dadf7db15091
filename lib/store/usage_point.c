#include "store/usage_point.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "store/query.h"

static enum dum_status point_each(struct db *db, enum sql_query which,
                                  struct date from, struct date until,
                                  int64_t location_id, usage_point_fn fn,
                                  void *arg, struct dum_error *err)
{
	struct usage_point point;
	struct query q;

	query_start(&q, db, which, err);
	query_bind_date(&q, ":from", from);
	query_bind_date(&q, ":until", until);
	if (location_id != 0)
		query_bind_int(&q, ":location_id", location_id);
	while (query_row(&q)) {
		point.location_id = query_int(&q, 0);
		point.display_name = query_text(&q, 1);
		point.date = query_text(&q, 2);
		point.bytes = query_int(&q, 3);
		query_fail(&q, fn(arg, &point, err));
	}
	return query_end(&q);
}

/* One location's days are in the same order either way. */
enum dum_status usage_point_each_by_location(struct db *db, struct date from,
                                             struct date until,
                                             int64_t location_id,
                                             usage_point_fn fn, void *arg,
                                             struct dum_error *err)
{
	return point_each(db,
	                  location_id != 0 ? SQL_USAGE_POINTS_OF_LOCATION
	                                   : SQL_USAGE_POINTS,
	                  from, until, location_id, fn, arg, err);
}

/*
 * By date. The index that has all that is asked goes along the locations, in
 * the order of their names; one along the days would have to look each record
 * up and sort each day (1,500 points: 0.9 ms, so 0.3). So a stretch of days at
 * a time is read by location and turned over in memory.
 */

enum {
	STRETCH_DAYS = 16,     /* the first one; more where there are few */
	STRETCH_POINTS = 32768 /* of 16 bytes, aimed at for the others */
};

struct cell {
	int32_t day;  /* of the stretch */
	int32_t site; /* index in sites */
	int64_t bytes;
};

struct site {
	int64_t id;
	size_t name; /* where it starts in names */
};

struct stretch {
	struct date from;
	int days;
	struct cell *cells; /* by location */
	size_t count, room;
	struct cell *turned; /* by day */
	struct site *sites;
	size_t site_count, site_room;
	struct strbuf names; /* each with its NUL */
};

static void release(struct stretch *s)
{
	free(s->cells);
	free(s->turned);
	free(s->sites);
	strbuf_release(&s->names);
}

/* Room for one more; false: out of memory, and all is as it was. */
static bool grow(void **items, size_t *room, size_t count, size_t size)
{
	size_t more = *room < 64 ? 64 : *room * 2;
	void *grown;

	if (count < *room)
		return true;
	grown = more > (size_t)INT32_MAX ? NULL
	                                 : reallocarray(*items, more, size);
	if (grown == NULL)
		return false;
	*items = grown;
	*room = more;
	return true;
}

static bool add_site(struct stretch *s, const struct usage_point *point)
{
	if (!grow((void **)&s->sites, &s->site_room, s->site_count,
	          sizeof(*s->sites)))
		return false;
	s->sites[s->site_count++] = (struct site){point->location_id,
	                                          s->names.len};
	strbuf_add(&s->names, point->display_name,
	           strlen(point->display_name) + 1);
	return strbuf_ok(&s->names);
}

static enum dum_status add_cell(void *arg, const struct usage_point *point,
                                struct dum_error *err)
{
	struct stretch *s = arg;
	struct date date;

	if (!date_parse(&date, point->date, DATE_TEXT_MAX - 1))
		return error_set(err, DUM_EDAMAGED,
		                 "daily_usage: '%.20s' is no date",
		                 point->date);
	if ((s->site_count == 0 ||
	     s->sites[s->site_count - 1].id != point->location_id) &&
	    !add_site(s, point))
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (!grow((void **)&s->cells, &s->room, s->count, sizeof(*s->cells)))
		return error_set(err, DUM_ENOMEM, "out of memory");
	s->cells[s->count++] = (struct cell){
	    date_diff(s->from, date), (int32_t)s->site_count - 1, point->bytes};
	return DUM_OK;
}

/* By day; those of one day stay in the order of their names. */
static enum dum_status turn_over(struct stretch *s, struct dum_error *err)
{
	size_t *next = calloc((size_t)s->days + 1, sizeof(*next));

	free(s->turned);
	s->turned = reallocarray(NULL, s->count + 1, sizeof(*s->turned));
	if (next == NULL || s->turned == NULL) {
		free(next);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < s->count; i++)
		next[s->cells[i].day + 1]++;
	for (int day = 1; day < s->days; day++)
		next[day] += next[day - 1];
	for (size_t i = 0; i < s->count; i++)
		s->turned[next[s->cells[i].day]++] = s->cells[i];
	free(next);
	return DUM_OK;
}

static enum dum_status tell(const struct stretch *s, usage_point_fn fn,
                            void *arg, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char text[DATE_TEXT_MAX];
	int day = -1;

	for (size_t i = 0; i < s->count && status == DUM_OK; i++) {
		const struct cell *cell = &s->turned[i];
		const struct site *site = &s->sites[cell->site];
		struct usage_point point = {site->id, s->names.buf + site->name,
		                            text, cell->bytes};

		if (cell->day != day) {
			day = cell->day;
			date_format(text, date_add(s->from, day));
		}
		status = fn(arg, &point, err);
	}
	return status;
}

/* Days for the next stretch, after what this one held. */
static int next_days(const struct stretch *s)
{
	int64_t days = s->days * 4LL;

	if (s->count > 0 &&
	    days > (int64_t)STRETCH_POINTS * s->days / (int64_t)s->count)
		days = (int64_t)STRETCH_POINTS * s->days / (int64_t)s->count;
	return days < 1 ? 1 : days > INT16_MAX ? INT16_MAX : (int)days;
}

static enum dum_status each_stretch(struct db *db, struct date from,
                                    struct date until, usage_point_fn fn,
                                    void *arg, struct dum_error *err)
{
	struct stretch s = {.from = from, .days = STRETCH_DAYS};
	enum dum_status status = DUM_OK;

	strbuf_init(&s.names);
	while (status == DUM_OK && date_cmp(s.from, until) < 0) {
		if (s.days > date_diff(s.from, until))
			s.days = date_diff(s.from, until);
		s.count = s.site_count = 0;
		strbuf_reset(&s.names);
		status = point_each(db, SQL_USAGE_POINTS, s.from,
		                    date_add(s.from, s.days), 0, add_cell, &s,
		                    err);
		if (status == DUM_OK)
			status = turn_over(&s, err);
		if (status == DUM_OK)
			status = tell(&s, fn, arg, err);
		s.from = date_add(s.from, s.days);
		s.days = next_days(&s);
	}
	release(&s);
	return status;
}

enum dum_status usage_point_each_by_date(struct db *db, struct date from,
                                         struct date until, int64_t location_id,
                                         usage_point_fn fn, void *arg,
                                         struct dum_error *err)
{
	if (location_id != 0)
		return usage_point_each_by_location(db, from, until,
		                                    location_id, fn, arg, err);
	return each_stretch(db, from, until, fn, arg, err);
}
