/* An entry of days, row by row from its end. */
#include <stdio.h>
#include <string.h>

#include "store/import_undo_parts.h"
#include "store/journal.h"
#include "store/query.h"

/*
 * Run a statement that finds the record only if it is as it was left; where it
 * is not, that is noted.
 */
static enum dum_status run_once(bool *done, struct import_undo *u,
                                const struct day_row *left, struct query *q,
                                struct dum_error *err)
{
	enum dum_status status = query_run(q);

	*done = status == DUM_OK && sqlite3_changes(u->db->sqlite) > 0;
	if (status != DUM_OK || *done)
		return status;
	return import_undo_touched(u, left->day, left->location_id, false, err);
}

static enum dum_status restore_row(struct import_undo *u,
                                   const struct day_row *left,
                                   const struct day_row *old,
                                   struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	bool done;

	query_start(&q, u->db, SQL_IMPORT_UNDO_SET, err);
	query_bind_int(&q, ":id", left->id);
	query_bind_int(&q, ":bytes", left->bytes);
	query_bind_text(&q, ":at", left->updated_at);
	query_bind_int(&q, ":before", old->bytes);
	query_bind_text(&q, ":before_at", old->updated_at);
	status = run_once(&done, u, left, &q, err);
	if (status != DUM_OK || !done)
		return status;
	u->out->restored++;
	day_rows_add(&u->before, left);
	day_rows_add(&u->after, old);
	return DUM_OK;
}

static enum dum_status remove_row(struct import_undo *u,
                                  const struct day_row *left,
                                  struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	bool done;

	query_start(&q, u->db, SQL_IMPORT_UNDO_DELETE, err);
	query_bind_int(&q, ":id", left->id);
	query_bind_int(&q, ":bytes", left->bytes);
	query_bind_text(&q, ":at", left->updated_at);
	status = run_once(&done, u, left, &q, err);
	if (status != DUM_OK || !done)
		return status;
	u->out->removed++;
	day_rows_add(&u->before, left);
	return record_counts_add(&u->gone, left->location_id, -1, err);
}

static enum dum_status journal_days(struct import_undo *u, const char *pk,
                                    struct dum_error *err)
{
	struct journal_change change = {
	    .op = "undo", .table = "daily_usage", .pk = pk};
	enum dum_status status = DUM_OK;

	change.before = day_rows_finish(&u->before);
	change.after = day_rows_finish(&u->after);
	if (!strbuf_ok(&u->before.text) || !strbuf_ok(&u->after.text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (change.before != NULL)
		status = journal_append(u->db, &change, err);
	day_rows_reset(&u->before);
	day_rows_reset(&u->after);
	return status;
}

/* Rows of `before` are those of `after` that were there, in the same order. */
static enum dum_status undo_rows(struct import_undo *u,
                                 const struct import_undo_entry *e,
                                 struct day_rows_reader *after,
                                 struct day_rows_reader *before,
                                 struct dum_error *err)
{
	struct day_row left, old = {.id = 0};
	bool any = false, any_old = false;
	enum dum_status status;

	status = day_rows_previous(&old, &any_old, before, err);
	if (status == DUM_OK)
		status = day_rows_previous(&left, &any, after, err);
	while (status == DUM_OK && any) {
		if (left.updated_at[0] == '\0')
			snprintf(left.updated_at, sizeof(left.updated_at), "%s",
			         e->at);
		if (import_undo_changed_later(u, left.id)) {
			status = import_undo_touched(
			    u, left.day, left.location_id, false, err);
			if (status == DUM_OK && any_old && old.id == left.id)
				status = day_rows_previous(&old, &any_old,
				                           before, err);
		} else if (any_old && old.id == left.id) {
			status = restore_row(u, &left, &old, err);
			if (status == DUM_OK)
				status = day_rows_previous(&old, &any_old,
				                           before, err);
		} else {
			status = remove_row(u, &left, err);
		}
		if (status == DUM_OK)
			status = day_rows_previous(&left, &any, after, err);
	}
	return status;
}

enum dum_status import_undo_days(struct import_undo *u,
                                 const struct import_undo_entry *e,
                                 struct dum_error *err)
{
	struct day_rows_reader after = {.root = NULL}, before = {.root = NULL};
	enum dum_status status;

	status = day_rows_open(&after, e->after, err);
	if (status == DUM_OK)
		status = day_rows_open(&before, e->before, err);
	if (status == DUM_OK)
		status = undo_rows(u, e, &after, &before, err);
	day_rows_close(&after);
	day_rows_close(&before);
	if (status == DUM_OK)
		status = journal_days(u, e->pk, err);
	return status;
}
