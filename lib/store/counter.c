#include "store/counter.h"

#include "store/query.h"

enum dum_status counter_add_locations(struct db *db, int64_t delta,
                                      struct dum_error *err)
{
	struct query q;

	if (delta == 0)
		return DUM_OK;
	query_start(&q, db, SQL_COUNTER_ADD, err);
	query_bind_text(&q, ":name", "locations");
	query_bind_int(&q, ":delta", delta);
	return query_run(&q);
}

enum dum_status counter_add_records(struct db *db, int64_t location_id,
                                    int64_t delta, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_LOCATION_RECORDS_ADD, err);
	query_bind_int(&q, ":location_id", location_id);
	query_bind_int(&q, ":delta", delta);
	return query_run(&q);
}
