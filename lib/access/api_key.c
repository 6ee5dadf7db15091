#include "access/api_key.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "crypto/random.h"
#include "store/failure.h"
#include "store/journal.h"
#include "store/key_row.h"

enum {
	PREFIX_CHARS = API_KEY_PREFIX_MAX - 1,
	SECRET_CHARS = BASE64_MAX(API_KEY_SECRET_BYTES) - 1,
	CHECK_CHARS = 6,
	BEFORE_SECRET = 4 + PREFIX_CHARS + 1, /* "dum_PREFIX_" */
	BEFORE_CHECK = BEFORE_SECRET + SECRET_CHARS,
	TEXT_CHARS = BEFORE_CHECK + CHECK_CHARS,
	NAME_CHARS = 100,
	USED_STEP_S = 60,
	PREFIX_TRIES = 8,
};

_Static_assert(TEXT_CHARS + 1 == API_KEY_TEXT_MAX, "the form of a key");

/* Marking is nobody's change: it leaves no trace in the journal. */
static const struct origin marker = {.actor = "nobody", .source = "api_key"};

/* The check of the first BEFORE_CHECK characters of text. */
static enum dum_status check_of(char out[static CHECK_CHARS], const char *text,
                                struct dum_error *err)
{
	char hex[HASH_HEX_MAX];
	enum dum_status status;

	status = hash_sha256_hex(hex, text, BEFORE_CHECK, err);
	if (status == DUM_OK)
		memcpy(out, hex, CHECK_CHARS);
	return status;
}

static bool is_prefix(const char *text)
{
	return strspn(text, "0123456789abcdef") >= PREFIX_CHARS;
}

bool api_key_parse(char prefix_out[static API_KEY_PREFIX_MAX],
                   unsigned char secret_out[static API_KEY_SECRET_BYTES],
                   const char *text)
{
	unsigned char secret[API_KEY_SECRET_BYTES];
	char check[CHECK_CHARS];
	bool good;

	if (strlen(text) != TEXT_CHARS || memcmp(text, "dum_", 4) != 0 ||
	    !is_prefix(text + 4) || text[BEFORE_SECRET - 1] != '_' ||
	    check_of(check, text, NULL) != DUM_OK ||
	    memcmp(check, text + BEFORE_CHECK, CHECK_CHARS) != 0)
		return false;
	good = base64_decode(secret, sizeof(secret), text + BEFORE_SECRET,
	                     SECRET_CHARS, BASE64_URL);
	if (good) {
		memcpy(secret_out, secret, sizeof(secret));
		memcpy(prefix_out, text + 4, PREFIX_CHARS);
		prefix_out[PREFIX_CHARS] = '\0';
	}
	explicit_bzero(secret, sizeof(secret));
	return good;
}

static enum dum_status check_new(const struct db *db,
                                 const struct api_key_new *new,
                                 struct dum_error *err)
{
	size_t len = strlen(new->name);

	if (len == 0 || !utf8_printable(new->name, len) ||
	    utf8_count(new->name, len) > NAME_CHARS)
		return error_field(err, DUM_EINVAL, "name",
		                   "name must be one line of 1 to %d printable "
		                   "characters",
		                   NAME_CHARS);
	if (new->scopes == 0)
		return error_field(err, DUM_EINVAL, "scopes",
		                   "a key needs at least one scope");
	if (new->limit.count >= 0 && (new->scopes &SCOPE_ADMIN) != 0)
		return error_field(err, DUM_EINVAL, "locations",
		                   "a key with the scope admin can not be "
		                   "limited to locations");
	if (new->expires_at != 0 && new->expires_at <= db_now(db))
		return error_field(err, DUM_EINVAL, "expires_at",
		                   "expires_at must lie in the future");
	return DUM_OK;
}

/* One that no key has; of four billion, the first mostly is. */
static enum dum_status free_prefix(char out[static API_KEY_PREFIX_MAX],
                                   struct db *db, struct dum_error *err)
{
	struct key_row other;

	for (int i = 0; i < PREFIX_TRIES; i++) {
		bool taken = true;
		enum dum_status status;

		status = random_hex(out, PREFIX_CHARS / 2, err);
		if (status == DUM_OK)
			status = key_row_find(&other, &taken, db, out, err);
		if (status != DUM_OK || !taken)
			return status;
	}
	return error_set(err, DUM_ECONFLICT, "no prefix for a key is free");
}

static enum dum_status make_text(char out[static API_KEY_TEXT_MAX],
                                 unsigned char hash[static HASH_BYTES],
                                 const char *prefix, struct dum_error *err)
{
	unsigned char secret[API_KEY_SECRET_BYTES];
	enum dum_status status;

	status = random_bytes(secret, sizeof(secret), err);
	if (status == DUM_OK)
		status = hash_sha256(hash, secret, sizeof(secret), err);
	if (status == DUM_OK) {
		snprintf(out, API_KEY_TEXT_MAX, "dum_%s_", prefix);
		base64_encode(out + BEFORE_SECRET, secret, sizeof(secret),
		              BASE64_URL);
		status = check_of(out + BEFORE_CHECK, out, err);
		out[TEXT_CHARS] = '\0';
	}
	explicit_bzero(secret, sizeof(secret));
	return status;
}

