#include "store/journal.h"

#include <string.h>

#include "base/strbuf.h"
#include "store/journal_chain.h"
#include "store/query.h"
#include "store/system_info.h"

/* Where the chain ends now; the lock is held, so it stays there. */
static enum dum_status find_head(struct db *db, struct dum_error *err)
{
	struct db_change *change = &db->change;
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
	return status == DUM_OK
	           ? system_info_number(&change->timeline, db, "timeline", err)
	           : status;
}

static enum dum_status insert(struct db *db, const struct journal_entry *e,
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

static enum dum_status append(struct db *db,
                              const struct journal_change *change,
                              struct dum_error *err)
{
	struct db_change *running = &db->change;
	unsigned char mac[HASH_BYTES];
	enum dum_status status;
	struct journal_entry e;

	if (!running->running)
		return error_set(err, DUM_ESYS, "no change is running");
	status = journal_key(db, err);
	if (status == DUM_OK && running->batch == 0)
		status = find_head(db, err);
	if (status != DUM_OK)
		return status;
	e = (struct journal_entry){
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
	status = journal_seal(mac, db->hmac, &e, err);
	if (status == DUM_OK)
		status = insert(db, &e, mac, err);
	if (status == DUM_OK) {
		running->batch = e.batch;
		running->last_entry = e.id;
		memcpy(running->last_mac, mac, HASH_BYTES);
	}
	return status;
}

/*
 * Accounts and keys change nothing that a page of data shows: answers that
 * workers keep stay good. Told by exception, so that a table that is forgotten
 * here costs an answer anew and never shows an old one.
 */
static bool shows_in_pages(const char *table)
{
	return strcmp(table, "users") != 0 && strcmp(table, "api_keys") != 0;
}

enum dum_status journal_ready(struct db *db, struct dum_error *err)
{
	return journal_key(db, err);
}

enum dum_status journal_append(struct db *db,
                               const struct journal_change *change,
                               struct dum_error *err)
{
	enum dum_status status = append(db, change, err);

	if (status == DUM_OK && shows_in_pages(change->table))
		db->change.moves_data = true;
	return status;
}

enum dum_status journal_event(struct db *db, const struct journal_event *event,
                              struct dum_error *err)
{
	return append(db,
	              &(struct journal_change){.op = event->name,
	                                       .table = "event",
	                                       .pk = event->object,
	                                       .after = event->detail},
	              err);
}
