#include "store/session_row.h"

#include <stdio.h>

#include "store/query.h"

static void read_row(struct session_row *out, struct query *q)
{
	out->id = query_int(q, 0);
	out->user_id = query_int(q, 1);
	out->created_at = query_int(q, 2);
	out->seen_at = query_int(q, 3);
	out->expires_at = query_int(q, 4);
	snprintf(out->address, sizeof(out->address), "%s", query_text(q, 5));
	snprintf(out->agent, sizeof(out->agent), "%s", query_text(q, 6));
}

/* The row of a query that gives at most one. */
static enum dum_status read_one(struct session_row *out, bool *found,
                                struct query *q)
{
	struct session_row row = {0};
	enum dum_status status;
	bool any = false;

	while (query_row(q)) {
		read_row(&row, q);
		any = true;
	}
	status = query_end(q);
	if (status == DUM_OK)
		*found = any;
	if (status == DUM_OK && any)
		*out = row;
	return status;
}

enum dum_status session_row_find(
    struct session_row *out, bool *found, struct db *db,
    const unsigned char token_hash[static HASH_BYTES], struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_FIND, err);
	query_bind_blob(&q, ":token_hash", token_hash, HASH_BYTES);
	return read_one(out, found, &q);
}

enum dum_status session_row_get(struct session_row *out, bool *found,
                                struct db *db, int64_t id,
                                struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_GET, err);
	query_bind_int(&q, ":id", id);
	return read_one(out, found, &q);
}

enum dum_status session_row_each(struct db *db, int64_t user_id,
                                 session_row_fn fn, void *arg,
                                 struct dum_error *err)
{
	struct session_row row;
	struct query q;

	query_start(&q, db, SQL_SESSION_LIST, err);
	query_bind_int(&q, ":user_id", user_id);
	while (query_row(&q)) {
		read_row(&row, &q);
		query_fail(&q, fn(arg, &row, err));
	}
	return query_end(&q);
}

enum dum_status session_row_insert(
    struct session_row *row, struct db *db,
    const unsigned char token_hash[static HASH_BYTES], struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_INSERT, err);
	query_bind_int(&q, ":user_id", row->user_id);
	query_bind_blob(&q, ":token_hash", token_hash, HASH_BYTES);
	query_bind_int(&q, ":now", row->created_at);
	query_bind_int(&q, ":expires_at", row->expires_at);
	query_bind_text(&q, ":address", row->address);
	query_bind_text(&q, ":agent", row->agent);
	return query_insert(&row->id, &q);
}

enum dum_status session_row_seen(struct db *db, int64_t id, int64_t now,
                                 struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_SEEN, err);
	query_bind_int(&q, ":id", id);
	query_bind_int(&q, ":now", now);
	return query_run(&q);
}

enum dum_status session_row_delete(bool *found, struct db *db, int64_t user_id,
                                   int64_t id, struct dum_error *err)
{
	enum dum_status status;
	bool any = false;
	struct query q;

	query_start(&q, db, SQL_SESSION_DELETE, err);
	query_bind_int(&q, ":id", id);
	query_bind_int(&q, ":user_id", user_id);
	while (query_row(&q))
		any = true;
	status = query_end(&q);
	if (status == DUM_OK)
		*found = any;
	return status;
}

enum dum_status session_row_delete_others(struct db *db, int64_t user_id,
                                          int64_t keep, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_DELETE_OTHERS, err);
	query_bind_int(&q, ":user_id", user_id);
	query_bind_int(&q, ":keep", keep);
	return query_run(&q);
}

enum dum_status session_row_sweep(struct db *db, int64_t now,
                                  int64_t idle_since, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SESSION_SWEEP, err);
	query_bind_int(&q, ":now", now);
	query_bind_int(&q, ":idle_since", idle_since);
	return query_run(&q);
}
