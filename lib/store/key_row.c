#include "store/key_row.h"

#include <stdio.h>
#include <string.h>

#include "store/journal.h"
#include "store/query.h"

static void read_row(struct key_row *out, struct query *q)
{
	const void *hash;
	size_t len;

	out->id = query_int(q, 0);
	snprintf(out->prefix, sizeof(out->prefix), "%s", query_text(q, 1));
	snprintf(out->name, sizeof(out->name), "%s", query_text(q, 2));
	hash = query_blob(q, 3, &len);
	if (len == HASH_BYTES) /* a CHECK of the table says so */
		memcpy(out->secret_hash, hash, HASH_BYTES);
	snprintf(out->scopes, sizeof(out->scopes), "%s", query_text(q, 4));
	out->is_limited = query_int(q, 5) != 0;
	out->created_by = query_int(q, 6);
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	         query_text(q, 7));
	out->expires_at = query_int(q, 8);
	out->last_used_at = query_int(q, 9);
	snprintf(out->revoked_at, sizeof(out->revoked_at), "%s",
	         query_text(q, 10));
	out->made_by_key = query_int(q, 11);
}

/* The row of a query that gives at most one. */
static enum dum_status read_one(struct key_row *out, bool *found,
                                struct query *q)
{
	struct key_row row = {0};
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

enum dum_status key_row_get(struct key_row *out, bool *found, struct db *db,
                            int64_t id, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_API_KEY_GET, err);
	query_bind_int(&q, ":id", id);
	return read_one(out, found, &q);
}

enum dum_status key_row_find(struct key_row *out, bool *found, struct db *db,
                             const char *prefix, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_API_KEY_FIND, err);
	query_bind_text(&q, ":prefix", prefix);
	return read_one(out, found, &q);
}

enum dum_status key_row_each(struct db *db, key_row_fn fn, void *arg,
                             struct dum_error *err)
{
	struct key_row row;
	struct query q;

	query_start(&q, db, SQL_API_KEY_LIST, err);
	while (query_row(&q)) {
		row = (struct key_row){0};
		read_row(&row, &q);
		query_fail(&q, fn(arg, &row, err));
	}
	return query_end(&q);
}

static enum dum_status write_json(struct strbuf *out, struct db *db,
                                  const struct key_row *row,
                                  const char *revoked_at, struct dum_error *err)
{
	struct json_writer w = {.out = out};
	char grantee[GRANTEE_MAX];
	enum dum_status status;

	grantee_of_key(grantee, row->id);
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", row->id);
	jsonw_member_string(&w, "prefix", row->prefix);
	jsonw_member_string(&w, "name", row->name);
	jsonw_member_string(&w, "scopes", row->scopes);
	status = grant_json(&w, db, grantee, row->is_limited, err);
	jsonw_member_int(&w, "created_by", row->created_by);
	jsonw_member_int(&w, "expires_at", row->expires_at);
	if (revoked_at[0] != '\0')
		jsonw_member_string(&w, "revoked_at", revoked_at);
	else
		jsonw_member_null(&w, "revoked_at");
	jsonw_object_end(&w);
	if (status == DUM_OK && !strbuf_ok(out))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	return status;
}

static enum dum_status enter_journal(struct db *db, const char *op,
                                     const struct key_row *row,
                                     const char *before, const char *after,
                                     struct dum_error *err)
{
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld", (long long)row->id);
	return journal_append(db,
	                      &(struct journal_change){.op = op,
	                                               .table = "api_keys",
	                                               .pk = pk,
	                                               .before = before,
	                                               .after = after},
	                      err);
}

