#include "store/summary.h"

#include <stdio.h>
#include <string.h>

#include "store/cycle_setting.h"
#include "store/location.h"
#include "store/query.h"
#include "store/summary_journal.h"

static enum dum_status bad_date(const struct summary *summary,
                                struct dum_error *err)
{
	return error_set(err, DUM_EDAMAGED,
	                 "monthly_summaries %lld: no valid date",
	                 (long long)summary->id);
}

static enum dum_status none(int64_t id, struct dum_error *err)
{
	return error_set(err, DUM_ENOTFOUND, "there is no monthly summary %lld",
	                 (long long)id);
}

static enum dum_status read_one(struct summary *out, bool *found,
                                struct query *q)
{
	struct summary s = {0};
	enum dum_status status;

	*found = false;
	while (query_row(q)) {
		*found = true;
		s.id = query_int(q, 0);
		if (!query_date(&s.start, q, 1) || !query_date(&s.end, q, 2))
			query_fail(q, bad_date(&s, q->err));
		s.location_id = query_int(q, 3);
		s.bytes = query_int(q, 4);
		s.manual = query_int(q, 5) != 0;
		snprintf(s.created_at, sizeof(s.created_at), "%s",
		         query_text(q, 6));
		snprintf(s.updated_at, sizeof(s.updated_at), "%s",
		         query_text(q, 7));
	}
	status = query_end(q);
	if (status == DUM_OK && *found)
		*out = s;
	return status;
}

enum dum_status summary_get(struct summary *out, struct db *db, int64_t id,
                            struct dum_error *err)
{
	struct summary found = {0};
	enum dum_status status;
	struct query q;
	bool any;

	query_start(&q, db, SQL_SUMMARY_GET, err);
	query_bind_int(&q, ":id", id);
	status = read_one(&found, &any, &q);
	if (status == DUM_OK && !any)
		status = none(id, err);
	if (status == DUM_OK)
		*out = found;
	return status;
}

enum dum_status summary_find(struct summary *out, bool *found, struct db *db,
                             struct date start, int64_t location_id,
                             struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SUMMARY_FIND, err);
	query_bind_date(&q, ":start", start);
	query_bind_int(&q, ":location_id", location_id);
	return read_one(out, found, &q);
}

static enum dum_status check(struct db *db, const struct summary *wanted,
                             struct dum_error *err)
{
	struct location location;
	enum dum_status status;
	int days = date_diff(wanted->start, wanted->end) + 1;

	if (days < 1 || days > SUMMARY_DAYS_MAX)
		return error_field(err, DUM_EINVAL, "period_end",
		                   "a period has 1 to %d days",
		                   SUMMARY_DAYS_MAX);
	if (wanted->bytes < 0 || wanted->bytes > SUMMARY_BYTES_MAX)
		return error_field(
		    err, DUM_EINVAL, "total_usage_gb",
		    "total_usage_gb must be from 0 to %lld",
		    (long long)(SUMMARY_BYTES_MAX / BYTES_PER_GB));
	status = location_get(&location, db, wanted->location_id, err);
	if (status == DUM_ENOTFOUND && err != NULL)
		err->status = DUM_EINVAL; /* a wrong member, not a wrong path */
	return status == DUM_ENOTFOUND ? DUM_EINVAL : status;
}

static void bind(struct query *q, const struct summary *s)
{
	query_bind_date(q, ":end", s->end);
	query_bind_int(q, ":bytes", s->bytes);
	query_bind_int(q, ":manual", s->manual);
	query_bind_text(q, ":updated_at", s->updated_at);
}

static enum dum_status insert(struct summary *added, struct db *db,
                              struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SUMMARY_INSERT, err);
	query_bind_date(&q, ":start", added->start);
	query_bind_int(&q, ":location_id", added->location_id);
	query_bind_text(&q, ":created_at", added->created_at);
	bind(&q, added);
	return query_insert(&added->id, &q);
}

static enum dum_status update(const struct summary *after, struct db *db,
                              struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SUMMARY_SET, err);
	query_bind_int(&q, ":id", after->id);
	bind(&q, after);
	return query_run(&q);
}

static bool says_the_same(const struct summary *a, const struct summary *b)
{
	return date_cmp(a->end, b->end) == 0 && a->bytes == b->bytes &&
	       a->manual == b->manual;
}

static void set_times(struct summary *after, const struct summary *before,
                      const char *at)
{
	if (before != NULL)
		memcpy(after->created_at, before->created_at,
		       sizeof(after->created_at));
	else if (after->created_at[0] == '\0')
		snprintf(after->created_at, sizeof(after->created_at), "%s",
		         at);
	if (after->updated_at[0] == '\0')
		snprintf(after->updated_at, sizeof(after->updated_at), "%s",
		         at);
}

