#include "backup/replay.h"

#include <string.h>

#include "backup/content.h"
#include "store/query.h"

static const struct {
	const char *table;
	enum sql_query take, put;
} tables[] = {
    {"locations", SQL_REPLAY_TAKE_LOCATIONS, SQL_REPLAY_PUT_LOCATIONS},
    {"daily_usage", SQL_REPLAY_TAKE_DAILY_USAGE, SQL_REPLAY_PUT_DAILY_USAGE},
    {"monthly_summaries", SQL_REPLAY_TAKE_MONTHLY_SUMMARIES,
     SQL_REPLAY_PUT_MONTHLY_SUMMARIES},
    {"cycle_settings", SQL_REPLAY_TAKE_CYCLE_SETTINGS,
     SQL_REPLAY_PUT_CYCLE_SETTINGS},
    {"imports", SQL_REPLAY_TAKE_IMPORTS, SQL_REPLAY_PUT_IMPORTS},
};

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

enum dum_status replay_conflict(const struct journal_record *e,
                                struct dum_error *err)
{
	return error_set(
	    err, DUM_ECONFLICT,
	    "entry %lld of the journal (%.20s, %.20s of %.30s%s%.40s) "
	    "does not fit what is there before it; restore a backup "
	    "made after it, or an instant before it",
	    (long long)e->id, e->at, e->op, e->table, e->pk != NULL ? " " : "",
	    e->pk != NULL ? e->pk : "");
}

/* One statement, which must change one row. */
static enum dum_status run(struct db *db, enum sql_query which, const char *row,
                           const struct journal_record *e,
                           struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	struct query q;

	query_start(&q, db, which, &inner);
	query_bind_text(&q, ":row", row);
	status = query_run(&q);
	if (status == DUM_ECONFLICT ||
	    (status == DUM_OK && sqlite3_changes(db->sqlite) != 1))
		return replay_conflict(e, err);
	if (status != DUM_OK)
		return error_set(err, status, "entry %lld of the journal: %s",
		                 (long long)e->id, inner.text);
	return DUM_OK;
}

static bool is_bulk(const struct journal_record *e)
{
	return strcmp(e->table, "daily_usage") == 0 &&
	       (strcmp(e->op, "import") == 0 || strcmp(e->op, "batch") == 0 ||
	        strcmp(e->op, "undo") == 0);
}

enum dum_status replay_entry(struct db *db, const struct journal_record *e,
                             struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	int i = 0;

	if (is_bulk(e))
		return replay_days(db, e, err);
	if (!content_is_data(e->table))
		return DUM_OK;
	while (i < TABLES && strcmp(tables[i].table, e->table) != 0)
		i++;
	if (i == TABLES)
		return error_set(err, DUM_EDAMAGED,
		                 "entry %lld of the journal is of %.40s, which "
		                 "this program can not replay",
		                 (long long)e->id, e->table);
	if (e->before != NULL)
		status = run(db, tables[i].take, e->before, e, err);
	if (status == DUM_OK && e->after != NULL)
		status = run(db, tables[i].put, e->after, e, err);
	return status;
}
