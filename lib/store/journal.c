#include "store/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/secret_key.h"
#include "store/query.h"
#include "store/system_info.h"

/* One entry, as it is sealed. Texts may be NULL where the column may. */
struct entry {
	int64_t id;
	const char *at;
	int64_t timeline;
	int64_t batch;
	const char *actor;
	const char *address;
	const char *source;
	const char *request_id;
	const char *op;
	const char *table;
	const char *pk;
	const char *before;
	const char *after;
	const unsigned char *prev; /* HASH_BYTES */
	const char *key_id;
};

static void seal_bytes(struct hmac *hmac, const void *data, size_t len)
{
	uint32_t n = data != NULL ? (uint32_t)len : UINT32_MAX;
	unsigned char head[4] = {(unsigned char)(n >> 24),
	                         (unsigned char)(n >> 16),
	                         (unsigned char)(n >> 8), (unsigned char)n};

	hmac_write(hmac, head, sizeof(head));
	if (data != NULL && len > 0)
		hmac_write(hmac, data, len);
}

static void seal_text(struct hmac *hmac, const char *text)
{
	seal_bytes(hmac, text, text != NULL ? strlen(text) : 0);
}

static void seal_int(struct hmac *hmac, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	seal_text(hmac, text);
}

static enum dum_status seal(unsigned char mac[static HASH_BYTES],
                            struct hmac *hmac, const struct entry *e,
                            struct dum_error *err)
{
	seal_int(hmac, e->id);
	seal_text(hmac, e->at);
	seal_int(hmac, e->timeline);
	seal_int(hmac, e->batch);
	seal_text(hmac, e->actor);
	seal_text(hmac, e->address);
	seal_text(hmac, e->source);
	seal_text(hmac, e->request_id);
	seal_text(hmac, e->op);
	seal_text(hmac, e->table);
	seal_text(hmac, e->pk);
	seal_text(hmac, e->before);
	seal_text(hmac, e->after);
	seal_bytes(hmac, e->prev, HASH_BYTES);
	seal_text(hmac, e->key_id);
	return hmac_finish(hmac, mac, err);
}

static enum dum_status load_key(struct db *db, struct dum_error *err)
{
	struct secret_key key;
	enum dum_status status;

	if (db->hmac != NULL)
		return DUM_OK;
	status = secret_key_read(&key, db->config->secret_key_file, err);
	if (status != DUM_OK)
		return status;
	status = hmac_new(&db->hmac, key.bytes, sizeof(key.bytes), err);
	memcpy(db->key_id, key.id, sizeof(db->key_id));
	secret_key_wipe(&key);
	return status;
}

/* Where the chain ends now; the lock is held, so it stays there. */
static enum dum_status find_head(struct db *db, struct dum_error *err)
{
	struct db_change *change = &db->change;
	struct strbuf timeline = STRBUF_INIT;
	enum dum_status status;
	const void *mac;
	struct query q;
	size_t len;

	query_start(&q, db, SQL_JOURNAL_HEAD, err);
	while (query_row(&q)) {
		change->last_entry = query_int(&q, 0);
		mac = query_blob(&q, 1, &len);
		if (len == HASH_BYTES)
			memcpy(change->last_mac, mac, HASH_BYTES);
	}
	status = query_end(&q);
	if (status == DUM_OK)
		status = system_info_get(&timeline, db, "timeline", err);
	if (status == DUM_OK &&
	    sscanf(timeline.buf, "%" SCNd64, &change->timeline) != 1)
		status = error_set(err, DUM_EDAMAGED,
		                   "system_info: timeline is no number");
	strbuf_release(&timeline);
	return status;
}

static enum dum_status insert(struct db *db, const struct entry *e,
                              const unsigned char mac[static HASH_BYTES],
                              struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_JOURNAL_APPEND, err);
	query_bind_int(&q, ":id", e->id);
	query_bind_text(&q, ":at", e->at);
	query_bind_int(&q, ":timeline", e->timeline);
	query_bind_int(&q, ":batch", e->batch);
	query_bind_text(&q, ":actor", e->actor);
	query_bind_text(&q, ":address", e->address);
	query_bind_text(&q, ":source", e->source);
	query_bind_text(&q, ":request_id", e->request_id);
	query_bind_text(&q, ":op", e->op);
	query_bind_text(&q, ":tbl", e->table);
	query_bind_text(&q, ":pk", e->pk);
	query_bind_text(&q, ":before", e->before);
	query_bind_text(&q, ":after", e->after);
	query_bind_blob(&q, ":prev", e->prev, HASH_BYTES);
	query_bind_text(&q, ":key_id", e->key_id);
	query_bind_blob(&q, ":mac", mac, HASH_BYTES);
	return query_run(&q);
}

