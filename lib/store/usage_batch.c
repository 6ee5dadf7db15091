/*
 * Many days at once. The journal gets one entry for some thousands of rows:
 *
 *	after:  {"days":[["2024-01-01",[[id,location_id,bytes],...]],...]}
 *	before: the same for rows that were there, [id,location_id,bytes,
 *	        updated_at]; null where all were new
 *
 * Rows of one entry got the entry's time as updated_at; new ones as
 * created_at too.
 */
#include "store/usage_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "store/counter.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/query.h"

/* Large enough to cost nothing beside the rows, small enough to hold. */
enum { ENTRY_BYTES = 256 * 1024 };

/* One side of an entry being written. */
struct side {
	struct strbuf text;
	char day[DATE_TEXT_MAX]; /* of the list that is open; "" none */
};

/* New records of one location. */
struct added {
	int64_t location_id;
	int64_t records;
};

struct usage_batch {
	struct db *db;
	char import_id[24];
	struct side before, after;
	struct added *added;
	size_t added_count, added_cap;
	size_t added_at;              /* the one that the last record was of */
	int64_t seen_location;        /* is known to be visible */
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
	snprintf(batch->import_id, sizeof(batch->import_id), "import:%lld",
	         (long long)import_id);
	*out = batch;
	return DUM_OK;
}

void usage_batch_free(struct usage_batch *batch)
{
	if (batch == NULL)
		return;
	strbuf_release(&batch->before.text);
	strbuf_release(&batch->after.text);
	free(batch->added);
	free(batch);
}

/* Open the list of a day, unless it is open; then a comma. */
static void side_start(struct side *side, const char *day)
{
	if (side->text.len == 0)
		strbuf_adds(&side->text, "{\"days\":[");
	if (strcmp(side->day, day) == 0) {
		strbuf_addc(&side->text, ',');
		return;
	}
	strbuf_adds(&side->text, side->day[0] != '\0' ? "]],[\"" : "[\"");
	strbuf_adds(&side->text, day);
	strbuf_adds(&side->text, "\",[");
	memcpy(side->day, day, sizeof(side->day));
}

static void side_add(struct side *side, const char *day, int64_t id,
                     int64_t location_id, int64_t bytes, const char *updated_at)
{
	side_start(side, day);
	strbuf_addc(&side->text, '[');
	strbuf_addi(&side->text, id);
	strbuf_addc(&side->text, ',');
	strbuf_addi(&side->text, location_id);
	strbuf_addc(&side->text, ',');
	strbuf_addi(&side->text, bytes);
	if (updated_at != NULL) {
		strbuf_adds(&side->text, ",\"");
		strbuf_adds(&side->text, updated_at);
		strbuf_addc(&side->text, '"');
	}
	strbuf_addc(&side->text, ']');
}

static const char *side_finish(struct side *side)
{
	if (side->text.len == 0)
		return NULL;
	strbuf_adds(&side->text, "]]]}");
	return side->text.buf;
}

static void side_reset(struct side *side)
{
	strbuf_reset(&side->text);
	side->day[0] = '\0';
}

static enum dum_status flush(struct usage_batch *batch, struct dum_error *err)
{
	struct journal_change change = {
	    .op = "import", .table = "daily_usage", .pk = batch->import_id};
	enum dum_status status;

	if (batch->after.text.len == 0)
		return DUM_OK;
	change.before = side_finish(&batch->before);
	change.after = side_finish(&batch->after);
	if (!strbuf_ok(&batch->before.text) || !strbuf_ok(&batch->after.text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(batch->db, &change, err);
	side_reset(&batch->before);
	side_reset(&batch->after);
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
	side_add(&batch->before, batch->day_text, old.id, location_id,
	         old.bytes, old.updated_at);
	side_add(&batch->after, batch->day_text, old.id, location_id, bytes,
	         NULL);
	return DUM_OK;
}

/*
 * Ids ascend within a date and mostly are the same from date to date, so the
 * next one is where the last one stood, or behind it.
 */
static struct added *added_of(struct usage_batch *batch, int64_t location_id)
{
	for (size_t i = 0; i < batch->added_count; i++) {
		size_t at = (batch->added_at + i) % batch->added_count;

		if (batch->added[at].location_id == location_id) {
			batch->added_at = at;
			return &batch->added[at];
		}
	}
	return NULL;
}

static enum dum_status count_new(struct usage_batch *batch, int64_t location_id,
                                 struct dum_error *err)
{
	struct added *added = added_of(batch, location_id);
	size_t cap = batch->added_cap * 2 + 16;

	if (added == NULL && batch->added_count == batch->added_cap) {
		added = realloc(batch->added, cap * sizeof(*added));
		if (added == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		batch->added = added;
		batch->added_cap = cap;
		added = NULL;
	}
	if (added == NULL) {
		added = &batch->added[batch->added_count++];
		*added = (struct added){.location_id = location_id};
	}
	added->records++;
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
	status = check_visible(batch, location_id, err);
	if (status == DUM_OK)
		status = try_insert(&id, batch, location_id, bytes, err);
	if (status == DUM_OK && id != 0) {
		*change_out = USAGE_NEW;
		status = count_new(batch, location_id, err);
		side_add(&batch->after, batch->day_text, id, location_id, bytes,
		         NULL);
	} else if (status == DUM_OK) {
		status = replace(change_out, batch, location_id, bytes, mode,
		                 err);
	}
	if (status == DUM_OK && batch->after.text.len >= ENTRY_BYTES)
		status = flush(batch, err);
	return status;
}

enum dum_status usage_batch_finish(struct usage_batch *batch,
                                   struct dum_error *err)
{
	enum dum_status status = flush(batch, err);

	for (size_t i = 0; status == DUM_OK && i < batch->added_count; i++)
		status = counter_add_records(batch->db,
		                             batch->added[i].location_id,
		                             batch->added[i].records, err);
	batch->added_count = 0;
	return status;
}
