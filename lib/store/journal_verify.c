/* Walk the journal's chain, entry by entry. */
#include <stdio.h>
#include <string.h>

#include "store/journal.h"
#include "store/journal_chain.h"
#include "store/journal_prune.h"
#include "store/query.h"

/* NULL where the column is. */
static const char *text_or_null(struct query *q, int column)
{
	return query_is_null(q, column) ? NULL : query_text(q, column);
}

static void read_entry(struct journal_entry *e, struct query *q)
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
	struct journal_entry e;

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
	status = journal_seal(mac, walk->db->hmac, &e, q->err);
	if (status == DUM_OK && !hash_equal(mac, stored, HASH_BYTES))
		broken(walk, e.id, "its content was changed");
	memcpy(walk->last_mac, stored, HASH_BYTES);
	walk->last_id = e.id;
	return status;
}

static enum dum_status count(int64_t *out, struct db *db, int64_t after,
                             int64_t upto, struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t n = 0;

	query_start(&q, db, SQL_JOURNAL_COUNT, err);
	query_bind_int(&q, ":after", after);
	query_bind_int(&q, ":upto", upto);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = n;
	return status;
}

/* Stand where the chain begins. */
static enum dum_status start(struct walk *walk, struct db *db,
                             struct dum_error *err)
{
	struct journal_start from;
	enum dum_status status;

	status = journal_start(&from, db, err);
	if (status != DUM_OK)
		return status;
	walk->last_id = from.upto_id;
	memcpy(walk->last_mac, from.mac, HASH_BYTES);
	if (from.forged)
		broken(walk, from.upto_id + 1,
		       "the seal of what was pruned before it is forged");
	return DUM_OK;
}

enum dum_status journal_verify_upto(struct journal_verdict *out, struct db *db,
                                    int64_t upto_id,
                                    journal_progress_fn progress, void *arg,
                                    struct dum_error *err)
{
	struct journal_verdict verdict = {0};
	struct walk walk = {.db = db, .verdict = &verdict};
	enum dum_status status;
	struct query q;
	int64_t all = 0;

	status = journal_key(db, err);
	if (status == DUM_OK)
		status = start(&walk, db, err);
	if (status == DUM_OK)
		status = count(&all, db, walk.last_id, upto_id, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_WALK, err);
	query_bind_int(&q, ":after", walk.last_id);
	query_bind_int(&q, ":upto", upto_id);
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

enum dum_status journal_verify(struct journal_verdict *out, struct db *db,
                               journal_progress_fn progress, void *arg,
                               struct dum_error *err)
{
	return journal_verify_upto(out, db, INT64_MAX, progress, arg, err);
}