enum dum_status journal_append(struct db *db,
                               const struct journal_change *change,
                               struct dum_error *err)
{
	struct db_change *running = &db->change;
	unsigned char mac[HASH_BYTES];
	enum dum_status status;
	struct entry e;

	if (!running->running)
		return error_set(err, DUM_ESYS, "no change is running");
	status = load_key(db, err);
	if (status == DUM_OK && running->batch == 0)
		status = find_head(db, err);
	if (status != DUM_OK)
		return status;
	e = (struct entry){
	    .id = running->last_entry + 1,
	    .at = running->at,
	    .timeline = running->timeline,
	    .batch = running->batch != 0 ? running->batch
	                                 : running->last_entry + 1,
	    .actor = running->who.actor,
	    .address = running->who.address,
	    .source = running->who.source,
	    .request_id = running->who.request_id,
	    .op = change->op,
	    .table = change->table,
	    .pk = change->pk,
	    .before = change->before,
	    .after = change->after,
	    .prev = running->last_mac,
	    .key_id = db->key_id,
	};
	status = seal(mac, db->hmac, &e, err);
	if (status == DUM_OK)
		status = insert(db, &e, mac, err);
	if (status == DUM_OK) {
		running->batch = e.batch;
		running->last_entry = e.id;
		memcpy(running->last_mac, mac, HASH_BYTES);
	}
	return status;
}

/* NULL where the column is. */
static const char *text_or_null(struct query *q, int column)
{
	return query_is_null(q, column) ? NULL : query_text(q, column);
}

static void read_entry(struct entry *e, struct query *q)
{
	e->id = query_int(q, 0);
	e->at = query_text(q, 1);
	e->timeline = query_int(q, 2);
	e->batch = query_int(q, 3);
	e->actor = query_text(q, 4);
	e->address = text_or_null(q, 5);
	e->source = query_text(q, 6);
	e->request_id = text_or_null(q, 7);
	e->op = query_text(q, 8);
	e->table = query_text(q, 9);
	e->pk = text_or_null(q, 10);
	e->before = text_or_null(q, 11);
	e->after = text_or_null(q, 12);
	e->key_id = query_text(q, 14);
}

struct walk {
	struct db *db;
	struct journal_verdict *verdict;
	int64_t last_id;
	unsigned char last_mac[HASH_BYTES];
};

static void broken(struct walk *walk, int64_t id, const char *why)
{
	walk->verdict->broken_id = id;
	snprintf(walk->verdict->why, sizeof(walk->verdict->why), "%s", why);
}

/* Look at one entry; the first that does not fit is noted in the verdict. */
static enum dum_status check_entry(struct walk *walk, struct query *q)
{
	unsigned char mac[HASH_BYTES];
	enum dum_status status;
	size_t prev_len, mac_len;
	const void *stored;
	struct entry e;

	read_entry(&e, q);
	e.prev = query_blob(q, 13, &prev_len);
	stored = query_blob(q, 15, &mac_len);
	if (strcmp(e.key_id, walk->db->key_id) != 0) {
		broken(walk, e.id, "it was sealed with another key");
		return DUM_OK;
	}
	if (prev_len != HASH_BYTES || mac_len != HASH_BYTES ||
	    e.id != walk->last_id + 1 ||
	    !hash_equal(e.prev, walk->last_mac, HASH_BYTES)) {
		broken(walk, e.id, "the entry before it is missing or another");
		return DUM_OK;
	}
	status = seal(mac, walk->db->hmac, &e, q->err);
	if (status == DUM_OK && !hash_equal(mac, stored, HASH_BYTES))
		broken(walk, e.id, "its content was changed");
	memcpy(walk->last_mac, stored, HASH_BYTES);
	walk->last_id = e.id;
	return status;
}

enum dum_status journal_verify(struct journal_verdict *out, struct db *db,
                               journal_progress_fn progress, void *arg,
                               struct dum_error *err)
{
	struct journal_verdict verdict = {0};
	struct walk walk = {.db = db, .verdict = &verdict};
	enum dum_status status;
	struct query q;
	int64_t all = 0;

	status = load_key(db, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_COUNT, err);
	while (query_row(&q))
		all = query_int(&q, 0);
	status = query_end(&q);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_WALK, err);
	while (verdict.broken_id == 0 && query_row(&q)) {
		query_fail(&q, check_entry(&walk, &q));
		verdict.entries++;
		if (progress != NULL && verdict.entries % 64 == 0)
			progress(arg, verdict.entries, all);
	}
	status = query_end(&q);
	if (status == DUM_OK)
		*out = verdict;
	return status;
}
