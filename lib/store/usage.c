#include "store/usage.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "store/counter.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/query.h"

static enum dum_status read_row(struct usage *out, struct query *q)
{
	const char *date = query_text(q, 1);

	out->id = query_int(q, 0);
	if (!date_parse(&out->date, date, strlen(date)))
		return error_set(q->err, DUM_EDAMAGED,
		                 "daily_usage %lld: '%.20s' is no date",
		                 (long long)out->id, date);
	out->location_id = query_int(q, 2);
	out->bytes = query_int(q, 3);
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	         query_text(q, 4));
	snprintf(out->updated_at, sizeof(out->updated_at), "%s",
	         query_text(q, 5));
	return DUM_OK;
}

/* The row of a query that gives at most one. */
static enum dum_status read_one(struct usage *out, bool *found, struct query *q)
{
	struct usage usage = {0};
	enum dum_status status;

	*found = false;
	while (query_row(q)) {
		query_fail(q, read_row(&usage, q));
		*found = true;
	}
	status = query_end(q);
	if (status == DUM_OK && *found)
		*out = usage;
	return status;
}

enum dum_status usage_get(struct usage *out, struct db *db, int64_t id,
                          struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	bool found;

	query_start(&q, db, SQL_USAGE_GET, err);
	query_bind_int(&q, ":id", id);
	status = read_one(out, &found, &q);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ENOTFOUND,
		                   "there is no record %lld", (long long)id);
	return status;
}

static void write_json(struct strbuf *out, const struct usage *usage)
{
	struct json_writer w = {.out = out};
	char date[DATE_TEXT_MAX];

	date_format(date, usage->date);
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", usage->id);
	jsonw_member_string(&w, "date", date);
	jsonw_member_int(&w, "location_id", usage->location_id);
	jsonw_member_int(&w, "usage_bytes", usage->bytes);
	jsonw_member_string(&w, "created_at", usage->created_at);
	jsonw_member_string(&w, "updated_at", usage->updated_at);
	jsonw_object_end(&w);
}

/* Either of before and after may be NULL: there was, or is, no record. */
static enum dum_status enter_journal(struct db *db, int64_t id,
                                     const struct usage *before,
                                     const struct usage *after,
                                     struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	struct journal_change change = {.table = "daily_usage"};
	enum dum_status status;
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld", (long long)id);
	change.pk = pk;
	if (before != NULL) {
		write_json(&old, before);
		change.before = old.buf;
	}
	if (after != NULL) {
		write_json(&new, after);
		change.after = new.buf;
	}
	change.op = before == NULL  ? "insert"
	            : after == NULL ? "delete"
	                            : "update";
	if (!strbuf_ok(&old) || !strbuf_ok(&new))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(db, &change, err);
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}

static enum dum_status check_bytes(int64_t bytes, struct dum_error *err)
{
	if (bytes < 0 || bytes > USAGE_BYTES_MAX)
		return error_field(err, DUM_EINVAL, "usage_gb",
		                   "usage_gb must be from 0 to 1000000");
	return DUM_OK;
}

static enum dum_status insert(struct usage *out, struct db *db,
                              struct date date, int64_t location_id,
                              int64_t bytes, struct dum_error *err)
{
	struct usage added = {
	    .date = date, .location_id = location_id, .bytes = bytes};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_USAGE_INSERT, err);
	query_bind_date(&q, ":date", date);
	query_bind_int(&q, ":location_id", location_id);
	query_bind_int(&q, ":bytes", bytes);
	query_bind_text(&q, ":at", db_change_at(db));
	status = query_insert(&added.id, &q);
	snprintf(added.created_at, sizeof(added.created_at), "%s",
	         db_change_at(db));
	snprintf(added.updated_at, sizeof(added.updated_at), "%s",
	         db_change_at(db));
	if (status == DUM_OK)
		status = counter_add_records(db, location_id, 1, err);
	if (status == DUM_OK)
		status = enter_journal(db, added.id, NULL, &added, err);
	if (status == DUM_OK)
		*out = added;
	return status;
}

/* Give a record that is there another amount; an equal one leaves it. */
static enum dum_status update(struct usage *out, struct db *db,
                              const struct usage *before, int64_t bytes,
                              struct dum_error *err)
{
	struct usage after = *before;
	enum dum_status status = DUM_OK;
	struct query q;

	if (bytes != before->bytes) {
		after.bytes = bytes;
		snprintf(after.updated_at, sizeof(after.updated_at), "%s",
		         db_change_at(db));
		query_start(&q, db, SQL_USAGE_SET, err);
		query_bind_int(&q, ":id", after.id);
		query_bind_int(&q, ":bytes", bytes);
		query_bind_text(&q, ":at", after.updated_at);
		status = query_run(&q);
		if (status == DUM_OK)
			status = enter_journal(db, after.id, before, &after,
			                       err);
	}
	if (status == DUM_OK)
		*out = after;
	return status;
}

enum dum_status usage_find(struct usage *out, bool *found, struct db *db,
                           struct date date, int64_t location_id,
                           struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_USAGE_FIND, err);
	query_bind_date(&q, ":date", date);
	query_bind_int(&q, ":location_id", location_id);
	return read_one(out, found, &q);
}

enum dum_status usage_put(struct usage *out, enum usage_change *change_out,
                          struct db *db, struct date date, int64_t location_id,
                          int64_t bytes, struct dum_error *err)
{
	struct location location;
	struct usage before = {0}, after;
	enum dum_status status;
	bool found = false;

	status = check_bytes(bytes, err);
	if (status != DUM_OK)
		return status;
	status = usage_find(&before, &found, db, date, location_id, err);
	if (status == DUM_OK && found) {
		status = update(&after, db, &before, bytes, err);
	} else if (status == DUM_OK) {
		status = location_get(&location, db, location_id, err);
		if (status == DUM_ENOTFOUND)
			status =
			    DUM_EINVAL; /* a wrong member, not a wrong path */
		if (err != NULL && err->status == DUM_ENOTFOUND)
			err->status = DUM_EINVAL;
		if (status == DUM_OK)
			status = insert(&after, db, date, location_id, bytes,
			                err);
	}
	if (status != DUM_OK)
		return status;
	*change_out = !found                        ? USAGE_NEW
	              : before.bytes == after.bytes ? USAGE_SAME
	                                            : USAGE_CHANGED;
	*out = after;
	return DUM_OK;
}

enum dum_status usage_set(struct usage *out, struct db *db, int64_t id,
                          int64_t bytes, struct dum_error *err)
{
	struct usage before = {0};
	enum dum_status status;

	status = check_bytes(bytes, err);
	if (status == DUM_OK)
		status = usage_get(&before, db, id, err);
	if (status == DUM_OK)
		status = update(out, db, &before, bytes, err);
	return status;
}

enum dum_status usage_delete(struct db *db, int64_t id, struct dum_error *err)
{
	struct usage before = {0};
	enum dum_status status;
	struct query q;

	status = usage_get(&before, db, id, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_USAGE_DELETE, err);
	query_bind_int(&q, ":id", id);
	status = query_run(&q);
	if (status == DUM_OK)
		status = counter_add_records(db, before.location_id, -1, err);
	if (status == DUM_OK)
		status = enter_journal(db, id, &before, NULL, err);
	return status;
}
