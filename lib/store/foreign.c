#include "store/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calc/date.h"
#include "sql_queries.h"
#include "store/foreign_open.h"
#include "store/handle.h"

/* Columns that a table must have; the others are taken where they are. */
static const char *const location_columns[] = {"id", "name", "display_name",
                                               NULL};
static const char *const location_more[] = {"is_active", "created_at", NULL};
static const char *const day_columns[] = {"id", "date", "location_id",
                                          "usage_gb", NULL};
static const char *const summary_columns[] = {
    "id", "period_start", "period_end", "location_id", "total_usage_gb", NULL};
static const char *const summary_more[] = {"manual_entry", "created_at",
                                           "updated_at", NULL};

static enum dum_status prepare(sqlite3_stmt **out, struct foreign *f,
                               enum sql_query which, const char *table,
                               struct dum_error *err)
{
	int rc = sqlite3_prepare_v2(f->sqlite, sql_queries[which], -1, out,
	                            NULL);

	if (rc == SQLITE_OK && table != NULL)
		rc = sqlite3_bind_text(*out, 1, table, -1, SQLITE_STATIC);
	return rc == SQLITE_OK ? DUM_OK : foreign_error(f, rc, err);
}

/* End a loop over rows: rc is what ended it, status what its body said. */
static enum dum_status finish(struct foreign *f, sqlite3_stmt *statement,
                              int rc, enum dum_status status,
                              struct dum_error *err)
{
	if (status == DUM_OK && rc != SQLITE_DONE)
		status = foreign_error(f, rc, err);
	sqlite3_finalize(statement);
	return status;
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

/* Of a list of columns (at most 31), which does the table have? In bits. */
static enum dum_status find_columns(unsigned *out, struct foreign *f,
                                    const char *table,
                                    const char *const *columns,
                                    struct dum_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum dum_status status;
	int rc;

	*out = 0;
	status = prepare(&statement, f, SQL_FOREIGN_COLUMNS, table, err);
	if (status != DUM_OK)
		return status;
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *name = text_of(statement, 0);

		for (int i = 0; columns[i] != NULL; i++)
			if (name != NULL && strcmp(name, columns[i]) == 0)
				*out |= 1U << i;
	}
	return finish(f, statement, rc, DUM_OK, err);
}

static enum dum_status has_all(bool *out, struct foreign *f, const char *table,
                               const char *const *columns,
                               const char **missing_out, struct dum_error *err)
{
	unsigned found = 0;
	enum dum_status status = find_columns(&found, f, table, columns, err);

	*out = true;
	for (int i = 0; status == DUM_OK && *out && columns[i] != NULL; i++) {
		*out = (found & 1U << i) != 0;
		*missing_out = columns[i];
	}
	return status;
}

static enum dum_status is_table(bool *out, struct foreign *f, const char *name,
                                struct dum_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum dum_status status;
	int rc;

	*out = false;
	status = prepare(&statement, f, SQL_FOREIGN_TABLE, name, err);
	if (status != DUM_OK)
		return status;
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
		*out = *out || sqlite3_column_int(statement, 0) != 0;
	return finish(f, statement, rc, DUM_OK, err);
}

static enum dum_status check_table(struct foreign *f, const char *table,
                                   const char *const *columns,
                                   struct dum_error *err)
{
	const char *missing = NULL;
	enum dum_status status;
	bool there = false, all = false;

	status = is_table(&there, f, table, err);
	if (status == DUM_OK && there)
		status = has_all(&all, f, table, columns, &missing, err);
	if (status != DUM_OK)
		return status;
	if (!there)
		return error_set(err, DUM_ESCHEMA,
		                 "%s is not a database of the Flask system: it "
		                 "has no table %s",
		                 f->path, table);
	if (!all)
		return error_set(err, DUM_ESCHEMA,
		                 "%s is not a database of the Flask system: "
		                 "its table %s has no column %s",
		                 f->path, table, missing);
	return DUM_OK;
}

