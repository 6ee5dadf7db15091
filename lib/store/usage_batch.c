/*
 * Many days at once. The journal gets one entry for some thousands of rows, in
 * the form of store/day_rows.h; rows of `before` have their updated_at.
 */
#include "store/usage_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/day_rows.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/query.h"
#include "store/record_counts.h"

/* Large enough to cost nothing beside the rows, small enough to hold. */
enum { ENTRY_BYTES = 256 * 1024 };

struct usage_batch {
	struct db *db;
	char import_id[24];
	struct day_rows before, after;
	struct record_counts added;
	int64_t seen_location;        /* is known to be visible */
	int64_t replaced;             /* by the last put; -1: nothing */
	char day_text[DATE_TEXT_MAX]; /* of .day */
	struct date day;
};

enum dum_status usage_batch_open(struct usage_batch **out, struct db *db,
                                 int64_t import_id, struct dum_error *err)
{
	struct usage_batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	batch->db = db;
	strbuf_init(&batch->before.text);
	strbuf_init(&batch->after.text);
	if (import_id != 0)
		snprintf(batch->import_id, sizeof(batch->import_id),
		         "import:%lld", (long long)import_id);
	*out = batch;
	return DUM_OK;
}

void usage_batch_free(struct usage_batch *batch)
{
	if (batch == NULL)
		return;
	strbuf_release(&batch->before.text);
	strbuf_release(&batch->after.text);
	record_counts_release(&batch->added);
	free(batch);
}

/* updated_at NULL: the time of the change. */
static void note(struct day_rows *rows, const struct usage_batch *batch,
                 int64_t id, int64_t location_id, int64_t bytes,
                 const char *updated_at)
{
	struct day_row row = {
	    .id = id, .location_id = location_id, .bytes = bytes};

	memcpy(row.day, batch->day_text, sizeof(row.day));
	if (updated_at != NULL)
		snprintf(row.updated_at, sizeof(row.updated_at), "%s",
		         updated_at);
	day_rows_add(rows, &row);
}

static enum dum_status flush(struct usage_batch *batch, struct dum_error *err)
{
	struct journal_change change = {
	    .op = "batch", .table = "daily_usage", .pk = NULL};
	enum dum_status status;

	if (batch->after.text.len == 0)
		return DUM_OK;
	if (batch->import_id[0] != '\0') {
		change.op = "import";
		change.pk = batch->import_id;
	}
	change.before = day_rows_finish(&batch->before);
	change.after = day_rows_finish(&batch->after);
	if (!strbuf_ok(&batch->before.text) || !strbuf_ok(&batch->after.text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(batch->db, &change, err);
	day_rows_reset(&batch->before);
	day_rows_reset(&batch->after);
	return status;
}

/* The id of the new row; 0 when there is one already. */
static enum dum_status try_insert(int64_t *id_out, struct usage_batch *batch,
                                  int64_t location_id, int64_t bytes,
                                  struct dum_error *err)
{
	struct query q;

	query_start(&q, batch->db, SQL_USAGE_INSERT, err);
	query_bind_text(&q, ":date", batch->day_text);
	query_bind_int(&q, ":location_id", location_id);
	query_bind_int(&q, ":bytes", bytes);
	query_bind_text(&q, ":at", db_change_at(batch->db));
	return query_insert(id_out, &q);
}

struct found {
	int64_t id;
	int64_t bytes;
	char updated_at[CLOCK_TEXT_MAX];
};

static enum dum_status find(struct found *out, struct usage_batch *batch,
                            int64_t location_id, struct dum_error *err)
{
	struct query q;

	query_start(&q, batch->db, SQL_USAGE_FIND, err);
	query_bind_text(&q, ":date", batch->day_text);
	query_bind_int(&q, ":location_id", location_id);
	while (query_row(&q)) {
		out->id = query_int(&q, 0);
		out->bytes = query_int(&q, 3);
		snprintf(out->updated_at, sizeof(out->updated_at), "%s",
		         query_text(&q, 5));
	}
	return query_end(&q);
}

static enum dum_status replace(enum usage_change *change_out,
                               struct usage_batch *batch, int64_t location_id,
                               int64_t bytes, enum usage_put_mode mode,
                               struct dum_error *err)
{
	struct found old = {0};
	enum dum_status status;
	struct query q;

	*change_out = USAGE_SAME;
	if (mode == USAGE_KEEP)
		return DUM_OK;
	status = find(&old, batch, location_id, err);
	if (status != DUM_OK || old.bytes == bytes)
		return status;
	query_start(&q, batch->db, SQL_USAGE_SET, err);
	query_bind_int(&q, ":id", old.id);
	query_bind_int(&q, ":bytes", bytes);
	query_bind_text(&q, ":at", db_change_at(batch->db));
	status = query_run(&q);
	if (status != DUM_OK)
		return status;
	*change_out = USAGE_CHANGED;
	batch->replaced = old.bytes;
	note(&batch->before, batch, old.id, location_id, old.bytes,
	     old.updated_at);
	note(&batch->after, batch, old.id, location_id, bytes, NULL);
	return DUM_OK;
}

/* Rows of others are not for a limited caller; tools are never limited. */
static enum dum_status check_visible(struct usage_batch *batch,
                                     int64_t location_id, struct dum_error *err)
{
	struct location location;
	enum dum_status status;

	if (batch->db->viewer[0] == '\0' || batch->seen_location == location_id)
		return DUM_OK;
	status = location_get(&location, batch->db, location_id, err);
	if (status == DUM_OK)
		batch->seen_location = location_id;
	if (status == DUM_ENOTFOUND && err != NULL)
		err->status = DUM_ECONFLICT;
	return status == DUM_ENOTFOUND ? DUM_ECONFLICT : status;
}

enum dum_status usage_batch_put(enum usage_change *change_out,
                                struct usage_batch *batch, struct date date,
                                int64_t location_id, int64_t bytes,
                                enum usage_put_mode mode, struct dum_error *err)
{
	enum dum_status status;
	int64_t id = 0;

	if (bytes < 0 || bytes > USAGE_BYTES_MAX)
		return error_set(err, DUM_EINVAL,
		                 "%lld bytes are not 0 to 1000000 GB",
		                 (long long)bytes);
	if (batch->day_text[0] == '\0' || date_cmp(batch->day, date) != 0) {
		date_format(batch->day_text, date);
		batch->day = date;
	}
	batch->replaced = -1;
	status = check_visible(batch, location_id, err);
	if (status == DUM_OK)
		status = try_insert(&id, batch, location_id, bytes, err);
	if (status == DUM_OK && id != 0) {
		*change_out = USAGE_NEW;
		status = record_counts_add(&batch->added, location_id, 1, err);
		note(&batch->after, batch, id, location_id, bytes, NULL);
	} else if (status == DUM_OK) {
		status = replace(change_out, batch, location_id, bytes, mode,
		                 err);
	}
	if (status == DUM_OK && batch->after.text.len >= ENTRY_BYTES)
		status = flush(batch, err);
	return status;
}

int64_t usage_batch_before(const struct usage_batch *batch)
{
	return batch->replaced;
}

enum dum_status usage_batch_finish(struct usage_batch *batch,
                                   struct dum_error *err)
{
	enum dum_status status = flush(batch, err);

	if (status == DUM_OK)
		status = record_counts_store(&batch->added, batch->db, err);
	return status;
}
