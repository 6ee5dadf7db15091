#include "store/journal_prune.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "store/journal.h"
#include "store/journal_chain.h"
#include "store/query.h"

enum dum_status journal_last_before(int64_t *out, struct db *db, const char *at,
                                    struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t id = 0;

	query_start(&q, db, SQL_JOURNAL_LAST_BEFORE, err);
	query_bind_text(&q, ":at", at);
	while (query_row(&q))
		id = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = id;
	return status;
}

/* The word in front keeps a seal from ever passing for an entry's mac. */
static enum dum_status make_seal(unsigned char seal[static HASH_BYTES],
                                 struct db *db, int64_t upto_id,
                                 const unsigned char mac[static HASH_BYTES],
                                 const char *at, struct dum_error *err)
{
	journal_seal_text(db->hmac, "journal pruned");
	journal_seal_int(db->hmac, upto_id);
	journal_seal_bytes(db->hmac, mac, HASH_BYTES);
	journal_seal_text(db->hmac, at);
	return hmac_finish(db->hmac, seal, err);
}

/* False: of another length than any hash; somebody went past the CHECKs. */
static bool take_hash(unsigned char out[static HASH_BYTES], struct query *q,
                      int column)
{
	const void *blob;
	size_t len;

	blob = query_blob(q, column, &len);
	if (len != HASH_BYTES)
		return false;
	memcpy(out, blob, HASH_BYTES);
	return true;
}

enum dum_status journal_start(struct journal_start *out, struct db *db,
                              struct dum_error *err)
{
	struct journal_start start = {.upto_id = 0};
	unsigned char seal[HASH_BYTES] = {0}, wanted[HASH_BYTES];
	char at[CLOCK_TEXT_MAX] = "";
	enum dum_status status;
	bool whole = true;
	struct query q;

	status = journal_key(db, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_PRUNE_NEWEST, err);
	while (query_row(&q)) {
		start.upto_id = query_int(&q, 0);
		whole = take_hash(start.mac, &q, 1) && take_hash(seal, &q, 2);
		snprintf(at, sizeof(at), "%s", query_text(&q, 4));
	}
	status = query_end(&q);
	if (status == DUM_OK && start.upto_id != 0) {
		status = make_seal(wanted, db, start.upto_id, start.mac, at,
		                   err);
		start.forged = !whole || !hash_equal(seal, wanted, HASH_BYTES);
	}
	if (status == DUM_OK)
		*out = start;
	return status;
}

/* A broken chain must not be made whole by letting its break go. */
static enum dum_status check_chain(struct db *db, int64_t upto_id,
                                   struct dum_error *err)
{
	struct journal_verdict verdict = {0};
	enum dum_status status;

	status = journal_verify_upto(&verdict, db, upto_id, NULL, NULL, err);
	if (status == DUM_OK && verdict.broken_id != 0)
		status = error_set(err, DUM_EDAMAGED,
		                   "entry %lld of the journal does not fit "
		                   "(%s); nothing was pruned",
		                   (long long)verdict.broken_id, verdict.why);
	return status;
}

static enum dum_status find_mac(unsigned char mac[static HASH_BYTES],
                                struct db *db, int64_t id,
                                struct dum_error *err)
{
	enum dum_status status;
	bool found = false;

	status = journal_mac(mac, &found, db, id, err);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_EINVAL,
		                   "the journal has no entry %lld",
		                   (long long)id);
	return status;
}

static enum dum_status delete_upto(int64_t *deleted_out, struct db *db,
                                   int64_t upto_id,
                                   const unsigned char mac[static HASH_BYTES],
                                   struct dum_error *err)
{
	unsigned char seal[HASH_BYTES];
	enum dum_status status;
	struct query q;

	status = make_seal(seal, db, upto_id, mac, db_change_at(db), err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_PRUNE_ADD, err);
	query_bind_int(&q, ":upto", upto_id);
	query_bind_blob(&q, ":mac", mac, HASH_BYTES);
	query_bind_blob(&q, ":seal", seal, HASH_BYTES);
	query_bind_text(&q, ":key_id", db->key_id);
	query_bind_text(&q, ":at", db_change_at(db));
	status = query_run(&q);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_DELETE_UPTO, err);
	query_bind_int(&q, ":upto", upto_id);
	status = query_run(&q);
	if (status == DUM_OK)
		*deleted_out = sqlite3_changes64(db->sqlite);
	return status;
}

/* Entered first: the journal is never empty, so its head stays where it is. */
static enum dum_status enter_event(struct db *db, int64_t upto_id,
                                   struct dum_error *err)
{
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "upto_id", upto_id);
	jsonw_object_end(&w);
	if (!strbuf_ok(&detail))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_event(
		    db,
		    &(struct journal_event){.name = "journal_pruned",
		                            .detail = detail.buf},
		    err);
	strbuf_release(&detail);
	return status;
}

enum dum_status journal_prune(int64_t *deleted_out, struct db *db,
                              int64_t upto_id, struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	enum dum_status status;

	status = journal_key(db, err);
	if (status == DUM_OK)
		status = find_mac(mac, db, upto_id, err);
	if (status == DUM_OK)
		status = check_chain(db, upto_id, err);
	if (status == DUM_OK)
		status = enter_event(db, upto_id, err);
	if (status == DUM_OK)
		status = delete_upto(deleted_out, db, upto_id, mac, err);
	return status;
}
