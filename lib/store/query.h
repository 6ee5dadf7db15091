#ifndef DUM_STORE_QUERY_H
#define DUM_STORE_QUERY_H
/*
 * query - run one of the named statements of sql/queries.
 *
 *	struct query q;
 *
 *	query_start(&q, db, SQL_USAGE_GET, err);
 *	query_bind_int(&q, ":id", id);
 *	while (query_row(&q))
 *		... query_int(&q, 0) ...
 *	return query_end(&q);
 *
 * :viewer is bound by query_start() (see db_see_as()).
 *
 * The first error stops it and is kept, so only query_end() needs a look. It
 * resets the statement, which must happen before the transaction ends.
 * Statements are prepared once for each handle. Bound texts and blobs are
 * borrowed until query_end().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calc/date.h"
#include "sql_queries.h"
#include "store/handle.h"

enum { QUERY_DATES = 5 }; /* that one statement can bind */

struct query {
	struct db *db;
	sqlite3_stmt *statement; /* NULL after a failed start */
	enum sql_query which;
	enum dum_status status;
	struct dum_error *err;
	char dates[QUERY_DATES][DATE_TEXT_MAX]; /* texts of bound dates */
	int date_count;
};

void query_start(struct query *q, struct db *db, enum sql_query which,
                 struct dum_error *err);

void query_bind_int(struct query *q, const char *name, int64_t value);
/* NULL binds NULL. */
void query_bind_text(struct query *q, const char *name, const char *text);
void query_bind_blob(struct query *q, const char *name, const void *data,
                     size_t len);
/* At most two of them; a date of year 0 binds NULL. */
void query_bind_date(struct query *q, const char *name, struct date date);

/* Go to the next row; false at the end or after an error. */
bool query_row(struct query *q);

/* Columns of the row, from 0. Texts live until the next row; NULL is "". */
int64_t query_int(struct query *q, int column);
const char *query_text(struct query *q, int column);
bool query_is_null(struct query *q, int column);
/* A column that is a date; false: it is none. */
bool query_date(struct date *out, struct query *q, int column);
const void *query_blob(struct query *q, int column, size_t *len_out);

/* Let it fail with a status of the caller's, for instance out of a callback. */
void query_fail(struct query *q, enum dum_status status);

DUM_MUST_CHECK enum dum_status query_end(struct query *q);

/* For statements without rows: run it and end it. */
DUM_MUST_CHECK enum dum_status query_run(struct query *q);

/*
 * The same for an INSERT of one row: *id_out is the id of that row, or 0 when
 * ON CONFLICT DO NOTHING kept it out. RETURNING would do it too, in twice the
 * time, which an import of a million rows feels.
 */
DUM_MUST_CHECK enum dum_status query_insert(int64_t *id_out, struct query *q);

#endif
