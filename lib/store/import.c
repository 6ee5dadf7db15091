#include "store/import.h"

#include <stdio.h>

#include "base/json_writer.h"
#include "store/journal.h"
#include "store/query.h"

static void write_json(struct json_writer *w, struct db *db, int64_t id,
                       const struct import_record *record)
{
	const struct import_counts *c = &record->counts;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", id);
	jsonw_member_string(w, "at", db_change_at(db));
	jsonw_member_string(w, "kind", record->kind);
	jsonw_member_string(w, "file_name", record->file_name);
	jsonw_member_string(w, "file_hash", record->file_hash);
	jsonw_member_string(w, "options", record->options);
	jsonw_member_string(w, "actor", db_change_origin(db)->actor);
	jsonw_member_int(w, "rows", c->rows);
	jsonw_member_int(w, "cells", c->cells);
	jsonw_member_int(w, "empty", c->empty);
	jsonw_member_int(w, "skipped", c->skipped);
	jsonw_member_int(w, "rejected", c->rejected);
	jsonw_member_int(w, "new", c->new);
	jsonw_member_int(w, "changed", c->changed);
	jsonw_member_int(w, "same", c->same);
	jsonw_member_int(w, "locations_created", c->locations_created);
	jsonw_object_end(w);
}

static void bind_counts(struct query *q, const struct import_counts *c)
{
	query_bind_int(q, ":rows", c->rows);
	query_bind_int(q, ":cells", c->cells);
	query_bind_int(q, ":empty", c->empty);
	query_bind_int(q, ":skipped", c->skipped);
	query_bind_int(q, ":rejected", c->rejected);
	query_bind_int(q, ":new", c->new);
	query_bind_int(q, ":changed", c->changed);
	query_bind_int(q, ":same", c->same);
	query_bind_int(q, ":locations_created", c->locations_created);
}

enum dum_status import_start(int64_t *id_out, struct db *db,
                             const struct import_record *record,
                             struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_IMPORT_INSERT, err);
	query_bind_text(&q, ":at", db_change_at(db));
	query_bind_text(&q, ":kind", record->kind);
	query_bind_text(&q, ":file_name", record->file_name);
	query_bind_text(&q, ":file_hash", record->file_hash);
	query_bind_text(&q, ":options", record->options);
	query_bind_text(&q, ":actor", db_change_origin(db)->actor);
	return query_insert(id_out, &q);
}

/* The row is journalled here, when it is whole. */
enum dum_status import_finish(struct db *db, int64_t id,
                              const struct import_record *record,
                              struct dum_error *err)
{
	struct strbuf after = STRBUF_INIT;
	struct json_writer w = {.out = &after};
	enum dum_status status;
	struct query q;
	char pk[24];

	query_start(&q, db, SQL_IMPORT_SET_COUNTS, err);
	query_bind_int(&q, ":id", id);
	bind_counts(&q, &record->counts);
	status = query_run(&q);
	if (status != DUM_OK)
		return status;
	write_json(&w, db, id, record);
	snprintf(pk, sizeof(pk), "%lld", (long long)id);
	if (!strbuf_ok(&after))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(
		    db,
		    &(struct journal_change){.op = "insert",
		                             .table = "imports",
		                             .pk = pk,
		                             .after = after.buf},
		    err);
	strbuf_release(&after);
	return status;
}
