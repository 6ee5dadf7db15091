#include "backup/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "store/handle.h"

/* Rows are gathered here, since a hash of many short pieces costs more. */
enum { GATHER_BYTES = 32768, FIXED_MAX = 16 };

struct content_walk {
	sqlite3 *handle;
	const char *path;
	bool data_only;
	sqlite3_stmt *list; /* of the tables */
	sqlite3_stmt *rows; /* of the table in hand; NULL: between two */
	struct hasher *hasher;
	struct content_tables tables;
	size_t used;
	unsigned char gather[GATHER_BYTES];
};

/*
 * In the order in which rows may be put in: what others refer to comes first.
 */
static const char *const data_tables[] = {"locations", "daily_usage",
                                          "monthly_summaries", "cycle_settings",
                                          "imports"};

enum { DATA_TABLES = sizeof(data_tables) / sizeof(data_tables[0]) };

bool content_is_data(const char *table)
{
	for (int i = 0; i < DATA_TABLES; i++)
		if (strcmp(table, data_tables[i]) == 0)
			return true;
	return false;
}

const struct content_table *content_find(const struct content_tables *tables,
                                         const char *name)
{
	for (size_t i = 0; i < tables->count; i++)
		if (strcmp(tables->list[i].name, name) == 0)
			return &tables->list[i];
	return NULL;
}

static enum dum_status fail(struct content_walk *w, int rc,
                            struct dum_error *err)
{
	return db_engine_error(w->handle, w->path, rc, "read the tables", err);
}

enum dum_status content_walk_new(struct content_walk **out, sqlite3 *handle,
                                 const char *path, struct dum_error *err)
{
	struct content_walk *w = calloc(1, sizeof(*w));
	enum dum_status status;
	int rc;

	if (w == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	w->handle = handle;
	w->path = path;
	status = hasher_new(&w->hasher, err);
	if (status == DUM_OK) {
		rc = sqlite3_prepare_v2(handle,
		                        sql_queries[SQL_TABLE_STATEMENTS], -1,
		                        &w->list, NULL);
		if (rc != SQLITE_OK)
			status = fail(w, rc, err);
	}
	if (status != DUM_OK) {
		content_walk_free(w);
		return status;
	}
	*out = w;
	return DUM_OK;
}

void content_walk_free(struct content_walk *w)
{
	if (w == NULL)
		return;
	sqlite3_finalize(w->rows);
	sqlite3_finalize(w->list);
	hasher_free(w->hasher);
	free(w);
}

static void flush(struct content_walk *w)
{
	hasher_write(w->hasher, w->gather, w->used);
	w->used = 0;
}

static void put_number(struct content_walk *w, char tag, uint64_t n, int bytes)
{
	unsigned char *at = w->gather + w->used;

	*at++ = (unsigned char)tag;
	for (int i = bytes - 1; i >= 0; i--)
		*at++ = (unsigned char)(n >> (8 * i));
	w->used += (size_t)bytes + 1;
}

static void put_bytes(struct content_walk *w, char tag, const void *data,
                      size_t len)
{
	put_number(w, tag, len, 4);
	if (len > GATHER_BYTES - w->used) {
		flush(w);
		if (len > GATHER_BYTES) {
			hasher_write(w->hasher, data, len);
			return;
		}
	}
	if (len > 0)
		memcpy(w->gather + w->used, data, len);
	w->used += len;
}

static void put_value(struct content_walk *w, sqlite3_stmt *row, int column)
{
	uint64_t bits;
	double real;

	if (w->used > GATHER_BYTES - FIXED_MAX)
		flush(w);
	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		put_number(w, 'i', (uint64_t)sqlite3_column_int64(row, column),
		           8);
		break;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(row, column);
		memcpy(&bits, &real, sizeof(bits));
		put_number(w, 'r', bits, 8);
		break;
	case SQLITE_TEXT:
		put_bytes(w, 't', sqlite3_column_text(row, column),
		          (size_t)sqlite3_column_bytes(row, column));
		break;
	case SQLITE_BLOB:
		put_bytes(w, 'b', sqlite3_column_blob(row, column),
		          (size_t)sqlite3_column_bytes(row, column));
		break;
	default:
		put_number(w, 'n', 0, 0);
		break;
	}
}

/* Start with the next table; *more is false behind the last. */
static enum dum_status next_table(bool *more, struct content_walk *w,
                                  struct dum_error *err)
{
	struct content_table *table;
	const char *sql;
	const char *name;
	int rc;

	do {
		rc = sqlite3_step(w->list);
		name = (const char *)sqlite3_column_text(w->list, 0);
	} while (rc == SQLITE_ROW && w->data_only && name != NULL &&
	         !content_is_data(name));
	*more = rc == SQLITE_ROW;
	if (rc == SQLITE_DONE)
		return DUM_OK;
	if (rc != SQLITE_ROW)
		return fail(w, rc, err);
	if (w->tables.count == CONTENT_TABLES_MAX)
		return error_set(err, DUM_EINVAL, "%s has more than %d tables",
		                 w->path, CONTENT_TABLES_MAX);
	table = &w->tables.list[w->tables.count];
	*table = (struct content_table){.last_id = -1};
	sql = (const char *)sqlite3_column_text(w->list, 1);
	snprintf(table->name, sizeof(table->name), "%s",
	         name != NULL ? name : "");
	if (sql == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	rc = sqlite3_prepare_v2(w->handle, sql, -1, &w->rows, NULL);
	return rc == SQLITE_OK ? DUM_OK : fail(w, rc, err);
}

static void end_table(struct content_walk *w)
{
	flush(w);
	hasher_finish(w->hasher, w->tables.list[w->tables.count].hash);
	w->tables.count++;
	sqlite3_finalize(w->rows);
	w->rows = NULL;
}

static enum dum_status one_row(struct content_walk *w, struct dum_error *err)
{
	struct content_table *table = &w->tables.list[w->tables.count];
	int rc = sqlite3_step(w->rows), columns;

