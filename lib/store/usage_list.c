/* Lists and counts of the days' records. */
#include <string.h>

#include "store/query.h"
#include "store/usage.h"

/* Texts before and after every date. */
#define BEFORE_ALL ""
#define AFTER_ALL  "~"

static void bind_range(struct query *q, const struct usage_filter *filter)
{
	if (filter->from.year != 0)
		query_bind_date(q, ":from", filter->from);
	else
		query_bind_text(q, ":from", BEFORE_ALL);
	if (filter->until.year != 0)
		query_bind_date(q, ":until", filter->until);
	else
		query_bind_text(q, ":until", AFTER_ALL);
	if (filter->location_id != 0)
		query_bind_int(q, ":location_id", filter->location_id);
}

static void read_row(struct usage_row *row, struct query *q)
{
	row->id = query_int(q, 0);
	row->date = query_text(q, 1);
	row->location_id = query_int(q, 2);
	row->bytes = query_int(q, 3);
	row->updated_at = query_text(q, 4);
	row->location_name = query_text(q, 5);
	row->display_name = query_text(q, 6);
}

enum dum_status usage_each(struct db *db, const struct usage_filter *filter,
                           int64_t offset, int64_t limit, usage_row_fn fn,
                           void *arg, struct dum_error *err)
{
	struct usage_row row;
	struct query q;

	query_start(&q, db,
	            filter->location_id != 0 ? SQL_USAGE_LIST_LOCATION
	            : db->viewer[0] != '\0'  ? SQL_USAGE_LIST_VIEWER
	                                     : SQL_USAGE_LIST,
	            err);
	bind_range(&q, filter);
	query_bind_int(&q, ":limit", limit);
	query_bind_int(&q, ":offset", offset);
	while (query_row(&q)) {
		read_row(&row, &q);
		query_fail(&q, fn(arg, &row, err));
	}
	return query_end(&q);
}

static enum sql_query count_of(const struct db *db,
                               const struct usage_filter *filter)
{
	if (filter->location_id != 0)
		return SQL_USAGE_COUNT_LOCATION;
	if (filter->from.year == 0 && filter->until.year == 0)
		return SQL_LOCATION_RECORDS_SUM;
	return db->viewer[0] != '\0' ? SQL_USAGE_COUNT_VIEWER : SQL_USAGE_COUNT;
}

enum dum_status usage_count(int64_t *out, struct db *db,
                            const struct usage_filter *filter,
                            struct dum_error *err)
{
	enum sql_query which = count_of(db, filter);
	enum dum_status status;
	struct query q;
	int64_t n = 0;

	query_start(&q, db, which, err);
	if (which != SQL_LOCATION_RECORDS_SUM)
		bind_range(&q, filter);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = n;
	return status;
}

static enum dum_status one_day(bool *any, struct date *day, struct db *db,
                               enum sql_query which, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, which, err);
	while (query_row(&q)) {
		const char *text = query_text(&q, 0);

		*any = !query_is_null(&q, 0);
		if (*any && !date_parse(day, text, strlen(text)))
			query_fail(&q, error_set(err, DUM_EDAMAGED,
			                         "daily_usage: '%.20s' is no "
			                         "date",
			                         text));
	}
	return query_end(&q);
}

enum dum_status usage_range(bool *any, struct date *first, struct date *last,
                            struct db *db, struct dum_error *err)
{
	enum dum_status status;

	/* Two queries: SQLite takes either end off the index, not both. */
	status = one_day(any, first, db, SQL_USAGE_FIRST_DAY, err);
	if (status == DUM_OK)
		status = one_day(any, last, db, SQL_USAGE_LAST_DAY, err);
	return status;
}
