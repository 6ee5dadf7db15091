#include "store/grant.h"

#include <stdio.h>

#include "store/location.h"
#include "store/query.h"

void grantee_of_user(char out[static GRANTEE_MAX], int64_t user_id)
{
	snprintf(out, GRANTEE_MAX, "user:%lld", (long long)user_id);
}

void grantee_of_key(char out[static GRANTEE_MAX], int64_t key_id)
{
	snprintf(out, GRANTEE_MAX, "key:%lld", (long long)key_id);
}

static enum dum_status add(struct db *db, const char *grantee,
                           int64_t location_id, struct dum_error *err)
{
	struct location location;
	enum dum_status status;
	struct query q;

	status = location_get(&location, db, location_id, NULL);
	if (status == DUM_ENOTFOUND)
		return error_field(err, DUM_EINVAL, "locations",
		                   "there is no location %lld",
		                   (long long)location_id);
	if (status != DUM_OK)
		return error_set(err, status, "location %lld can not be read",
		                 (long long)location_id);
	query_start(&q, db, SQL_GRANT_ADD, err);
	query_bind_text(&q, ":grantee", grantee);
	query_bind_int(&q, ":location_id", location_id);
	return query_run(&q);
}

enum dum_status grant_set(struct db *db, const char *grantee,
                          const struct location_limit *limit,
                          struct dum_error *err)
{
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_GRANT_CLEAR, err);
	query_bind_text(&q, ":grantee", grantee);
	status = query_run(&q);
	for (int64_t i = 0; status == DUM_OK && i < limit->count; i++)
		status = add(db, grantee, limit->ids[i], err);
	return status;
}

enum dum_status grant_each(struct db *db, const char *grantee,
                           location_id_fn fn, void *arg, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_GRANT_LIST, err);
	query_bind_text(&q, ":grantee", grantee);
	while (query_row(&q))
		query_fail(&q, fn(arg, query_int(&q, 0), err));
	return query_end(&q);
}

static enum dum_status write_id(void *arg, int64_t location_id,
                                struct dum_error *err)
{
	(void)err;
	jsonw_int(arg, location_id);
	return DUM_OK;
}

enum dum_status grant_json(struct json_writer *w, struct db *db,
                           const char *grantee, bool is_limited,
                           struct dum_error *err)
{
	enum dum_status status;

	if (!is_limited) {
		jsonw_member_null(w, "locations");
		return DUM_OK;
	}
	jsonw_key(w, "locations");
	jsonw_array_begin(w);
	status = grant_each(db, grantee, write_id, w, err);
	jsonw_array_end(w);
	return status;
}
