#include "store/journal_list.h"

#include <string.h>

#include "store/query.h"

/* The table that the list is of; an event's is "event". NULL: of several. */
static const char *table_of(const struct journal_filter *f)
{
	if (f->table == NULL && f->kind == JOURNAL_EVENTS)
		return "event";
	return f->table;
}

static enum sql_query list_of(const struct journal_filter *f)
{
	const char *table = table_of(f);

	if (table != NULL && strcmp(table, "daily_usage") != 0)
		return SQL_JOURNAL_LIST_RARE;
	if (f->from.year != 0 || f->until.year != 0)
		return SQL_JOURNAL_LIST_DAYS;
	return SQL_JOURNAL_LIST;
}

/* Entries carry instants; a civil day starts at one. */
static const char *instant_of(char out[static CLOCK_TEXT_MAX], struct date day)
{
	if (day.year == 0)
		return NULL;
	clock_format_utc(out, clock_midnight(day.year, day.month, day.day));
	return out;
}

/* NULL where the column is. */
static const char *text_or_null(struct query *q, int column)
{
	return query_is_null(q, column) ? NULL : query_text(q, column);
}

static void read_row(struct journal_row *row, struct query *q)
{
	row->id = query_int(q, 0);
	row->at = query_text(q, 1);
	row->actor = query_text(q, 2);
	row->address = text_or_null(q, 3);
	row->source = query_text(q, 4);
	row->request_id = text_or_null(q, 5);
	row->op = query_text(q, 6);
	row->table = query_text(q, 7);
	row->pk = text_or_null(q, 8);
	row->before = text_or_null(q, 9);
	row->after = text_or_null(q, 10);
	row->is_event = strcmp(row->table, "event") == 0;
	if (row->is_event)
		row->table = NULL;
}

enum dum_status journal_list(int64_t *next_out, struct db *db,
                             const struct journal_filter *filter,
                             journal_row_fn fn, void *arg,
                             struct dum_error *err)
{
	char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
	struct journal_row row = {.id = 0};
	enum dum_status status;
	int64_t next = 0;
	struct query q;
	int n = 0;

	if (filter->limit < 1 || filter->limit > JOURNAL_LIMIT_MAX)
		return error_field(err, DUM_EINVAL, "limit",
		                   "limit must be from 1 to %d",
		                   JOURNAL_LIMIT_MAX);
	query_start(&q, db, list_of(filter), err);
	query_bind_text(&q, ":actor", filter->actor);
	query_bind_text(&q, ":op", filter->op);
	query_bind_text(&q, ":tbl", table_of(filter));
	if (filter->kind != JOURNAL_ALL)
		query_bind_int(&q, ":is_event", filter->kind == JOURNAL_EVENTS);
	query_bind_text(&q, ":from", instant_of(from, filter->from));
	query_bind_text(&q, ":until", instant_of(until, filter->until));
	query_bind_int(&q, ":before",
	               filter->before != 0 ? filter->before : INT64_MAX);
	query_bind_int(&q, ":limit", filter->limit + 1);
	while (query_row(&q)) {
		/* The one past the page tells that there is another page. */
		if (n++ == filter->limit) {
			next = row.id;
			break;
		}
		read_row(&row, &q);
		query_fail(&q, fn(arg, &row, err));
	}
	status = query_end(&q);
	if (status == DUM_OK)
		*next_out = next;
	return status;
}