static enum dum_status from_row(struct api_key *out, const struct key_row *row,
                                struct dum_error *err)
{
	*out = (struct api_key){.id = row->id,
	                        .is_limited = row->is_limited,
	                        .created_by = row->created_by,
	                        .expires_at = row->expires_at,
	                        .last_used_at = row->last_used_at};
	snprintf(out->prefix, sizeof(out->prefix), "%s", row->prefix);
	snprintf(out->name, sizeof(out->name), "%s", row->name);
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	         row->created_at);
	snprintf(out->revoked_at, sizeof(out->revoked_at), "%s",
	         row->revoked_at);
	return scope_parse(&out->scopes, row->scopes, err);
}

static enum dum_status maker_of(int64_t *user_out, struct db *db,
                                int64_t key_id, struct dum_error *err)
{
	struct key_row maker = {0};
	enum dum_status status;
	bool found = false;

	status = key_row_get(&maker, &found, db, key_id, err);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_EAUTH, "this is no valid API key");
	*user_out = maker.created_by;
	return status;
}

enum dum_status api_key_add(struct api_key *out,
                            char key_out[static API_KEY_TEXT_MAX],
                            struct db *db, const struct api_key_new *new,
                            struct dum_error *err)
{
	struct strbuf scopes = STRBUF_INIT;
	char text[API_KEY_TEXT_MAX];
	struct key_row row = {.is_limited = new->limit.count >= 0,
	                      .created_by = new->created_by,
	                      .made_by_key = new->made_by_key,
	                      .expires_at = new->expires_at};
	enum dum_status status;

	status = check_new(db, new, err);
	if (status == DUM_OK && new->made_by_key != 0)
		status = maker_of(&row.created_by, db, new->made_by_key, err);
	if (status == DUM_OK)
		status = free_prefix(row.prefix, db, err);
	if (status == DUM_OK)
		status = make_text(text, row.secret_hash, row.prefix, err);
	if (status != DUM_OK)
		return status;
	snprintf(row.name, sizeof(row.name), "%s", new->name);
	scope_list(&scopes, new->scopes);
	snprintf(row.scopes, sizeof(row.scopes), "%s", scopes.buf);
	strbuf_release(&scopes);
	status = key_row_insert(&row, db, &new->limit, err);
	if (status == DUM_OK)
		status = from_row(out, &row, err);
	if (status == DUM_OK)
		memcpy(key_out, text, sizeof(text));
	explicit_bzero(text, sizeof(text));
	return status;
}

/* Not worth a wait, nor an error: the next request will do it. */
static void mark_used(struct db *db, const struct key_row *row)
{
	struct dum_error err = {0};
	enum dum_status status;

	if (db_now(db) - row->last_used_at < USED_STEP_S)
		return;
	status = db_try_begin(db, &marker, &err);
	if (status == DUM_OK)
		status = key_row_used(db, row->id, db_now(db), &err);
	if (status == DUM_OK)
		status = db_commit(db, &err);
	if (status != DUM_OK)
		db_rollback(db);
}

static bool is_valid(const struct db *db, const struct key_row *row)
{
	return row->revoked_at[0] == '\0' &&
	       (row->expires_at == 0 || db_now(db) < row->expires_at);
}

static enum dum_status fill(struct caller *out, const struct key_row *row,
                            struct dum_error *err)
{
	out->kind = CALLER_KEY;
	out->id = row->id;
	out->expires_at = row->expires_at;
	snprintf(out->name, sizeof(out->name), "%s", row->name);
	snprintf(out->actor, sizeof(out->actor), "key:%s", row->prefix);
	if (row->is_limited)
		grantee_of_key(out->viewer, row->id);
	return scope_parse(&out->scopes, row->scopes, err);
}

enum dum_status api_key_find(struct caller *out, struct db *db,
                             const char *text, struct dum_error *err)
{
	unsigned char secret[API_KEY_SECRET_BYTES], hash[HASH_BYTES];
	char prefix[API_KEY_PREFIX_MAX];
	struct key_row row = {0};
	struct caller caller = {0};
	enum dum_status status;
	bool found = false;

	if (!api_key_parse(prefix, secret, text))
		return error_set(err, DUM_EAUTH, "this is no valid API key");
	status = hash_sha256(hash, secret, sizeof(secret), err);
	explicit_bzero(secret, sizeof(secret));
	if (status == DUM_OK)
		status = key_row_find(&row, &found, db, prefix, err);
	if (status != DUM_OK)
		return status;
	if (!hash_equal(hash, row.secret_hash, HASH_BYTES) || !found ||
	    !is_valid(db, &row))
		return error_set(err, DUM_EAUTH, "this is no valid API key");
	status = fill(&caller, &row, err);
	if (status != DUM_OK)
		return status;
	mark_used(db, &row);
	*out = caller;
	return DUM_OK;
}

