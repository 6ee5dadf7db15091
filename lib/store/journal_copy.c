#include "store/journal_copy.h"

#include <string.h>

#include "crypto/hash.h"
#include "store/journal_chain.h"
#include "store/journal_prune.h"
#include "store/query.h"
#include "store/system_info.h"

static const char *text_or_null(struct query *q, int column)
{
	return query_is_null(q, column) ? NULL : query_text(q, column);
}

/* The schema sees to the length of both; a damaged file may not. */
static enum dum_status read_row(struct journal_record *r, struct query *q)
{
	size_t prev_len, mac_len;

	*r = (struct journal_record){
	    .id = query_int(q, 0),
	    .at = query_text(q, 1),
	    .timeline = query_int(q, 2),
	    .batch = query_int(q, 3),
	    .actor = query_text(q, 4),
	    .address = text_or_null(q, 5),
	    .source = query_text(q, 6),
	    .request_id = text_or_null(q, 7),
	    .op = query_text(q, 8),
	    .table = query_text(q, 9),
	    .pk = text_or_null(q, 10),
	    .before = text_or_null(q, 11),
	    .after = text_or_null(q, 12),
	    .key_id = query_text(q, 14),
	};
	r->prev = query_blob(q, 13, &prev_len);
	r->mac = query_blob(q, 15, &mac_len);
	if (prev_len == HASH_BYTES && mac_len == HASH_BYTES)
		return DUM_OK;
	return error_set(q->err, DUM_EDAMAGED,
	                 "entry %lld of the journal is damaged",
	                 (long long)r->id);
}

static enum dum_status copy(struct db *db, int64_t after_id, int64_t upto_id,
                            const bool *enough, journal_record_fn fn, void *arg,
                            struct dum_error *err)
{
	struct journal_record record;
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_JOURNAL_WALK, err);
	query_bind_int(&q, ":after", after_id);
	query_bind_int(&q, ":upto", upto_id);
	while (!*enough && query_row(&q)) {
		status = read_row(&record, &q);
		if (status == DUM_OK)
			status = fn(arg, &record, err);
		query_fail(&q, status);
	}
	return query_end(&q);
}

enum dum_status journal_copy(struct db *db, int64_t upto_id,
                             journal_record_fn fn, void *arg,
                             struct dum_error *err)
{
	bool enough = false;

	return copy(db, 0, upto_id, &enough, fn, arg, err);
}

enum dum_status journal_copy_after(struct db *db, int64_t after_id,
                                   bool *enough, journal_record_fn fn,
                                   void *arg, struct dum_error *err)
{
	return copy(db, after_id, INT64_MAX, enough, fn, arg, err);
}

enum dum_status journal_place_now(struct journal_place *out, struct db *db,
                                  struct dum_error *err)
{
	struct journal_place place = {.last_id = 0};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_JOURNAL_HEAD, err);
	while (query_row(&q))
		place.last_id = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		status = system_info_number(&place.timeline, db, "timeline",
		                            err);
	if (status == DUM_OK)
		*out = place;
	return status;
}

enum dum_status journal_has(bool *out, struct db *db, int64_t id,
                            const unsigned char mac[static HASH_BYTES],
                            struct dum_error *err)
{
	unsigned char stored[HASH_BYTES];
	struct journal_start start;
	enum dum_status status;
	bool found = false;

	status = journal_mac(stored, &found, db, id, err);
	if (status == DUM_OK && !found) {
		status = journal_start(&start, db, err);
		found = status == DUM_OK && start.upto_id == id &&
		        !start.forged;
		if (found)
			memcpy(stored, start.mac, HASH_BYTES);
	}
	if (status == DUM_OK)
		*out = found && hash_equal(stored, mac, HASH_BYTES);
	return status;
}

enum dum_status journal_before_timeline(int64_t *out, struct db *db,
                                        int64_t later_than,
                                        struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t id = 0;

	query_start(&q, db, SQL_JOURNAL_BEFORE_TIMELINE, err);
	query_bind_int(&q, ":timeline", later_than);
	while (query_row(&q))
		id = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = id;
	return status;
}
