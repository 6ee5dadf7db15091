#include "access/second_factor.h"

#include <stdio.h>
#include <string.h>

#include "access/account_row.h"
#include "base/strbuf.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "store/journal.h"
#include "store/recovery_code.h"
#include "store/session_row.h"

/* 15 letters of 5 random bits each: 75 bits need no slow hash. */
enum { CODE_LETTERS = 15, GROUP_LETTERS = 5 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

_Static_assert(USER_SEED_MAX >= TOTP_SEED_BYTES + SEAL_EXTRA,
               "a sealed seed fits its row");

static void place_of(char out[static 48], int64_t user_id)
{
	snprintf(out, 48, "users/%lld/totp_seed", (long long)user_id);
}

static enum dum_status seal_seed(
    struct user *user, const struct db *db,
    const unsigned char seed[static TOTP_SEED_BYTES], struct dum_error *err)
{
	enum dum_status status;
	struct secret_key key;
	char place[48];

	place_of(place, user->id);
	status = secret_key_read(&key, db_config(db)->secret_key_file,
	                         "SECRET_KEY_FILE", err);
	if (status != DUM_OK)
		return status;
	status = seal_make(user->totp_seed, &key, place, seed, TOTP_SEED_BYTES,
	                   err);
	secret_key_wipe(&key);
	user->totp_seed_len = TOTP_SEED_BYTES + SEAL_EXTRA;
	return status;
}

static enum dum_status open_seed(unsigned char seed[static TOTP_SEED_BYTES],
                                 const struct user *user, const struct db *db,
                                 struct dum_error *err)
{
	enum dum_status status;
	struct secret_key key;
	char place[48];

	place_of(place, user->id);
	status = secret_key_read(&key, db_config(db)->secret_key_file,
	                         "SECRET_KEY_FILE", err);
	if (status != DUM_OK)
		return status;
	status = seal_open(seed, TOTP_SEED_BYTES, &key, place, user->totp_seed,
	                   user->totp_seed_len, err);
	secret_key_wipe(&key);
	return status;
}

/* What the app shows beside the code; a name of ours needs no escapes but @. */
static void write_uri(struct enrolment *out, const char *username)
{
	struct strbuf uri = STRBUF_INIT;

	strbuf_adds(&uri, "otpauth://totp/Data%20Usage%20Monitor:");
	for (const char *c = username; *c != '\0'; c++)
		if (*c == '@')
			strbuf_adds(&uri, "%40");
		else
			strbuf_addc(&uri, *c);
	strbuf_addf(&uri,
	            "?secret=%s&issuer=Data%%20Usage%%20Monitor&algorithm=SHA1"
	            "&digits=%d&period=%d",
	            out->seed, TOTP_DIGITS, TOTP_STEP_S);
	snprintf(out->uri, sizeof(out->uri), "%s", uri.buf);
	explicit_bzero(uri.buf, uri.len);
	strbuf_release(&uri);
}

enum dum_status second_factor_begin(struct enrolment *out, struct db *db,
                                    int64_t user_id, struct dum_error *err)
{
	unsigned char seed[TOTP_SEED_BYTES];
	struct user before, after;
	enum dum_status status;

	status = account_row(&before, db, user_id, err);
	if (status == DUM_OK && before.totp_active)
		status = error_set(err, DUM_ECONFLICT,
		                   "a second factor is active; remove it "
		                   "first");
	if (status == DUM_OK)
		status = random_bytes(seed, sizeof(seed), err);
	if (status != DUM_OK)
		return status;
	after = before;
	after.totp_last_step = 0;
	status = seal_seed(&after, db, seed, err);
	if (status == DUM_OK)
		status = user_update(db, &before, &after, NULL, err);
	if (status == DUM_OK) {
		totp_seed_text(out->seed, seed);
		write_uri(out, after.username);
	}
	explicit_bzero(seed, sizeof(seed));
	return status;
}

/*
 * Which step a code is of, 0: of none; and is it one that was used before, or
 * older than one that was?
 */
static enum dum_status find_step(int64_t *step_out, bool *used_out,
                                 const struct db *db, const struct user *user,
                                 const char *code, struct dum_error *err)
{
	unsigned char seed[TOTP_SEED_BYTES];
	enum dum_status status;
	int64_t any = 0;

	*used_out = false;
	status = open_seed(seed, user, db, err);
	if (status == DUM_OK)
		status = totp_check(step_out, seed, code, db_now(db),
		                    user->totp_last_step, err);
	if (status == DUM_OK && *step_out == 0) {
		status = totp_check(&any, seed, code, db_now(db), 0, err);
		*used_out = any != 0;
	}
	explicit_bzero(seed, sizeof(seed));
	return status;
}

static enum dum_status hash_code(unsigned char hash[static HASH_BYTES],
                                 const char *raw, struct dum_error *err)
{
	return hash_sha256(hash, raw, CODE_LETTERS, err);
}

static enum dum_status make_code(char out[static RECOVERY_CODE_MAX],
                                 unsigned char hash[static HASH_BYTES],
                                 struct dum_error *err)
{
	unsigned char bytes[CODE_LETTERS];
	enum dum_status status;
	char raw[CODE_LETTERS];
	char *to = out;

