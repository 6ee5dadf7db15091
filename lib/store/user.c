#include "store/user.h"

#include <stdio.h>
#include <string.h>

#include "store/journal.h"
#include "store/query.h"

static void read_seed(struct user *out, struct query *q, int column)
{
	const void *seed = query_blob(q, column, &out->totp_seed_len);

	/* A longer one is none of ours; nothing opens what is left of it. */
	if (out->totp_seed_len > sizeof(out->totp_seed))
		out->totp_seed_len = sizeof(out->totp_seed);
	if (out->totp_seed_len > 0)
		memcpy(out->totp_seed, seed, out->totp_seed_len);
}

static void read_row(struct user *out, struct query *q)
{
	out->id = query_int(q, 0);
	snprintf(out->username, sizeof(out->username), "%s", query_text(q, 1));
	snprintf(out->role, sizeof(out->role), "%s", query_text(q, 2));
	out->is_active = query_int(q, 3) != 0;
	out->is_limited = query_int(q, 4) != 0;
	snprintf(out->password_hash, sizeof(out->password_hash), "%s",
	         query_text(q, 5));
	read_seed(out, q, 6);
	out->totp_active = query_int(q, 7) != 0;
	out->totp_last_step = query_int(q, 8);
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	         query_text(q, 9));
	snprintf(out->updated_at, sizeof(out->updated_at), "%s",
	         query_text(q, 10));
	snprintf(out->last_login_at, sizeof(out->last_login_at), "%s",
	         query_text(q, 11));
}

/* The row of a query that gives at most one. */
static enum dum_status read_one(struct user *out, bool *found, struct query *q)
{
	struct user user = {0};
	enum dum_status status;
	bool any = false;

	while (query_row(q)) {
		read_row(&user, q);
		any = true;
	}
	status = query_end(q);
	if (status == DUM_OK)
		*found = any;
	if (status == DUM_OK && any)
		*out = user;
	return status;
}

enum dum_status user_get(struct user *out, bool *found, struct db *db,
                         int64_t id, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_USER_GET, err);
	query_bind_int(&q, ":id", id);
	return read_one(out, found, &q);
}

enum dum_status user_find(struct user *out, bool *found, struct db *db,
                          const char *username, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_USER_FIND, err);
	query_bind_text(&q, ":username", username);
	return read_one(out, found, &q);
}

enum dum_status user_each(struct db *db, user_fn fn, void *arg,
                          struct dum_error *err)
{
	struct user user;
	struct query q;

	query_start(&q, db, SQL_USER_LIST, err);
	while (query_row(&q)) {
		read_row(&user, &q);
		query_fail(&q, fn(arg, &user, err));
	}
	return query_end(&q);
}

static enum dum_status count(int64_t *out, struct db *db, enum sql_query which,
                             struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t n = 0;

	query_start(&q, db, which, err);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = n;
	return status;
}

enum dum_status user_count(int64_t *out, struct db *db, struct dum_error *err)
{
	return count(out, db, SQL_USER_COUNT, err);
}

enum dum_status user_count_admins(int64_t *out, struct db *db,
                                  struct dum_error *err)
{
	return count(out, db, SQL_USER_COUNT_ADMINS, err);
}

/* What the journal keeps of a user, with the grants that it has now. */
static enum dum_status write_json(struct strbuf *out, struct db *db,
                                  const struct user *user,
                                  struct dum_error *err)
{
	struct json_writer w = {.out = out};
	char grantee[GRANTEE_MAX];
	enum dum_status status;

	grantee_of_user(grantee, user->id);
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", user->id);
	jsonw_member_string(&w, "username", user->username);
	jsonw_member_string(&w, "role", user->role);
	jsonw_member_bool(&w, "is_active", user->is_active);
	jsonw_member_bool(&w, "totp", user->totp_active);
	status = grant_json(&w, db, grantee, user->is_limited, err);
	jsonw_object_end(&w);
	if (status == DUM_OK && !strbuf_ok(out))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	return status;
}

/* "" stands for nothing on that side. */
static enum dum_status enter_journal(struct db *db, int64_t id,
                                     const struct strbuf *before,
                                     const struct strbuf *after,
                                     struct dum_error *err)
{
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld", (long long)id);
	return journal_append(
	    db,
	    &(struct journal_change){
	        .op = before->len == 0  ? "insert"
	              : after->len == 0 ? "delete"
	                                : "update",
	        .table = "users",
	        .pk = pk,
	        .before = before->len > 0 ? before->buf : NULL,
	        .after = after->len > 0 ? after->buf : NULL},
	    err);
}

