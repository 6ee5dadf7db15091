#include "store/system_info.h"

#include <inttypes.h>
#include <stdio.h>

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

enum dum_status system_info_number(int64_t *out, struct db *db,
                                   const char *name, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status = system_info_get(&text, db, name, err);

	if (status == DUM_OK && sscanf(text.buf, "%" SCNd64, out) != 1)
		status = error_set(err, DUM_EDAMAGED,
		                   "system_info: %s is no number", name);
	strbuf_release(&text);
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
