#include "store/counter.h"

#include "store/query.h"

enum dum_status counter_get(int64_t *out, struct db *db, const char *name,
                            struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t n = -1;

	query_start(&q, db, SQL_COUNTER_GET, err);
	query_bind_text(&q, ":name", name);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK && n < 0)
		status = error_set(err, DUM_EDAMAGED, "no counter %s", name);
	if (status == DUM_OK)
		*out = n;
	return status;
}

enum dum_status counter_add(struct db *db, const char *name, int64_t delta,
                            struct dum_error *err)
{
	struct query q;

	if (delta == 0)
		return DUM_OK;
	query_start(&q, db, SQL_COUNTER_ADD, err);
	query_bind_text(&q, ":name", name);
	query_bind_int(&q, ":delta", delta);
	return query_run(&q);
}