	status = random_bytes(bytes, sizeof(bytes), err);
	if (status != DUM_OK)
		return status;
	for (int i = 0; i < CODE_LETTERS; i++) {
		raw[i] = letters[bytes[i] & 31];
		if (i > 0 && i % GROUP_LETTERS == 0)
			*to++ = '-';
		*to++ = raw[i];
	}
	*to = '\0';
	return hash_code(hash, raw, err);
}

static enum dum_status make_codes(
    char out[static RECOVERY_CODES][RECOVERY_CODE_MAX], struct db *db,
    int64_t user_id, struct dum_error *err)
{
	unsigned char hash[HASH_BYTES];
	enum dum_status status;

	status = recovery_code_clear(db, user_id, err);
	for (int i = 0; i < RECOVERY_CODES && status == DUM_OK; i++) {
		status = make_code(out[i], hash, err);
		if (status == DUM_OK)
			status = recovery_code_add(db, user_id, hash, err);
	}
	return status;
}

enum dum_status second_factor_confirm(
    char codes_out[static RECOVERY_CODES][RECOVERY_CODE_MAX], struct db *db,
    int64_t user_id, int64_t keep_session, const char *code,
    struct dum_error *err)
{
	char codes[RECOVERY_CODES][RECOVERY_CODE_MAX];
	struct user before, after;
	enum dum_status status;
	int64_t step = 0;
	bool used;

	status = account_row(&before, db, user_id, err);
	if (status == DUM_OK &&
	    (before.totp_active || before.totp_seed_len == 0))
		status = error_set(err, DUM_ECONFLICT,
		                   "there is no second factor to be confirmed");
	if (status == DUM_OK)
		status = find_step(&step, &used, db, &before, code, err);
	if (status == DUM_OK && step == 0)
		status = error_field(err, DUM_EINVAL, "code",
		                     "this is not the code of now; check the "
		                     "time of both devices");
	if (status != DUM_OK)
		return status;
	after = before;
	after.totp_active = true;
	after.totp_last_step = step;
	status = user_update(db, &before, &after, NULL, err);
	if (status == DUM_OK)
		status = make_codes(codes, db, user_id, err);
	if (status == DUM_OK)
		status = session_row_delete_others(db, user_id, keep_session,
		                                   err);
	if (status == DUM_OK)
		memcpy(codes_out, codes, sizeof(codes));
	explicit_bzero(codes, sizeof(codes));
	return status;
}

static enum dum_status use_totp(enum code_verdict *out, struct db *db,
                                const struct user *user, const char *code,
                                struct dum_error *err)
{
	struct user after = *user;
	enum dum_status status;
	int64_t step = 0;
	bool used;

	status = find_step(&step, &used, db, user, code, err);
	if (status != DUM_OK)
		return status;
	*out = step != 0 ? CODE_RIGHT : used ? CODE_USED : CODE_WRONG;
	if (step == 0)
		return DUM_OK;
	after.totp_last_step = step;
	return user_update(db, user, &after, NULL, err);
}

/* The letters of a recovery code, however it was typed; false: it is none. */
static bool read_code(char raw[static CODE_LETTERS], const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '-' || c == ' ')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (strchr(letters, c) == NULL || n == CODE_LETTERS)
			return false;
		raw[n++] = c;
	}
	return n == CODE_LETTERS;
}

static enum dum_status use_recovery(enum code_verdict *out, struct db *db,
                                    const struct user *user,
                                    const char raw[static CODE_LETTERS],
                                    struct dum_error *err)
{
	struct journal_event event = {.name = "recovery_code_used",
	                              .object = user->username};
	enum recovery_code_state state = RECOVERY_CODE_UNKNOWN;
	unsigned char hash[HASH_BYTES];
	enum dum_status status;

	status = hash_code(hash, raw, err);
	if (status == DUM_OK)
		status = recovery_code_use(&state, db, user->id, hash, err);
	if (status != DUM_OK)
		return status;
	*out = state == RECOVERY_CODE_GOOD   ? CODE_RIGHT
	       : state == RECOVERY_CODE_USED ? CODE_USED
	                                     : CODE_WRONG;
	return *out == CODE_RIGHT ? journal_event(db, &event, err) : DUM_OK;
}

enum dum_status second_factor_use(enum code_verdict *out, struct db *db,
                                  int64_t user_id, const char *code,
                                  struct dum_error *err)
{
	char raw[CODE_LETTERS];
	enum dum_status status;
	struct user user;

	*out = CODE_WRONG;
	status = account_row(&user, db, user_id, err);
	if (status != DUM_OK || !user.totp_active)
		return status;
	return read_code(raw, code) ? use_recovery(out, db, &user, raw, err)
	                            : use_totp(out, db, &user, code, err);
}

enum dum_status second_factor_codes_left(int64_t *out, struct db *db,
                                         int64_t user_id, struct dum_error *err)
{
	return recovery_code_count(out, db, user_id, err);
}
