/*
 * POST /api/data/daily-usage with an array: many days at once, all or nothing.
 * All of it is read and held against itself before the change begins, so that
 * others do not wait for that.
 */
#include "res/usage_parts.h"

#include <stdlib.h>

#include "body.h"
#include "change.h"
#include "res/resources.h"
#include "store/usage_batch.h"

struct entry {
	struct date date;
	int item; /* of the array, from 1 */
	int64_t location_id;
	int64_t bytes;
};

struct entries {
	struct entry *list;
	int count, room;
};

static enum dum_status add_entry(struct entries *entries,
                                 const struct entry *entry,
                                 struct dum_error *err)
{
	if (entries->count == entries->room) {
		int room = entries->room > 0 ? entries->room * 2 : 64;
		struct entry *list = realloc(entries->list,
		                             (size_t)room * sizeof(*list));

		if (list == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		entries->list = list;
		entries->room = room;
	}
	entries->list[entries->count++] = *entry;
	return DUM_OK;
}

static enum dum_status read_all(struct entries *out, const struct app *app,
                                struct request *req, struct dum_error *err)
{
	struct body_items items = {.req = req};
	const struct member_value *values = req->members;
	enum dum_status status = DUM_OK;

	while (body_next(req->members, &items, usage_members, &status, err)) {
		struct entry entry = {
		    .date = values[USAGE_DATE].date,
		    .item = items.count,
		    .location_id = values[USAGE_LOCATION].number,
		    .bytes = values[USAGE_AMOUNT].number};

		status = usage_check_day(app, entry.date, err);
		if (status == DUM_OK)
			status = add_entry(out, &entry, err);
		if (status != DUM_OK)
			break;
	}
	return status;
}

static int compare_days(const struct entry *a, const struct entry *b)
{
	int by_date = date_cmp(a->date, b->date);

	if (by_date != 0)
		return by_date;
	return (a->location_id > b->location_id) -
	       (a->location_id < b->location_id);
}

static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int by_day = compare_days(left, right);

	return by_day != 0 ? by_day : left->item - right->item;
}

/* In the order that is fast to store, in which repeats are neighbours. */
static enum dum_status sort(struct entries *entries, struct request *req,
                            struct dum_error *err)
{
	int repeat = 0;

	if (entries->count > 1)
		qsort(entries->list, (size_t)entries->count,
		      sizeof(*entries->list), compare);
	for (int i = 1; i < entries->count; i++) {
		const struct entry *entry = &entries->list[i];

		if (compare_days(entry - 1, entry) == 0 &&
		    (repeat == 0 || entry->item < repeat))
			repeat = entry->item;
	}
	if (repeat == 0)
		return DUM_OK;
	req->in_item = repeat;
	return error_set(err, DUM_EINVAL,
	                 "this date and location_id are in the array twice");
}

struct counts {
	int64_t by_change[3]; /* by enum usage_change */
};

static enum dum_status put_all(struct counts *counts, struct usage_batch *batch,
                               const struct entries *entries,
                               struct request *req, struct dum_error *err)
{
	for (int i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->list[i];
		enum usage_change change = USAGE_SAME;
		struct dum_error inner = {0};
		enum dum_status status;

		status = usage_batch_put(&change, batch, entry->date,
		                         entry->location_id, entry->bytes,
		                         USAGE_REPLACE, &inner);
		if (status == DUM_ECONFLICT) {
			req->in_item = entry->item;
			return error_field(err, DUM_EINVAL, "location_id",
			                   "there is no location %lld",
			                   (long long)entry->location_id);
		}
		if (status != DUM_OK)
			return error_set(err, status, "%s", inner.text);
		counts->by_change[change]++;
	}
	return DUM_OK;
}

static enum dum_status store(struct counts *counts, struct app *app,
                             const struct entries *entries, struct request *req,
                             struct dum_error *err)
{
	struct usage_batch *batch = NULL;
	enum dum_status status;

	status = usage_batch_open(&batch, app->db, 0, err);
	if (status == DUM_OK)
		status = put_all(counts, batch, entries, req, err);
	if (status == DUM_OK)
		status = usage_batch_finish(batch, err);
	usage_batch_free(batch);
	return status;
}

static enum dum_status change_all(struct app *app,
                                  const struct entries *entries,
                                  struct request *req, struct response *res,
                                  struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct counts counts = {.by_change = {0}};
	enum dum_status status;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = store(&counts, app, entries, req, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "created", counts.by_change[USAGE_NEW]);
	jsonw_member_int(&w, "updated", counts.by_change[USAGE_CHANGED]);
	jsonw_member_int(&w, "unchanged", counts.by_change[USAGE_SAME]);
	jsonw_object_end(&w);
	return change_commit(app, req, res, err);
}

enum dum_status usage_post_many(struct app *app, struct request *req,
                                struct response *res, struct dum_error *err)
{
	struct entries entries = {.list = NULL};
	enum dum_status status;

	if (*req->headers.if_match != '\0')
		return error_set(err, DUM_EINVAL,
		                 "If-Match goes with one record, not with an "
		                 "array");
	status = read_all(&entries, app, req, err);
	if (status == DUM_OK)
		status = sort(&entries, req, err);
	if (status == DUM_OK)
		status = change_all(app, &entries, req, res, err);
	free(entries.list);
	return status;
}
