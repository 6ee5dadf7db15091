/*
 * The entries of the import's change are gone through from the last to the
 * first, the rows of each from the last to the first, so that whatever it did
 * in turn is taken back in the opposite turn: days before the location that
 * was made for them. A row is changed by a statement that only finds it as the
 * import left it; one that is not found was touched by somebody else since.
 */
#include "store/import_undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/import_row.h"
#include "store/import_undo_parts.h"
#include "store/query.h"
#include "store/summary.h"

enum dum_status import_undo_touched(struct import_undo *u, const char *day,
                                    int64_t location_id, bool summary,
                                    struct dum_error *err)
{
	struct import_touched *t;
	struct location location = {.name = "a location that is gone"};
	struct dum_error missing = {0};
	enum dum_status status;

	if (u->out->touched++ >= IMPORT_TOUCHED_MAX)
		return DUM_OK;
	status = location_get(&location, u->db, location_id, &missing);
	if (status != DUM_OK && status != DUM_ENOTFOUND)
		return error_set(err, status, "%s", missing.text);
	t = &u->out->first[u->out->touched - 1];
	memcpy(t->date, day, sizeof(t->date));
	memcpy(t->location, location.name, sizeof(t->location));
	t->summary = summary;
	return DUM_OK;
}

static const char *text_or_null(struct query *q, int column)
{
	return query_is_null(q, column) ? NULL : query_text(q, column);
}

static enum dum_status undo_summary(struct import_undo *u,
                                    const struct import_undo_entry *e,
                                    struct dum_error *err)
{
	struct summary summary;
	enum dum_status status;
	char day[DATE_TEXT_MAX];
	bool touched = false;

	status = summary_undo(&touched, &summary, u->db, e->before, e->after,
	                      err);
	if (status != DUM_OK)
		return status;
	date_format(day, summary.start);
	if (touched)
		return import_undo_touched(u, day, summary.location_id, true,
		                           err);
	u->out->summaries_removed += e->before == NULL;
	u->out->summaries_restored += e->before != NULL;
	return DUM_OK;
}

static enum dum_status undo_entry(struct import_undo *u,
                                  const struct import_undo_entry *e,
                                  struct dum_error *err)
{
	if (strcmp(e->table, "daily_usage") == 0)
		return import_undo_days(u, e, err);
	if (strcmp(e->table, "monthly_summaries") == 0 && e->after != NULL)
		return undo_summary(u, e, err);
	if (strcmp(e->table, "locations") == 0 && e->before == NULL)
		return import_undo_location(u, e, err);
	if (strcmp(e->table, "imports") == 0)
		return DUM_OK;
	return error_set(err, DUM_ECONFLICT,
	                 "the import changed %.40s in a way that this program "
	                 "can not take back",
	                 e->table);
}

static enum dum_status undo_entries(struct import_undo *u,
                                    struct dum_error *err)
{
	struct query q;

	query_start(&q, u->db, SQL_IMPORT_CHANGES, err);
	query_bind_int(&q, ":first", u->first);
	query_bind_int(&q, ":last", u->last);
	while (query_row(&q)) {
		struct import_undo_entry e = {.at = query_text(&q, 1),
		                              .op = query_text(&q, 2),
		                              .table = query_text(&q, 3),
		                              .pk = text_or_null(&q, 4),
		                              .before = text_or_null(&q, 5),
		                              .after = text_or_null(&q, 6)};

		u->reached = query_int(&q, 0);
		query_fail(&q, undo_entry(u, &e, err));
	}
	return query_end(&q);
}

static enum dum_status check_import(void *arg, const struct import_row *row,
                                    struct dum_error *err)
{
	struct import_undo *u = arg;

	snprintf(u->at, sizeof(u->at), "%s", row->at);
	if (row->undone_at != NULL)
		return error_set(err, DUM_ECONFLICT,
		                 "import %lld was taken back at %s by %.60s",
		                 (long long)row->id, row->undone_at,
		                 row->undone_by);
	return DUM_OK;
}

static enum dum_status pruned(const struct import_undo *u,
                              struct dum_error *err)
{
	return error_set(err, DUM_ECONFLICT,
	                 "import %lld can not be taken back: the journal no "
	                 "longer has what the days were before it, its old "
	                 "entries were removed",
	                 (long long)u->id);
}

static enum dum_status find_entries(struct import_undo *u,
                                    struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld", (long long)u->id);
	query_start(&q, u->db, SQL_IMPORT_ENTRY, err);
	query_bind_text(&q, ":pk", pk);
	query_bind_text(&q, ":at", u->at);
	while (query_row(&q)) {
		u->last = query_int(&q, 0);
		u->first = query_int(&q, 1);
	}
	status = query_end(&q);
	if (status == DUM_OK && u->last == 0)
		status = pruned(u, err);
	return status;
}

static enum dum_status enter_undone(void *arg, const struct import_row *row,
                                    struct dum_error *err)
{
	struct import_undo *u = arg;
	struct import_row after = *row;

	after.undone_at = db_change_at(u->db);
	after.undone_by = db_change_origin(u->db)->actor;
	return import_row_journal(u->db, "undo", row, &after, err);
}

/* The row of the import: journalled as it still is, then marked. */
static enum dum_status mark(struct import_undo *u, struct dum_error *err)
{
	enum dum_status status;
	struct query q;

	status = import_get(u->db, u->id, enter_undone, u, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, u->db, SQL_IMPORT_SET_UNDONE, err);
	query_bind_int(&q, ":id", u->id);
	query_bind_text(&q, ":at", db_change_at(u->db));
	query_bind_text(&q, ":actor", db_change_origin(u->db)->actor);
	return query_run(&q);
}

/* What was done up to here is rolled back, so it does not count. */
static enum dum_status refuse_touched(struct import_undo *u,
                                      struct dum_error *err)
{
	const struct import_touched *first = &u->out->first[0];

	u->out->removed = u->out->restored = 0;
	u->out->summaries_removed = u->out->summaries_restored = 0;
	u->out->locations_removed = u->out->locations_left = 0;

	return error_set(err, DUM_ECONFLICT,
	                 "import %lld can not be taken back: %s%s of %.100s%s "
	                 "changed since",
	                 (long long)u->id,
	                 first->summary ? "the summary from " : "", first->date,
	                 first->location,
	                 u->out->touched > 1 ? " and others were" : " was");
}

enum dum_status import_undo(struct import_undone *out, struct db *db,
                            int64_t id, struct dum_error *err)
{
	struct import_undo u = {.db = db, .out = out, .id = id};
	enum dum_status status;

	*out = (struct import_undone){.removed = 0};
	if (db->viewer[0] != '\0')
		return error_set(err, DUM_EAUTH,
		                 "an import is taken back whole, by somebody "
		                 "who sees all locations");
	strbuf_init(&u.before.text);
	strbuf_init(&u.after.text);
	status = import_get(db, id, check_import, &u, err);
	if (status == DUM_OK)
		status = find_entries(&u, err);
	if (status == DUM_OK)
		status = import_undo_find_later(&u, err);
	if (status == DUM_OK)
		status = undo_entries(&u, err);
	if (status == DUM_OK && u.reached != u.first)
		status = pruned(&u, err);
	if (status == DUM_OK && out->touched > 0)
		status = refuse_touched(&u, err);
	if (status == DUM_OK)
		status = record_counts_store(&u.gone, db, err);
	if (status == DUM_OK)
		status = mark(&u, err);
	free(u.later.ids);
	record_counts_release(&u.gone);
	strbuf_release(&u.before.text);
	strbuf_release(&u.after.text);
	return status;
}
