#include "store/query.h"

#include <string.h>

static void failed(struct query *q, int rc, const char *doing)
{
	if (q->status == DUM_OK)
		q->status = db_error(q->db, rc, doing, q->err);
}

void query_start(struct query *q, struct db *db, enum sql_query which,
                 struct dum_error *err)
{
	int rc = SQLITE_OK;

	*q = (struct query){.db = db, .which = which, .err = err};
	if (db->statements[which] == NULL) {
		rc = sqlite3_prepare_v3(db->sqlite, sql_queries[which], -1,
		                        SQLITE_PREPARE_PERSISTENT,
		                        &db->statements[which], NULL);
		if (rc == SQLITE_OK)
			db->viewer_at[which] = sqlite3_bind_parameter_index(
			    db->statements[which], ":viewer");
	}
	if (rc == SQLITE_OK && db->viewer_at[which] != 0 &&
	    db->viewer[0] != '\0')
		rc = sqlite3_bind_text(db->statements[which],
		                       db->viewer_at[which], db->viewer, -1,
		                       SQLITE_STATIC);
	if (rc != SQLITE_OK)
		failed(q, rc, sql_query_names[which]);
	else
		q->statement = db->statements[which];
}

/* A name that the statement does not have is a slip of ours: tell it. */
static int index_of(struct query *q, const char *name)
{
	int index;

	if (q->status != DUM_OK)
		return 0;
	index = sqlite3_bind_parameter_index(q->statement, name);
	if (index == 0)
		q->status = error_set(q->err, DUM_ESYS,
		                      "statement %s has no parameter %s",
		                      sql_query_names[q->which], name);
	return index;
}

void query_bind_int(struct query *q, const char *name, int64_t value)
{
	int index = index_of(q, name), rc;

	if (index == 0)
		return;
	rc = sqlite3_bind_int64(q->statement, index, value);
	if (rc != SQLITE_OK)
		failed(q, rc, name);
}

void query_bind_text(struct query *q, const char *name, const char *text)
{
	int index = index_of(q, name), rc;

	if (index == 0)
		return;
	rc = sqlite3_bind_text(q->statement, index, text, -1, SQLITE_STATIC);
	if (rc != SQLITE_OK)
		failed(q, rc, name);
}

void query_bind_blob(struct query *q, const char *name, const void *data,
                     size_t len)
{
	int index = index_of(q, name), rc;

	if (index == 0)
		return;
	rc = sqlite3_bind_blob64(q->statement, index, data, len, SQLITE_STATIC);
	if (rc != SQLITE_OK)
		failed(q, rc, name);
}

void query_bind_date(struct query *q, const char *name, struct date date)
{
	if (date.year == 0) {
		query_bind_text(q, name, NULL);
		return;
	}
	if (q->date_count == QUERY_DATES) {
		q->status = error_set(q->err, DUM_ESYS, "more than %d dates",
		                      QUERY_DATES);
		return;
	}
	date_format(q->dates[q->date_count], date);
	query_bind_text(q, name, q->dates[q->date_count++]);
}

bool query_row(struct query *q)
{
	int rc;

	if (q->status != DUM_OK)
		return false;
	rc = sqlite3_step(q->statement);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		failed(q, rc, sql_query_names[q->which]);
	return rc == SQLITE_ROW;
}

int64_t query_int(struct query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

const char *query_text(struct query *q, int column)
{
	const char *text;

	text = (const char *)sqlite3_column_text(q->statement, column);
	return text != NULL ? text : "";
}

bool query_date(struct date *out, struct query *q, int column)
{
	const char *text = query_text(q, column);

	return date_parse(out, text, strlen(text));
}

bool query_is_null(struct query *q, int column)
{
	return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

const void *query_blob(struct query *q, int column, size_t *len_out)
{
	const void *data = sqlite3_column_blob(q->statement, column);

	*len_out = (size_t)sqlite3_column_bytes(q->statement, column);
	return data;
}

void query_fail(struct query *q, enum dum_status status)
{
	if (q->status == DUM_OK)
		q->status = status;
}

enum dum_status query_end(struct query *q)
{
	if (q->statement != NULL) {
		sqlite3_reset(q->statement);
		sqlite3_clear_bindings(q->statement);
	}
	return q->status;
}

enum dum_status query_run(struct query *q)
{
	while (query_row(q))
		continue;
	return query_end(q);
}

enum dum_status query_insert(int64_t *id_out, struct query *q)
{
	enum dum_status status;
	int64_t id = 0;

	while (query_row(q))
		continue;
	if (q->status == DUM_OK && sqlite3_changes(q->db->sqlite) > 0)
		id = sqlite3_last_insert_rowid(q->db->sqlite);
	status = query_end(q);
	if (status == DUM_OK)
		*id_out = id;
	return status;
}
