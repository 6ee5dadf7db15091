#include "access/setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "store/journal.h"
#include "store/system_info.h"

/* Its value: the hash in hexadecimal, a blank, its end in seconds; or "". */
static const char row_name[] = "setup_token";

static enum dum_status check_empty(struct db *db, struct dum_error *err)
{
	enum dum_status status;
	int64_t accounts = 0;

	status = account_count(&accounts, db, err);
	if (status == DUM_OK && accounts > 0)
		status = error_set(err, DUM_ECONFLICT,
		                   "this installation is set up already; log "
		                   "in");
	return status;
}

enum dum_status setup_token_make(char out[static SETUP_TOKEN_MAX],
                                 struct db *db, struct dum_error *err)
{
	unsigned char token[SETUP_TOKEN_BYTES];
	char hash[HASH_HEX_MAX], value[HASH_HEX_MAX + 24];
	int64_t until = db_now(db) + INT64_C(3600) * SETUP_TOKEN_HOURS;
	enum dum_status status;

	status = check_empty(db, err);
	if (status == DUM_OK)
		status = random_bytes(token, sizeof(token), err);
	if (status == DUM_OK)
		status = hash_sha256_hex(hash, token, sizeof(token), err);
	if (status != DUM_OK)
		return status;
	snprintf(value, sizeof(value), "%s %lld", hash, (long long)until);
	status = system_info_set(db, row_name, value, err);
	if (status == DUM_OK)
		status = journal_event(
		    db, &(struct journal_event){.name = "setup_token"}, err);
	if (status == DUM_OK)
		base64_encode(out, token, sizeof(token), BASE64_URL);
	explicit_bzero(token, sizeof(token));
	return status;
}

/* False as well where none was made. */
static bool read_value(char hash[static HASH_HEX_MAX], int64_t *until,
                       const char *value)
{
	return sscanf(value, "%64[0-9a-f] %" SCNd64, hash, until) == 2 &&
	       strlen(hash) == HASH_HEX_MAX - 1;
}

enum dum_status setup_token_check(struct db *db, const char *token,
                                  struct dum_error *err)
{
	struct strbuf value = STRBUF_INIT;
	unsigned char raw[SETUP_TOKEN_BYTES];
	char hash[HASH_HEX_MAX] = "", stored[HASH_HEX_MAX] = "";
	enum dum_status status;
	int64_t until = 0;
	bool good;

	status = check_empty(db, err);
	if (status != DUM_OK)
		return status;
	status = system_info_get(&value, db, row_name, NULL);
	good = status == DUM_OK && read_value(stored, &until, value.buf) &&
	       base64_decode(raw, sizeof(raw), token, strlen(token),
	                     BASE64_URL) &&
	       hash_sha256_hex(hash, raw, sizeof(raw), NULL) == DUM_OK &&
	       hash_equal(hash, stored, HASH_HEX_MAX) && db_now(db) < until;
	strbuf_release(&value);
	explicit_bzero(raw, sizeof(raw));
	if (status != DUM_OK && status != DUM_ENOTFOUND)
		return error_set(err, status,
		                 "the set-up token can not be "
		                 "read");
	if (!good)
		return error_set(err, DUM_EAUTH,
		                 "this set-up link is not valid; make a new "
		                 "one with: dum-admin user setup-link");
	return DUM_OK;
}

enum dum_status setup_finish(struct account *out, struct db *db,
                             const char *token, const struct account_new *new,
                             struct dum_error *err)
{
	struct account added;
	enum dum_status status;

	status = setup_token_check(db, token, err);
	if (status == DUM_OK)
		status = account_add_first(&added, db, new, err);
	if (status == DUM_OK)
		status = system_info_set(db, row_name, "", err);
	if (status == DUM_OK)
		status = journal_event(
		    db,
		    &(struct journal_event){.name = "setup",
		                            .object = added.username},
		    err);
	if (status == DUM_OK)
		*out = added;
	return status;
}
