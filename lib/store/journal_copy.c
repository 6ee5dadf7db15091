#include "store/journal_copy.h"

#include "crypto/hash.h"
#include "store/query.h"

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

enum dum_status journal_copy(struct db *db, int64_t upto_id,
                             journal_record_fn fn, void *arg,
                             struct dum_error *err)
{
	struct journal_record record;
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_JOURNAL_WALK, err);
	query_bind_int(&q, ":after", 0);
	query_bind_int(&q, ":upto", upto_id);
	while (query_row(&q)) {
		status = read_row(&record, &q);
		if (status == DUM_OK)
			status = fn(arg, &record, err);
		query_fail(&q, status);
	}
	return query_end(&q);
}
