/*
 * The rows of two databases, table by table, as a merge of both in the order
 * of their ids: first what is not in the backup, or not so, goes; then what is
 * missing comes. In this order no two rows ever claim the same date.
 */
#include <stdio.h>
#include <string.h>

#include "backup/restore_parts.h"
#include "store/query.h"

struct table {
	struct db *db;
	sqlite3 *image;
	struct restore_table *out;
	sqlite3_stmt *live, *saved; /* all rows, by id */
	sqlite3_stmt *insert, *delete;
	bool live_row, saved_row; /* each stands on one */
	bool missing;             /* rows have to be put in */
};

static enum dum_status prepare(sqlite3_stmt **out, sqlite3 *handle,
                               const char *sql, struct dum_error *err)
{
	int rc = SQLITE_NOMEM;

	if (sql != NULL)
		rc = sqlite3_prepare_v2(handle, sql, -1, out, NULL);
	return rc == SQLITE_OK
	           ? DUM_OK
	           : db_engine_error(handle, "restore", rc, "prepare", err);
}

static enum dum_status step(bool *row_out, sqlite3_stmt *statement,
                            struct dum_error *err)
{
	int rc = sqlite3_step(statement);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_engine_error(sqlite3_db_handle(statement), "restore",
		                       rc, "read", err);
	*row_out = rc == SQLITE_ROW;
	return DUM_OK;
}

static enum dum_status start(struct table *t, struct dum_error *err)
{
	enum dum_status status;

	sqlite3_reset(t->live);
	sqlite3_reset(t->saved);
	status = step(&t->live_row, t->live, err);
	if (status == DUM_OK)
		status = step(&t->saved_row, t->saved, err);
	return status;
}

static int64_t id_of(sqlite3_stmt *row)
{
	return sqlite3_column_int64(row, 0);
}

static bool same_bytes(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
	const void *x = sqlite3_column_blob(a, column);
	const void *y = sqlite3_column_blob(b, column);
	int n = sqlite3_column_bytes(a, column);

	return n == sqlite3_column_bytes(b, column) &&
	       (n == 0 || memcmp(x, y, (size_t)n) == 0);
}

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int columns = sqlite3_column_count(a);

	for (int i = 0; i < columns; i++) {
		int type = sqlite3_column_type(a, i);

		if (type != sqlite3_column_type(b, i))
			return false;
		if (type == SQLITE_INTEGER &&
		    sqlite3_column_int64(a, i) != sqlite3_column_int64(b, i))
			return false;
		/* Text, bytes and reals by what they look like. */
		if (type != SQLITE_INTEGER && type != SQLITE_NULL &&
		    !same_bytes(a, b, i))
			return false;
	}
	return true;
}

static enum dum_status run(struct table *t, sqlite3_stmt *statement,
                           struct dum_error *err)
{
	int rc = sqlite3_step(statement);

	sqlite3_reset(statement);
	return rc == SQLITE_DONE ? DUM_OK
	                         : db_error(t->db, rc, t->out->name, err);
}

/* Take out what the backup does not have so. */
static enum dum_status remove_others(struct table *t, struct dum_error *err)
{
	enum dum_status status = start(t, err);

	while (status == DUM_OK && t->live_row) {
		int64_t id = id_of(t->live);

		if (t->saved_row && id_of(t->saved) < id) {
			t->missing = true;
			status = step(&t->saved_row, t->saved, err);
			continue;
		}
		if (t->saved_row && id_of(t->saved) == id) {
			if (!same_row(t->live, t->saved)) {
				t->missing = true;
				t->out->removed++;
				sqlite3_bind_int64(t->delete, 1, id);
				status = run(t, t->delete, err);
			}
			if (status == DUM_OK)
				status = step(&t->saved_row, t->saved, err);
		} else {
			t->out->removed++;
			sqlite3_bind_int64(t->delete, 1, id);
			status = run(t, t->delete, err);
		}
		if (status == DUM_OK)
			status = step(&t->live_row, t->live, err);
	}
	t->missing = t->missing || t->saved_row;
	return status;
}

static enum dum_status insert_row(struct table *t, struct dum_error *err)
{
	int columns = sqlite3_column_count(t->saved);
	int rc = SQLITE_OK;

	for (int i = 0; i < columns && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_value(t->insert, i + 1,
		                        sqlite3_column_value(t->saved, i));
	if (rc != SQLITE_OK)
		return db_error(t->db, rc, t->out->name, err);
	t->out->added++;
	return run(t, t->insert, err);
}

/* A row put in before the place where `live` stands is not met again. */
static enum dum_status add_missing(struct table *t, struct dum_error *err)
{
	enum dum_status status = start(t, err);

