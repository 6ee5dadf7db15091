#include "access/session.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "crypto/random.h"
#include "store/session_row.h"
#include "store/user.h"

/* A session is marked as seen after so long, or a tenth of its idle time. */
enum { SEEN_STEP_S = 60 };

/* Marking is nobody's change: it leaves no trace in the journal. */
static const struct origin marker = {.actor = "nobody", .source = "session"};

static int64_t idle_s(const struct db *db)
{
	return db_config(db)->session_idle_minutes * 60;
}

static int64_t seen_step_s(const struct db *db)
{
	int64_t tenth = idle_s(db) / 10;

	return tenth < SEEN_STEP_S ? tenth : SEEN_STEP_S;
}

/* What a browser says of itself may be anything, and is shown to people. */
static void clean_copy(char *out, size_t size, const char *text)
{
	size_t len = strlen(text), used = 0, at = 0;

	while (at < len) {
		size_t n = utf8_printable_sequence(text + at, len - at);

		if (used + (n > 0 ? n : 1) >= size)
			break;
		if (n > 0)
			memcpy(out + used, text + at, n);
		else
			out[used] = '?';
		used += n > 0 ? n : 1;
		at += n > 0 ? n : 1;
	}
	out[used] = '\0';
}

static enum dum_status make_csrf(
    char out[static HASH_HEX_MAX],
    const unsigned char token[static SESSION_TOKEN_BYTES],
    struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	struct hmac *hmac = NULL;
	enum dum_status status;

	status = hmac_new(&hmac, token, SESSION_TOKEN_BYTES, err);
	if (status == DUM_OK) {
		hmac_write(hmac, "csrf", 4);
		status = hmac_finish(hmac, mac, err);
	}
	if (status == DUM_OK)
		hex_write(out, mac, sizeof(mac));
	hmac_free(hmac);
	return status;
}

enum dum_status session_start(struct session_new *out, struct db *db,
                              int64_t user_id, const char *address,
                              const char *agent, struct dum_error *err)
{
	unsigned char token[SESSION_TOKEN_BYTES], hash[HASH_BYTES];
	int64_t now = db_now(db);
	struct session_row row = {.user_id = user_id, .created_at = now};
	struct session_new made = {0};
	enum dum_status status;

	row.expires_at = now + db_config(db)->session_max_hours * 3600;
	clean_copy(row.address, sizeof(row.address),
	           address != NULL ? address : "");
	clean_copy(row.agent, sizeof(row.agent), agent != NULL ? agent : "");
	status = session_row_sweep(db, now, now - idle_s(db), err);
	if (status == DUM_OK)
		status = random_bytes(token, sizeof(token), err);
	if (status == DUM_OK)
		status = hash_sha256(hash, token, sizeof(token), err);
	if (status == DUM_OK)
		status = make_csrf(made.csrf_token, token, err);
	if (status == DUM_OK)
		status = session_row_insert(&row, db, hash, err);
	if (status == DUM_OK) {
		made.id = row.id;
		made.expires_at = row.expires_at;
		base64_encode(made.token, token, sizeof(token), BASE64_URL);
		*out = made;
	}
	explicit_bzero(token, sizeof(token));
	return status;
}

static bool is_over(const struct db *db, const struct session_row *row)
{
	int64_t now = db_now(db);

	return now >= row->expires_at || now - row->seen_at >= idle_s(db);
}

/* Not worth a wait, nor an error: the next request will do it. */
static void mark_seen(struct db *db, const struct session_row *row)
{
	struct dum_error err = {0};
	enum dum_status status;

	if (db_now(db) - row->seen_at < seen_step_s(db))
		return;
	status = db_try_begin(db, &marker, &err);
	if (status == DUM_OK)
		status = session_row_seen(db, row->id, db_now(db), &err);
	if (status == DUM_OK)
		status = db_commit(db, &err);
	if (status != DUM_OK)
		db_rollback(db);
}