	if (rc == SQLITE_DONE) {
		end_table(w);
		return DUM_OK;
	}
	if (rc != SQLITE_ROW)
		return fail(w, rc, err);
	columns = sqlite3_column_count(w->rows);
	for (int i = 0; i < columns; i++)
		put_value(w, w->rows, i);
	table->rows++;
	if (sqlite3_column_type(w->rows, 0) == SQLITE_INTEGER)
		table->last_id = sqlite3_column_int64(w->rows, 0);
	return DUM_OK;
}

enum dum_status content_walk_step(bool *more_out, struct content_walk *w,
                                  int64_t rows, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	bool more = true;

	while (status == DUM_OK && more && rows-- > 0) {
		if (w->rows == NULL)
			status = next_table(&more, w, err);
		else
			status = one_row(w, err);
	}
	if (status == DUM_OK)
		*more_out = more;
	return status;
}

const struct content_tables *content_walk_tables(const struct content_walk *w)
{
	return &w->tables;
}

enum dum_status content_read(struct content_tables *out, sqlite3 *handle,
                             const char *path, bool data_only,
                             struct dum_error *err)
{
	struct content_walk *w = NULL;
	enum dum_status status;
	bool more = true;

	status = content_walk_new(&w, handle, path, err);
	if (w == NULL)
		return status;
	w->data_only = data_only;
	while (status == DUM_OK && more)
		status = content_walk_step(&more, w, INT64_MAX, err);
	if (status == DUM_OK)
		*out = w->tables;
	content_walk_free(w);
	return status;
}

enum dum_status content_compare(const struct content_tables *found,
                                const struct content_tables *wanted, bool all,
                                struct dum_error *err)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct content_table *w = &wanted->list[i], *f;

		if (!all && !content_is_data(w->name))
			continue;
		f = content_find(found, w->name);
		if (f == NULL)
			return error_set(err, DUM_EDAMAGED,
			                 "table %s is missing", w->name);
		if (f->rows != w->rows)
			return error_set(err, DUM_EDAMAGED,
			                 "table %s has %lld row%s, not %lld",
			                 w->name, (long long)f->rows,
			                 plural_s(f->rows), (long long)w->rows);
		if (!hash_equal(f->hash, w->hash, HASH_BYTES))
			return error_set(err, DUM_EDAMAGED,
			                 "the rows of table %s are not those "
			                 "that were backed up",
			                 w->name);
	}
	if (all && found->count != wanted->count)
		return error_set(err, DUM_EDAMAGED, "%zu table%s, not %zu",
		                 found->count, plural_s((int64_t)found->count),
		                 wanted->count);
	return DUM_OK;
}

static enum dum_status compare_count(sqlite3 *handle, const char *sql,
                                     const struct content_table *wanted,
                                     struct dum_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum dum_status status = DUM_OK;
	int64_t rows = -1;
	int rc = SQLITE_NOMEM;

	if (sql != NULL)
		rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc != SQLITE_ROW)
		status = db_engine_error(handle, "the backup", rc, "count",
		                         err);
	else
		rows = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (status == DUM_OK && rows != wanted->rows)
		status = error_set(err, DUM_EDAMAGED,
		                   "table %s has %lld row%s, not %lld",
		                   wanted->name, (long long)rows,
		                   plural_s(rows), (long long)wanted->rows);
	return status;
}

enum dum_status content_compare_counts(sqlite3 *handle,
                                       const struct content_tables *wanted,
                                       struct dum_error *err)
{
	const struct content_table *table;
	sqlite3_stmt *list = NULL;
	enum dum_status status = DUM_OK;
	size_t found = 0;
	int rc;

	rc = sqlite3_prepare_v2(handle, sql_queries[SQL_TABLE_STATEMENTS], -1,
	                        &list, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(list);
		if (rc != SQLITE_ROW || status != DUM_OK)
			break;
		table = content_find(
		    wanted, (const char *)sqlite3_column_text(list, 0));
		if (table == NULL)
			continue;
		found++;
		status = compare_count(
		    handle, (const char *)sqlite3_column_text(list, 4), table,
		    err);
	}
	if (status == DUM_OK && rc != SQLITE_DONE)
		status = db_engine_error(handle, "the backup", rc, "count",
		                         err);
	sqlite3_finalize(list);
	if (status == DUM_OK && found != wanted->count)
		status = error_set(err, DUM_EDAMAGED,
		                   "%zu of its %zu tables are there", found,
		                   wanted->count);
	return status;
}