enum dum_status key_row_insert(struct key_row *row, struct db *db,
                               const struct location_limit *limit,
                               struct dum_error *err)
{
	struct strbuf after = STRBUF_INIT;
	char grantee[GRANTEE_MAX];
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_API_KEY_INSERT, err);
	query_bind_text(&q, ":prefix", row->prefix);
	query_bind_text(&q, ":name", row->name);
	query_bind_blob(&q, ":secret_hash", row->secret_hash, HASH_BYTES);
	query_bind_text(&q, ":scopes", row->scopes);
	query_bind_int(&q, ":is_limited", row->is_limited);
	query_bind_int(&q, ":created_by", row->created_by);
	query_bind_int(&q, ":made_by_key", row->made_by_key);
	query_bind_text(&q, ":at", db_change_at(db));
	query_bind_int(&q, ":expires_at", row->expires_at);
	status = query_insert(&row->id, &q);
	snprintf(row->created_at, sizeof(row->created_at), "%s",
	         db_change_at(db));
	grantee_of_key(grantee, row->id);
	if (status == DUM_OK)
		status = grant_set(db, grantee, limit, err);
	if (status == DUM_OK)
		status = write_json(&after, db, row, "", err);
	if (status == DUM_OK)
		status = enter_journal(db, "insert", row, NULL, after.buf, err);
	strbuf_release(&after);
	return status;
}

enum dum_status key_row_used(struct db *db, int64_t id, int64_t now,
                             struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_API_KEY_USED, err);
	query_bind_int(&q, ":id", id);
	query_bind_int(&q, ":now", now);
	return query_run(&q);
}

static enum dum_status revoke_one(struct db *db, const struct key_row *row,
                                  struct dum_error *err)
{
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	enum dum_status status;
	struct query q;

	if (row->revoked_at[0] != '\0')
		return DUM_OK;
	query_start(&q, db, SQL_API_KEY_REVOKE, err);
	query_bind_int(&q, ":id", row->id);
	query_bind_text(&q, ":at", db_change_at(db));
	status = query_run(&q);
	if (status == DUM_OK)
		status = write_json(&before, db, row, "", err);
	if (status == DUM_OK)
		status = write_json(&after, db, row, db_change_at(db), err);
	if (status == DUM_OK)
		status = enter_journal(db, "update", row, before.buf, after.buf,
		                       err);
	strbuf_release(&before);
	strbuf_release(&after);
	return status;
}

/*
 * The first row that a query of ids gives. One at a time: a list can not be
 * read while its rows change.
 */
static enum dum_status first_of(struct key_row *out, bool *found, struct db *db,
                                struct query *q, struct dum_error *err)
{
	enum dum_status status;
	int64_t id = 0;

	*found = false;
	if (query_row(q))
		id = query_int(q, 0);
	status = query_end(q);
	if (status == DUM_OK && id != 0)
		status = key_row_get(out, found, db, id, err);
	return status;
}

/* A key does not outlive the one that made it, at whatever remove. */
static enum dum_status revoke_orphans(struct db *db, struct dum_error *err)
{
	enum dum_status status;
	struct key_row row;
	struct query q;
	bool found;

	do {
		query_start(&q, db, SQL_API_KEY_ORPHAN, err);
		status = first_of(&row, &found, db, &q, err);
		if (status == DUM_OK && found)
			status = revoke_one(db, &row, err);
	} while (status == DUM_OK && found);
	return status;
}

enum dum_status key_row_revoke(struct db *db, const struct key_row *row,
                               struct dum_error *err)
{
	enum dum_status status = revoke_one(db, row, err);

	return status == DUM_OK ? revoke_orphans(db, err) : status;
}

enum dum_status key_row_revoke_of(struct db *db, int64_t user_id,
                                  struct dum_error *err)
{
	enum dum_status status;
	struct key_row row;
	struct query q;
	bool found;

	do {
		query_start(&q, db, SQL_API_KEY_VALID_OF, err);
		query_bind_int(&q, ":user_id", user_id);
		status = first_of(&row, &found, db, &q, err);
		if (status == DUM_OK && found)
			status = revoke_one(db, &row, err);
	} while (status == DUM_OK && found);
	return status == DUM_OK ? revoke_orphans(db, err) : status;
}