static void fill(struct caller *out, const struct db *db,
                 const struct session_row *row, const struct user *user)
{
	out->kind = CALLER_USER;
	out->id = user->id;
	out->session_id = row->id;
	out->role = role_find(user->role);
	out->must_enrol = db_config(db)->require_admin_totp &&
	                  out->role == ROLE_ADMIN && !user->totp_active;
	out->expires_at = row->expires_at;
	snprintf(out->name, sizeof(out->name), "%s", user->username);
	snprintf(out->actor, sizeof(out->actor), "user:%s", user->username);
	if (user->is_limited)
		grantee_of_user(out->viewer, user->id);
}

static enum dum_status no_session(struct dum_error *err)
{
	return error_set(err, DUM_EAUTH, "you are not logged in");
}

enum dum_status session_find(struct caller *out, struct db *db,
                             const char *token, struct dum_error *err)
{
	unsigned char raw[SESSION_TOKEN_BYTES], hash[HASH_BYTES];
	struct session_row row = {0};
	struct caller caller = {0};
	enum dum_status status;
	struct user user = {0};
	bool found = false;

	if (!base64_decode(raw, sizeof(raw), token, strlen(token), BASE64_URL))
		return no_session(err);
	status = hash_sha256(hash, raw, sizeof(raw), err);
	if (status == DUM_OK)
		status = session_row_find(&row, &found, db, hash, err);
	if (status == DUM_OK && found && !is_over(db, &row))
		status = user_get(&user, &found, db, row.user_id, err);
	else
		found = false;
	if (status == DUM_OK && (!found || !user.is_active))
		status = no_session(err);
	if (status == DUM_OK)
		status = make_csrf(caller.csrf_token, raw, err);
	explicit_bzero(raw, sizeof(raw));
	if (status != DUM_OK)
		return status;
	mark_seen(db, &row);
	fill(&caller, db, &row, &user);
	*out = caller;
	return DUM_OK;
}

enum dum_status session_still(struct db *db, const struct caller *caller,
                              struct dum_error *err)
{
	struct session_row row = {0};
	struct caller now = {0};
	enum dum_status status;
	struct user user = {0};
	bool found = false;

	status = session_row_get(&row, &found, db, caller->session_id, err);
	if (status == DUM_OK && found && row.user_id == caller->id)
		status = user_get(&user, &found, db, caller->id, err);
	else
		found = false;
	if (status == DUM_OK && (!found || !user.is_active))
		status = no_session(err);
	if (status != DUM_OK)
		return status;
	fill(&now, db, &row, &user);
	if (!caller_may_the_same(caller, &now))
		status = error_set(err, DUM_EAUTH,
		                   "what you may do was changed just now");
	return status;
}

struct each {
	struct db *db;
	session_fn fn;
	void *arg;
};

static enum dum_status give(void *arg, const struct session_row *row,
                            struct dum_error *err)
{
	const struct each *each = arg;
	struct session session = {.id = row->id,
	                          .created_at = row->created_at,
	                          .seen_at = row->seen_at,
	                          .expires_at = row->expires_at,
	                          .address = row->address,
	                          .agent = row->agent};

	if (is_over(each->db, row))
		return DUM_OK;
	return each->fn(each->arg, &session, err);
}

enum dum_status session_each(struct db *db, int64_t user_id, session_fn fn,
                             void *arg, struct dum_error *err)
{
	struct each each = {.db = db, .fn = fn, .arg = arg};

	return session_row_each(db, user_id, give, &each, err);
}

enum dum_status session_end(struct db *db, int64_t user_id, int64_t id,
                            struct dum_error *err)
{
	enum dum_status status;
	bool found = false;

	status = session_row_delete(&found, db, user_id, id, err);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ENOTFOUND,
		                   "there is no session %lld", (long long)id);
	return status;
}

enum dum_status session_end_others(struct db *db, int64_t user_id, int64_t keep,
                                   struct dum_error *err)
{
	return session_row_delete_others(db, user_id, keep, err);
}
