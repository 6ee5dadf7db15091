/* Two lists in the order of one key, walked along side by side. */
#include "backup/diff.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "store/handle.h"
#include "store/system_info.h"

struct side {
	struct db *db;
	sqlite3_stmt *rows;
	sqlite3_stmt *name; /* of a location */
	bool row;           /* it stands on one */
};

struct comparing {
	enum diff_table table;
	struct side a, b;
	struct diff_counts *counts;
	diff_fn fn;
	void *arg;
};

static const struct {
	const char *name;
	enum sql_query list;
} tables[DIFF_TABLES] = {
    [DIFF_LOCATIONS] = {"locations", SQL_DIFF_LOCATIONS},
    [DIFF_DAYS] = {"days", SQL_DIFF_DAYS},
    [DIFF_SUMMARIES] = {"summaries", SQL_DIFF_SUMMARIES},
    [DIFF_SETTINGS] = {"settings", SQL_DIFF_SETTINGS},
};

const char *diff_table_name(enum diff_table table)
{
	return tables[table].name;
}

static enum dum_status step(struct side *s, struct dum_error *err)
{
	int rc = sqlite3_step(s->rows);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_error(s->db, rc, "compare", err);
	s->row = rc == SQLITE_ROW;
	return DUM_OK;
}

static enum dum_status open_side(struct side *s, enum diff_table table,
                                 struct dum_error *err)
{
	int rc;

	rc = sqlite3_prepare_v2(s->db->sqlite, sql_queries[tables[table].list],
	                        -1, &s->rows, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(s->db->sqlite,
		                        sql_queries[SQL_DIFF_LOCATION_NAME], -1,
		                        &s->name, NULL);
	if (rc != SQLITE_OK)
		return db_error(s->db, rc, "compare", err);
	return step(s, err);
}

static void close_side(struct side *s)
{
	sqlite3_finalize(s->rows);
	sqlite3_finalize(s->name);
	s->rows = s->name = NULL;
}

static const char *text_of(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text != NULL ? text : "";
}

/* Which comes first? A side that is at its end comes last. */
static int order(const struct side *a, const struct side *b)
{
	sqlite3_int64 x, y;
	int dates;

	if (!a->row || !b->row)
		return a->row ? -1 : 1;
	dates = strcmp(text_of(a->rows, 0), text_of(b->rows, 0));
	if (dates != 0)
		return dates;
	x = sqlite3_column_int64(a->rows, 1);
	y = sqlite3_column_int64(b->rows, 1);
	return (x > y) - (x < y);
}

/* The name as the side has it; NULL for what is of no location. */
static const char *name_of(struct side *s, int64_t location_id)
{
	if (location_id == 0)
		return NULL;
	sqlite3_reset(s->name);
	sqlite3_bind_int64(s->name, 1, location_id);
	return sqlite3_step(s->name) == SQLITE_ROW ? text_of(s->name, 0) : "";
}

static enum dum_status tell(struct comparing *c, bool in_a, bool in_b,
                            struct dum_error *err)
{
	struct side *s = in_a ? &c->a : &c->b;
	struct diff_row row = {.table = c->table,
	                       .date = text_of(s->rows, 0),
	                       .location_id = sqlite3_column_int64(s->rows, 1),
	                       .a = in_a ? text_of(c->a.rows, 2) : NULL,
	                       .b = in_b ? text_of(c->b.rows, 2) : NULL};

	c->counts->changed += in_a && in_b;
	c->counts->only_a += in_a && !in_b;
	c->counts->only_b += in_b && !in_a;
	row.location = name_of(s, row.location_id);
	return c->fn(c->arg, &row, err);
}

static enum dum_status compare_row(struct comparing *c, struct dum_error *err)
{
	int first = order(&c->a, &c->b);
	enum dum_status status = DUM_OK;

	if (first != 0)
		status = tell(c, first<0, first> 0, err);
	else if (strcmp(text_of(c->a.rows, 2), text_of(c->b.rows, 2)) != 0)
		status = tell(c, true, true, err);
	else
		c->counts->same++;
	if (status == DUM_OK && first <= 0)
		status = step(&c->a, err);
	if (status == DUM_OK && first >= 0)
		status = step(&c->b, err);
	return status;
}

static enum dum_status compare(struct comparing *c, struct dum_error *err)
{
	enum dum_status status;

	status = open_side(&c->a, c->table, err);
	if (status == DUM_OK)
		status = open_side(&c->b, c->table, err);
	while (status == DUM_OK && (c->a.row || c->b.row))
		status = compare_row(c, err);
	close_side(&c->a);
	close_side(&c->b);
	return status;
}

static enum dum_status check_same(struct db *a, struct db *b,
                                  struct dum_error *err)
{
	struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;
	enum dum_status status;

	status = system_info_get(&x, a, "database_id", err);
	if (status == DUM_OK)
		status = system_info_get(&y, b, "database_id", err);
	if (status == DUM_OK && strcmp(x.buf, y.buf) != 0)
		status = error_set(err, DUM_ECONFLICT,
		                   "they are of two databases, which have "
		                   "nothing to do with each other");
	strbuf_release(&x);
	strbuf_release(&y);
	return status;
}

enum dum_status diff_databases(struct diff_counts out[static DIFF_TABLES],
                               struct db *a, struct db *b, diff_fn fn,
                               void *arg, struct dum_error *err)
{
	enum dum_status status = check_same(a, b, err);

	for (int i = 0; i < DIFF_TABLES && status == DUM_OK; i++) {
		struct comparing c = {.table = (enum diff_table)i,
		                      .a = {.db = a},
		                      .b = {.db = b},
		                      .counts = &out[i],
		                      .fn = fn,
		                      .arg = arg};

		out[i] = (struct diff_counts){.same = 0};
		status = compare(&c, err);
	}
	return status;
}
