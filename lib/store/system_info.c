#include "store/system_info.h"

#include "store/query.h"

enum dum_status system_info_get(struct strbuf *out, struct db *db,
                                const char *name, struct dum_error *err)
{
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_SYSTEM_INFO_GET, err);
	query_bind_text(&q, ":name", name);
	while (query_row(&q)) {
		strbuf_adds(out, query_text(&q, 0));
		found = true;
	}
	status = query_end(&q);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ENOTFOUND, "system_info has no %s",
		                   name);
	return status;
}

enum dum_status system_info_set(struct db *db, const char *name,
                                const char *value, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_SYSTEM_INFO_SET, err);
	query_bind_text(&q, ":name", name);
	query_bind_text(&q, ":value", value);
	query_bind_text(&q, ":at", db_change_at(db));
	return query_run(&q);
}

enum dum_status system_info_generation(int64_t *out, struct db *db,
                                       struct dum_error *err)
{
	struct query q;
	int64_t n = -1;
	enum dum_status status;

	query_start(&q, db, SQL_SYSTEM_INFO_GET_NUMBER, err);
	query_bind_text(&q, ":name", "data_generation");
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK && n < 0)
		status = error_set(err, DUM_EDAMAGED,
		                   "system_info has no data_generation");
	if (status == DUM_OK)
		*out = n;
	return status;
}