enum dum_status api_key_still(struct db *db, const struct caller *caller,
                              struct dum_error *err)
{
	struct key_row row = {0};
	struct caller now = {0};
	enum dum_status status;
	bool found = false;

	status = key_row_get(&row, &found, db, caller->id, err);
	if (status == DUM_OK && (!found || !is_valid(db, &row)))
		status = error_set(err, DUM_EAUTH, "this is no valid API key");
	if (status == DUM_OK)
		status = fill(&now, &row, err);
	if (status == DUM_OK && !caller_may_the_same(caller, &now))
		status = error_set(err, DUM_EAUTH,
		                   "what this key may do was changed just now");
	return status;
}

/* Whoever tries a key that was taken away, or guesses at one. */
static const char *refusal_reason(const struct db *db,
                                  const struct key_row *row)
{
	if (row->revoked_at[0] != '\0')
		return "revoked";
	return is_valid(db, row) ? "secret" : "expired";
}

static enum dum_status enter_refusal(struct db *db, const struct key_row *row,
                                     struct dum_error *err)
{
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	struct journal_event event = {.name = "key_refused",
	                              .object = row->prefix};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "name", row->name);
	jsonw_member_string(&w, "reason", refusal_reason(db, row));
	jsonw_object_end(&w);
	event.detail = detail.buf;
	status = strbuf_ok(&detail)
	             ? journal_event(db, &event, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&detail);
	return status;
}

static enum dum_status note_refusal(struct db *db, const struct origin *who,
                                    const struct key_row *row,
                                    struct dum_error *err)
{
	char subject[FAILURE_SUBJECT_MAX];
	struct failure failure = {0};
	int64_t now = db_now(db);
	enum dum_status status;

	snprintf(subject, sizeof(subject), "key:%s", row->prefix);
	status = failure_get(&failure, db, subject, err);
	if (status != DUM_OK ||
	    (now >= failure.last_at &&
	     now - failure.last_at < API_KEY_REFUSED_EVERY_S))
		return status;
	failure.failures++;
	failure.last_at = now;
	status = db_try_begin(db, who, err);
	if (status == DUM_OK)
		status = failure_put(db, subject, &failure, err);
	if (status == DUM_OK)
		status = enter_refusal(db, row, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

void api_key_refused(struct db *db, const struct origin *who, const char *text)
{
	unsigned char secret[API_KEY_SECRET_BYTES];
	char prefix[API_KEY_PREFIX_MAX];
	struct key_row row = {0};
	struct dum_error err = {0};
	enum dum_status status;
	bool found = false;

	if (!api_key_parse(prefix, secret, text))
		return;
	explicit_bzero(secret, sizeof(secret));
	status = key_row_find(&row, &found, db, prefix, &err);
	if (status == DUM_OK && found)
		status = note_refusal(db, who, &row, &err);
	(void)status; /* the refusal itself is what matters */
}

struct each {
	api_key_fn fn;
	void *arg;
};

static enum dum_status give(void *arg, const struct key_row *row,
                            struct dum_error *err)
{
	const struct each *each = arg;
	struct api_key key;
	enum dum_status status = from_row(&key, row, err);

	return status == DUM_OK ? each->fn(each->arg, &key, err) : status;
}

enum dum_status api_key_each(struct db *db, api_key_fn fn, void *arg,
                             struct dum_error *err)
{
	struct each each = {.fn = fn, .arg = arg};

	return key_row_each(db, give, &each, err);
}

static enum dum_status get_row(struct key_row *out, struct db *db, int64_t id,
                               struct dum_error *err)
{
	bool found = false;
	enum dum_status status = key_row_get(out, &found, db, id, err);

	if (status == DUM_OK && !found)
		return error_set(err, DUM_ENOTFOUND, "there is no key %lld",
		                 (long long)id);
	return status;
}

enum dum_status api_key_get(struct api_key *out, struct db *db, int64_t id,
                            struct dum_error *err)
{
	struct key_row row = {0};
	enum dum_status status;

	status = get_row(&row, db, id, err);
	return status == DUM_OK ? from_row(out, &row, err) : status;
}

enum dum_status api_key_find_prefix(struct api_key *out, struct db *db,
                                    const char *prefix, struct dum_error *err)
{
	struct key_row row = {0};
	enum dum_status status;
	bool found = false;

	status = key_row_find(&row, &found, db, prefix, err);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ENOTFOUND,
		                   "there is no key with the prefix '%.20s'",
		                   prefix);
	return status == DUM_OK ? from_row(out, &row, err) : status;
}

enum dum_status api_key_revoke(struct db *db, int64_t id, struct dum_error *err)
{
	struct key_row row = {0};
	enum dum_status status;

	status = get_row(&row, db, id, err);
	return status == DUM_OK ? key_row_revoke(db, &row, err) : status;
}