static enum dum_status set_limit(struct db *db, const struct user *user,
                                 const struct location_limit *limit,
                                 struct dum_error *err)
{
	char grantee[GRANTEE_MAX];

	grantee_of_user(grantee, user->id);
	return grant_set(db, grantee, limit, err);
}

enum dum_status user_insert(struct user *user, struct db *db,
                            const struct location_limit *limit,
                            struct dum_error *err)
{
	struct strbuf nothing = STRBUF_INIT, after = STRBUF_INIT;
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_USER_INSERT, err);
	query_bind_text(&q, ":username", user->username);
	query_bind_text(&q, ":role", user->role);
	query_bind_int(&q, ":is_active", user->is_active);
	query_bind_int(&q, ":is_limited", user->is_limited);
	query_bind_text(&q, ":password_hash", user->password_hash);
	query_bind_text(&q, ":at", db_change_at(db));
	status = query_insert(&user->id, &q);
	snprintf(user->created_at, sizeof(user->created_at), "%s",
	         db_change_at(db));
	snprintf(user->updated_at, sizeof(user->updated_at), "%s",
	         db_change_at(db));
	if (status == DUM_OK)
		status = set_limit(db, user, limit, err);
	if (status == DUM_OK)
		status = write_json(&after, db, user, err);
	if (status == DUM_OK)
		status = enter_journal(db, user->id, &nothing, &after, err);
	strbuf_release(&after);
	return status;
}

static enum dum_status save(struct db *db, const struct user *user,
                            struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_USER_SAVE, err);
	query_bind_int(&q, ":id", user->id);
	query_bind_text(&q, ":role", user->role);
	query_bind_int(&q, ":is_active", user->is_active);
	query_bind_int(&q, ":is_limited", user->is_limited);
	query_bind_text(&q, ":password_hash", user->password_hash);
	if (user->totp_seed_len > 0)
		query_bind_blob(&q, ":totp_seed", user->totp_seed,
		                user->totp_seed_len);
	query_bind_int(&q, ":totp_active", user->totp_active);
	query_bind_int(&q, ":totp_last_step", user->totp_last_step);
	query_bind_text(&q, ":updated_at", user->updated_at);
	query_bind_text(&q, ":last_login_at",
	                user->last_login_at[0] != '\0' ? user->last_login_at
	                                               : NULL);
	return query_run(&q);
}

/* In what somebody changed, not in what logging in leaves behind. */
static bool differs(const struct user *a, const struct user *b)
{
	return strcmp(a->role, b->role) != 0 || a->is_active != b->is_active ||
	       a->is_limited != b->is_limited ||
	       a->totp_active != b->totp_active ||
	       strcmp(a->password_hash, b->password_hash) != 0;
}

enum dum_status user_update(struct db *db, const struct user *before,
                            struct user *after,
                            const struct location_limit *limit,
                            struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	enum dum_status status;

	status = write_json(&old, db, before, err);
	if (status != DUM_OK)
		goto out;
	if (limit != NULL || differs(before, after))
		snprintf(after->updated_at, sizeof(after->updated_at), "%s",
		         db_change_at(db));
	status = save(db, after, err);
	if (status == DUM_OK && limit != NULL)
		status = set_limit(db, after, limit, err);
	if (status == DUM_OK)
		status = write_json(&new, db, after, err);
	if (status != DUM_OK || strcmp(old.buf, new.buf) == 0)
		goto out;
	status = enter_journal(db, after->id, &old, &new, err);
	/* Answers kept for this viewer show what it could see before. */
	if (limit != NULL)
		db->change.moves_data = true;
out:
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}

enum dum_status user_delete(struct db *db, const struct user *user,
                            struct dum_error *err)
{
	const struct location_limit none = {.count = -1};
	struct strbuf before = STRBUF_INIT, nothing = STRBUF_INIT;
	enum dum_status status;
	struct query q;

	status = write_json(&before, db, user, err);
	if (status == DUM_OK)
		status = set_limit(db, user, &none, err);
	if (status == DUM_OK) {
		query_start(&q, db, SQL_USER_DELETE, err);
		query_bind_int(&q, ":id", user->id);
		status = query_run(&q);
	}
	if (status == DUM_OK)
		status = enter_journal(db, user->id, &before, &nothing, err);
	strbuf_release(&before);
	return status;
}
