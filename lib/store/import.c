#include "store/import.h"

#include <stdio.h>
#include <string.h>

#include "store/import_row.h"
#include "store/query.h"

static void read_row(struct import_row *out, struct query *q)
{
	struct import_counts *c = &out->record.counts;

	out->id = query_int(q, 0);
	out->at = query_text(q, 1);
	out->record.kind = query_text(q, 2);
	out->record.file_name = query_text(q, 3);
	out->record.file_hash = query_text(q, 4);
	out->record.options = query_text(q, 5);
	out->actor = query_text(q, 6);
	c->rows = query_int(q, 7);
	c->cells = query_int(q, 8);
	c->empty = query_int(q, 9);
	c->skipped = query_int(q, 10);
	c->rejected = query_int(q, 11);
	c->new = query_int(q, 12);
	c->changed = query_int(q, 13);
	c->same = query_int(q, 14);
	c->locations_created = query_int(q, 15);
	out->undone_at = query_is_null(q, 16) ? NULL : query_text(q, 16);
	out->undone_by = query_is_null(q, 17) ? NULL : query_text(q, 17);
}

enum dum_status import_each(struct db *db, int64_t before, int64_t limit,
                            import_row_fn fn, void *arg, struct dum_error *err)
{
	struct import_row row;
	struct query q;

	query_start(&q, db, SQL_IMPORT_LIST, err);
	query_bind_int(&q, ":before", before > 0 ? before : INT64_MAX);
	query_bind_int(&q, ":limit", limit);
	while (query_row(&q)) {
		read_row(&row, &q);
		query_fail(&q, fn(arg, &row, err));
	}
	return query_end(&q);
}

enum dum_status import_get(struct db *db, int64_t id, import_row_fn fn,
                           void *arg, struct dum_error *err)
{
	struct import_row row;
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_IMPORT_GET, err);
	query_bind_int(&q, ":id", id);
	while (query_row(&q)) {
		found = true;
		read_row(&row, &q);
		query_fail(&q, fn(arg, &row, err));
	}
	status = query_end(&q);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ENOTFOUND,
		                   "there is no import %lld", (long long)id);
	return status;
}

static void write_text(struct json_writer *w, const char *name,
                       const char *text)
{
	if (text != NULL)
		jsonw_member_string(w, name, text);
	else
		jsonw_member_null(w, name);
}

/* as_object: the options are JSON in JSON; else a text, as in their column. */
static void write_row(struct json_writer *w, const struct import_row *row,
                      bool as_object)
{
	const char *options = row->record.options;
	const struct import_counts *c = &row->record.counts;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", row->id);
	jsonw_member_string(w, "at", row->at);
	jsonw_member_string(w, "kind", row->record.kind);
	jsonw_member_string(w, "file_name", row->record.file_name);
	jsonw_member_string(w, "file_hash", row->record.file_hash);
	jsonw_key(w, "options");
	if (as_object)
		jsonw_raw(w, options, strlen(options));
	else
		jsonw_string(w, options);
	jsonw_member_string(w, "actor", row->actor);
	jsonw_member_int(w, "rows", c->rows);
	jsonw_member_int(w, "cells", c->cells);
	jsonw_member_int(w, "empty", c->empty);
	jsonw_member_int(w, "skipped", c->skipped);
	jsonw_member_int(w, "rejected", c->rejected);
	jsonw_member_int(w, "new", c->new);
	jsonw_member_int(w, "changed", c->changed);
	jsonw_member_int(w, "same", c->same);
	jsonw_member_int(w, "locations_created", c->locations_created);
	write_text(w, "undone_at", row->undone_at);
	write_text(w, "undone_by", row->undone_by);
	jsonw_object_end(w);
}

void import_row_json(struct json_writer *w, const struct import_row *row)
{
	write_row(w, row, true);
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
	struct import_row row = {.id = id,
	                         .at = db_change_at(db),
	                         .actor = db_change_origin(db)->actor,
	                         .record = *record};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_IMPORT_SET_COUNTS, err);
	query_bind_int(&q, ":id", id);
	bind_counts(&q, &record->counts);
	status = query_run(&q);
	if (status == DUM_OK)
		status = import_row_journal(db, "insert", NULL, &row, err);
	return status;
}

enum dum_status import_row_journal(struct db *db, const char *op,
                                   const struct import_row *before,
                                   const struct import_row *after,
                                   struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	struct journal_change change = {.op = op, .table = "imports"};
	struct json_writer w = {.out = &new};
	enum dum_status status;
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld", (long long)after->id);
	change.pk = pk;
	write_row(&w, after, false);
	change.after = new.buf;
	if (before != NULL) {
		w = (struct json_writer){.out = &old};
		write_row(&w, before, false);
		change.before = old.buf;
	}
	if (!strbuf_ok(&old) || !strbuf_ok(&new))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(db, &change, err);
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}