	while (status == DUM_OK && t->saved_row) {
		int64_t id = id_of(t->saved);

		while (status == DUM_OK && t->live_row && id_of(t->live) < id)
			status = step(&t->live_row, t->live, err);
		if (status != DUM_OK)
			break;
		if (!t->live_row || id_of(t->live) != id)
			status = insert_row(t, err);
		if (status == DUM_OK)
			status = step(&t->saved_row, t->saved, err);
	}
	return status;
}

static enum dum_status merge(struct table *t, sqlite3_stmt *list,
                             struct dum_error *err)
{
	const char *select = (const char *)sqlite3_column_text(list, 1);
	enum dum_status status;

	status = prepare(&t->live, t->db->sqlite, select, err);
	if (status == DUM_OK)
		status = prepare(&t->saved, t->image, select, err);
	if (status == DUM_OK)
		status = prepare(&t->insert, t->db->sqlite,
		                 (const char *)sqlite3_column_text(list, 2),
		                 err);
	if (status == DUM_OK)
		status = prepare(&t->delete, t->db->sqlite,
		                 (const char *)sqlite3_column_text(list, 3),
		                 err);
	if (status == DUM_OK)
		status = remove_others(t, err);
	if (status == DUM_OK && t->missing)
		status = add_missing(t, err);
	sqlite3_finalize(t->live);
	sqlite3_finalize(t->saved);
	sqlite3_finalize(t->insert);
	sqlite3_finalize(t->delete);
	return status;
}

static enum dum_status merge_all(struct restoring *r, struct db *db,
                                 sqlite3 *image, struct dum_error *err)
{
	struct restore_result *out = r->out;
	sqlite3_stmt *list = NULL;
	enum dum_status status;
	bool more = false;

	status = prepare(&list, image, sql_queries[SQL_TABLE_STATEMENTS], err);
	if (status == DUM_OK)
		status = step(&more, list, err);
	while (status == DUM_OK && more) {
		const char *name = (const char *)sqlite3_column_text(list, 0);
		struct table t = {.db = db, .image = image};

		if (name != NULL && content_is_data(name) &&
		    out->table_count < RESTORE_TABLES_MAX) {
			t.out = &out->tables[out->table_count++];
			*t.out = (struct restore_table){.rows = 0};
			snprintf(t.out->name, sizeof(t.out->name), "%s", name);
			status = merge(&t, list, err);
		}
		if (status == DUM_OK)
			status = step(&more, list, err);
	}
	sqlite3_finalize(list);
	return status;
}

static enum dum_status raise_sequence(struct db *db, const char *name,
                                      int64_t seq, struct dum_error *err)
{
	static const enum sql_query steps[] = {SQL_SEQUENCE_RAISE,
	                                       SQL_SEQUENCE_ADD};
	enum dum_status status = DUM_OK;
	struct query q;

	for (int i = 0; i < 2 && status == DUM_OK; i++) {
		query_start(&q, db, steps[i], err);
		query_bind_text(&q, ":name", name);
		query_bind_int(&q, ":seq", seq);
		status = query_run(&q);
	}
	return status;
}

static enum dum_status raise_sequences(struct db *db, sqlite3 *image,
                                       struct dum_error *err)
{
	sqlite3_stmt *list = NULL;
	enum dum_status status;
	bool more = false;

	status = prepare(&list, image, sql_queries[SQL_SEQUENCE_LIST], err);
	if (status == DUM_OK)
		status = step(&more, list, err);
	while (status == DUM_OK && more) {
		const char *name = (const char *)sqlite3_column_text(list, 0);

		if (name != NULL && content_is_data(name))
			status = raise_sequence(
			    db, name, sqlite3_column_int64(list, 1), err);
		if (status == DUM_OK)
			status = step(&more, list, err);
	}
	sqlite3_finalize(list);
	return status;
}

/* What is kept beside the rows, so that nobody has to count them. */
enum dum_status restore_recount(struct db *db, struct dum_error *err)
{
	static const enum sql_query steps[] = {
	    SQL_RESTORE_COUNT_LOCATIONS, SQL_RESTORE_CLEAR_RECORDS,
	    SQL_RESTORE_COUNT_RECORDS, SQL_RESTORE_DROP_GRANTS};
	enum dum_status status = DUM_OK;
	struct query q;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (status != DUM_OK)
			break;
		query_start(&q, db, steps[i], err);
		status = query_run(&q);
	}
	return status;
}

enum dum_status restore_rows(struct restoring *r, struct db *db,
                             struct dum_error *err)
{
	sqlite3 *image = NULL;
	enum dum_status status;

	status = image_open(&image, r->image, err);
	/* Rows that refer to each other come and go one after the other. */
	if (status == DUM_OK)
		status = db_exec(db, "PRAGMA defer_foreign_keys = ON", err);
	if (status == DUM_OK)
		status = merge_all(r, db, image, err);
	if (status == DUM_OK)
		status = raise_sequences(db, image, err);
	if (status == DUM_OK)
		status = restore_recount(db, err);
	image_close(r->image);
	return status;
}