enum dum_status summary_put(struct summary *out, enum usage_change *change_out,
                            struct db *db, const struct summary *wanted,
                            struct dum_error *err)
{
	struct summary before = {0}, after = *wanted;
	enum dum_status status = check(db, wanted, err);
	bool found = false;

	if (status == DUM_OK)
		status = summary_find(&before, &found, db, wanted->start,
		                      wanted->location_id, err);
	if (status != DUM_OK)
		return status;
	if (found && says_the_same(&before, wanted)) {
		*change_out = USAGE_SAME;
		*out = before;
		return DUM_OK;
	}
	after.id = before.id;
	set_times(&after, found ? &before : NULL, db_change_at(db));
	status = found ? update(&after, db, err) : insert(&after, db, err);
	if (status == DUM_OK)
		status = summary_journal(db, found ? "update" : "insert",
		                         found ? &before : NULL, &after, err);
	if (status != DUM_OK)
		return status;
	*change_out = found ? USAGE_CHANGED : USAGE_NEW;
	*out = after;
	return DUM_OK;
}

enum dum_status summary_delete(struct db *db, int64_t id, struct dum_error *err)
{
	struct summary before = {0};
	enum dum_status status = summary_get(&before, db, id, err);
	struct query q;

	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_SUMMARY_DELETE, err);
	query_bind_int(&q, ":id", id);
	status = query_run(&q);
	if (status == DUM_OK)
		status = summary_journal(db, "delete", &before, NULL, err);
	return status;
}

enum dum_status summary_put_cycle(struct summary *out,
                                  enum usage_change *change_out, struct db *db,
                                  int64_t location_id, struct date start,
                                  int64_t bytes, int first_day,
                                  struct dum_error *err)
{
	struct summary wanted = {.start = start,
	                         .location_id = location_id,
	                         .bytes = bytes,
	                         .manual = true};
	struct cycle_settings settings;
	enum dum_status status;
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	struct cycle cycle;

	status = cycle_settings_load(&settings, db, location_id, first_day,
	                             err);
	if (status != DUM_OK)
		return status;
	cycle = cycle_of(&settings.plan, start);
	cycle_settings_release(&settings);
	wanted.end = date_add(cycle.end, -1);
	if (date_cmp(cycle.start, start) != 0) {
		date_format(first, cycle.start);
		date_format(last, wanted.end);
		return error_field(
		    err, DUM_EINVAL, "period_start",
		    "no cycle starts on that day: it lies in the "
		    "one from %s to %s",
		    first, last);
	}
	return summary_put(out, change_out, db, &wanted, err);
}

static enum dum_status give_row(struct query *q, summary_fn fn, void *arg)
{
	struct summary_row row = {.display_name = query_text(q, 4),
	                          .days = query_int(q, 9),
	                          .computed = query_int(q, 10)};
	struct summary *s = &row.summary;

	s->id = query_int(q, 0);
	if (!query_date(&s->start, q, 1) || !query_date(&s->end, q, 2))
		return bad_date(s, q->err);
	s->location_id = query_int(q, 3);
	s->bytes = query_int(q, 5);
	s->manual = query_int(q, 6) != 0;
	snprintf(s->created_at, sizeof(s->created_at), "%s", query_text(q, 7));
	snprintf(s->updated_at, sizeof(s->updated_at), "%s", query_text(q, 8));
	return fn(arg, &row, q->err);
}

enum dum_status summary_each(struct db *db, const struct summary_filter *filter,
                             summary_fn fn, void *arg, struct dum_error *err)
{
	struct date from = {DATE_YEAR_MIN, 1, 1},
	            until = {DATE_YEAR_MAX, 12, 31};
	int64_t location_id = filter->location_id;
	struct query q;

	query_start(&q, db,
	            location_id != 0 ? SQL_SUMMARY_LIST_LOCATION
	                             : SQL_SUMMARY_LIST,
	            err);
	if (location_id != 0)
		query_bind_int(&q, ":location_id", location_id);
	query_bind_date(&q, ":from",
	                filter->from.year != 0 ? filter->from : from);
	query_bind_date(&q, ":until",
	                filter->until.year != 0 ? filter->until : until);
	query_bind_int(&q, ":limit", filter->limit > 0 ? filter->limit : -1);
	while (query_row(&q))
		query_fail(&q, give_row(&q, fn, arg));
	return query_end(&q);
}

enum dum_status summary_show(struct db *db, int64_t id, summary_fn fn,
                             void *arg, struct dum_error *err)
{
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_SUMMARY_SHOW, err);
	query_bind_int(&q, ":id", id);
	while (query_row(&q)) {
		found = true;
		query_fail(&q, give_row(&q, fn, arg));
	}
	status = query_end(&q);
	return status == DUM_OK && !found ? none(id, err) : status;
}
