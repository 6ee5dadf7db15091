#include "store/table_counts.h"

#include "store/query.h"

enum dum_status table_counts_each(struct db *db, table_count_fn fn, void *arg,
                                  struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_TABLE_COUNTS, err);
	while (query_row(&q))
		fn(arg, query_text(&q, 0), query_int(&q, 1));
	return query_end(&q);
}
