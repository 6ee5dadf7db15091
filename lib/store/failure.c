#include "store/failure.h"

#include "store/query.h"

enum dum_status failure_get(struct failure *out, struct db *db,
                            const char *subject, struct dum_error *err)
{
	struct failure failure = {0};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_FAILURE_GET, err);
	query_bind_text(&q, ":subject", subject);
	while (query_row(&q)) {
		failure.failures = query_int(&q, 0);
		failure.blocked_until = query_int(&q, 1);
		failure.last_at = query_int(&q, 2);
	}
	status = query_end(&q);
	if (status == DUM_OK)
		*out = failure;
	return status;
}

enum dum_status failure_put(struct db *db, const char *subject,
                            const struct failure *failure,
                            struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_FAILURE_PUT, err);
	query_bind_text(&q, ":subject", subject);
	query_bind_int(&q, ":failures", failure->failures);
	query_bind_int(&q, ":blocked_until", failure->blocked_until);
	query_bind_int(&q, ":last_at", failure->last_at);
	return query_run(&q);
}

enum dum_status failure_forget(struct db *db, const char *subject,
                               struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_FAILURE_FORGET, err);
	query_bind_text(&q, ":subject", subject);
	return query_run(&q);
}

enum dum_status failure_sweep(struct db *db, int64_t before,
                              struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_FAILURE_SWEEP, err);
	query_bind_int(&q, ":before", before);
	return query_run(&q);
}