/* One value of a pragma, or a statement without values. */
static enum dum_status one_value(char *out, size_t size, struct foreign *f,
                                 const char *sql, struct dum_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum dum_status status = DUM_OK;
	int rc = sqlite3_prepare_v2(f->sqlite, sql, -1, &statement, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		snprintf(out, size, "%s",
		         text_of(statement, 0) != NULL ? text_of(statement, 0)
		                                       : "");
	else
		status = foreign_error(f, rc, err);
	sqlite3_finalize(statement);
	return status;
}

static enum dum_status check_file(struct foreign *f, struct dum_error *err)
{
	char text[160];
	enum dum_status status;

	status = one_value(text, sizeof(text), f, "PRAGMA application_id", err);
	if (status != DUM_OK)
		return status;
	if (strtoll(text, NULL, 10) == DB_APPLICATION_ID)
		return error_set(err, DUM_ESCHEMA,
		                 "%s is a database of this program, not of the "
		                 "Flask system before it: its days can be "
		                 "moved with dum-export and dum-import",
		                 f->path);
	status = one_value(text, sizeof(text), f, "PRAGMA quick_check(1)", err);
	if (status == DUM_OK && strcmp(text, "ok") != 0 &&
	    strstr(text, "value in") == NULL)
		return error_set(err, DUM_EDAMAGED, "%s is damaged: %s",
		                 f->path, text);
	return status;
}

static enum dum_status check_schema(struct foreign *f, struct dum_error *err)
{
	enum dum_status status;
	const char *missing;
	bool there = false, all = false;

	status = check_table(f, "locations", location_columns, err);
	if (status == DUM_OK)
		status = check_table(f, "daily_usage", day_columns, err);
	if (status == DUM_OK)
		status = has_all(&all, f, "locations", location_more, &missing,
		                 err);
	f->plain_locations = !all;
	if (status == DUM_OK)
		status = is_table(&there, f, "monthly_summaries", err);
	f->no_summaries = !there;
	if (status == DUM_OK && there)
		status = check_table(f, "monthly_summaries", summary_columns,
		                     err);
	if (status == DUM_OK && there)
		status = has_all(&all, f, "monthly_summaries", summary_more,
		                 &missing, err);
	f->plain_summaries = !all;
	return status;
}

enum dum_status foreign_open(struct foreign **out, const char *path,
                             struct dum_error *err)
{
	struct foreign *f = calloc(1, sizeof(*f));
	enum dum_status status;

	if (f == NULL || (f->path = strdup(path)) == NULL) {
		free(f);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	status = foreign_connect(f, err);
	if (status == DUM_OK)
		status = check_file(f, err);
	if (status == DUM_OK)
		status = check_schema(f, err);
	if (status != DUM_OK) {
		foreign_free(f);
		return status;
	}
	*out = f;
	return DUM_OK;
}

void foreign_free(struct foreign *foreign)
{
	if (foreign == NULL)
		return;
	sqlite3_close(foreign->sqlite);
	free(foreign->path);
	free(foreign);
}

static void read_amount(struct foreign_amount *out, sqlite3_stmt *statement,
                        int column)
{
	int type = sqlite3_column_type(statement, column);

	out->is_null = type == SQLITE_NULL;
	out->is_number = type == SQLITE_FLOAT || type == SQLITE_INTEGER;
	out->gb = out->is_number ? sqlite3_column_double(statement, column) : 0;
	out->text = text_of(statement, column);
}

/* An id may be of any type there; one that is no number names nothing. */
static enum dum_status read_id(int64_t *out, sqlite3_stmt *statement,
                               int column, const char *what,
                               struct dum_error *err)
{
	const char *text;

	if (sqlite3_column_type(statement, column) == SQLITE_INTEGER) {
		*out = sqlite3_column_int64(statement, column);
		return DUM_OK;
	}
	text = text_of(statement, column);
	return error_set(err, DUM_EINVAL, "%s '%.40s' is no whole number", what,
	                 text != NULL ? text : "NULL");
}

enum dum_status foreign_location_each(struct foreign *foreign,
                                      foreign_location_fn fn, void *arg,
                                      struct dum_error *err)
{
	sqlite3_stmt *s = NULL;
	enum dum_status status;
	int rc = SQLITE_ROW;

	status = prepare(&s, foreign,
	                 foreign->plain_locations ? SQL_FOREIGN_LOCATIONS_PLAIN
	                                          : SQL_FOREIGN_LOCATIONS,
	                 NULL, err);
	while (status == DUM_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct foreign_location location = {
		    .name = text_of(s, 1),
		    .display_name = text_of(s, 2),
		    .is_active = sqlite3_column_type(s, 3) == SQLITE_NULL ||
		                 sqlite3_column_int64(s, 3) != 0,
		    .created_at = text_of(s, 4)};

		status = read_id(&location.id, s, 0, "locations: the id", err);
		if (status == DUM_OK)
			status = fn(arg, &location, err);
	}
	return finish(foreign, s, rc, status, err);
}

enum dum_status foreign_day_count(int64_t *out, struct foreign *foreign,
                                  struct dum_error *err)
{
	sqlite3_stmt *s = NULL;
	enum dum_status status;
	int rc = SQLITE_ROW;
	int64_t n = 0;

	status = prepare(&s, foreign, SQL_FOREIGN_DAY_COUNT, NULL, err);
	while (status == DUM_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	status = finish(foreign, s, rc, status, err);
	if (status == DUM_OK)
		*out = n;
	return status;
}

enum dum_status foreign_day_each(struct foreign *foreign, foreign_day_fn fn,
                                 void *arg, struct dum_error *err)
{
	sqlite3_stmt *s = NULL;
	enum dum_status status;
	int rc = SQLITE_ROW;

	status = prepare(&s, foreign, SQL_FOREIGN_DAYS, NULL, err);
	while (status == DUM_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct foreign_day day = {.id = sqlite3_column_int64(s, 0),
		                          .date = text_of(s, 1)};

		read_amount(&day.amount, s, 3);
		status = read_id(&day.location_id, s, 2,
		                 "daily_usage: the location_id", err);
		if (status == DUM_OK)
			status = fn(arg, &day, err);
	}
	return finish(foreign, s, rc, status, err);
}

enum dum_status foreign_summary_each(struct foreign *foreign,
                                     foreign_summary_fn fn, void *arg,
                                     struct dum_error *err)
{
	sqlite3_stmt *s = NULL;
	enum dum_status status;
	int rc = SQLITE_ROW;

	if (foreign->no_summaries)
		return DUM_OK;
	status = prepare(&s, foreign,
	                 foreign->plain_summaries ? SQL_FOREIGN_SUMMARIES_PLAIN
	                                          : SQL_FOREIGN_SUMMARIES,
	                 NULL, err);
	while (status == DUM_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct foreign_summary summary = {
		    .id = sqlite3_column_int64(s, 0),
		    .start = text_of(s, 1),
		    .end = text_of(s, 2),
		    .manual = sqlite3_column_type(s, 5) == SQLITE_NULL ||
		              sqlite3_column_int64(s, 5) != 0,
		    .created_at = text_of(s, 6),
		    .updated_at = text_of(s, 7)};

		read_amount(&summary.amount, s, 4);
		status = read_id(&summary.location_id, s, 3,
		                 "monthly_summaries: the location_id", err);
		if (status == DUM_OK)
			status = fn(arg, &summary, err);
	}
	return finish(foreign, s, rc, status, err);
}

static bool in_range(const char *digits, int most)
{
	int n = (digits[0] - '0') * 10 + digits[1] - '0';

	return strchr("0123456789", digits[0]) != NULL &&
	       strchr("0123456789", digits[1]) != NULL && n <= most;
}

void foreign_time(char out[static CLOCK_TEXT_MAX], const char *text)
{
	struct date date;

	out[0] = '\0';
	if (text == NULL || strlen(text) < 19 || !date_parse(&date, text, 10) ||
	    (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
	    text[16] != ':' || !in_range(text + 11, 23) ||
	    !in_range(text + 14, 59) || !in_range(text + 17, 59))
		return;
	memcpy(out, text, 19);
	out[10] = 'T';
	memcpy(out + 19, "Z", 2);
}
