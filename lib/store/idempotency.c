#include "store/idempotency.h"

#include <string.h>

#include "base/utf8.h"
#include "store/query.h"

static enum dum_status check_key(const char *key, struct dum_error *err)
{
	size_t len = strlen(key);

	if (len > 0 && utf8_printable(key, len) &&
	    utf8_count(key, len) <= IDEMPOTENCY_KEY_MAX)
		return DUM_OK;
	return error_field(err, DUM_EINVAL, "Idempotency-Key",
	                   "an Idempotency-Key has 1 to %d printable "
	                   "characters",
	                   IDEMPOTENCY_KEY_MAX);
}

enum dum_status idempotency_find(enum idempotency_found *out,
                                 struct idempotent_answer *answer,
                                 struct db *db,
                                 const struct idempotent_request *request,
                                 struct dum_error *err)
{
	enum idempotency_found found = IDEMPOTENCY_NEW;
	enum dum_status status = check_key(request->key, err);
	const void *hash;
	struct query q;
	size_t len;

	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_IDEMPOTENCY_FIND, err);
	query_bind_text(&q, ":actor", request->actor);
	query_bind_text(&q, ":key", request->key);
	query_bind_int(&q, ":now", db_now(db));
	while (query_row(&q)) {
		hash = query_blob(&q, 0, &len);
		if (len != HASH_BYTES ||
		    memcmp(hash, request->hash, HASH_BYTES) != 0) {
			found = IDEMPOTENCY_OTHER;
		} else if (query_is_null(&q, 1)) {
			found = IDEMPOTENCY_RUNNING;
		} else {
			found = IDEMPOTENCY_DONE;
			answer->status = (int)query_int(&q, 1);
			strbuf_adds(&answer->body, query_text(&q, 2));
			if (!strbuf_ok(&answer->body))
				query_fail(&q, error_set(err, DUM_ENOMEM,
				                         "out of memory"));
		}
	}
	status = query_end(&q);
	if (status == DUM_OK)
		*out = found;
	return status;
}

/* body NULL: it is only reserved. */
static enum dum_status put(struct db *db,
                           const struct idempotent_request *request, int status,
                           const char *body, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_IDEMPOTENCY_PUT, err);
	query_bind_text(&q, ":actor", request->actor);
	query_bind_text(&q, ":key", request->key);
	query_bind_blob(&q, ":request_hash", request->hash, HASH_BYTES);
	if (body != NULL)
		query_bind_int(&q, ":status", status);
	query_bind_text(&q, ":answer", body);
	query_bind_int(&q, ":expires_at", db_now(db) + IDEMPOTENCY_LIFE_S);
	return query_run(&q);
}

enum dum_status idempotency_reserve(struct db *db,
                                    const struct idempotent_request *request,
                                    struct dum_error *err)
{
	return put(db, request, 0, NULL, err);
}

enum dum_status idempotency_keep(struct db *db,
                                 const struct idempotent_request *request,
                                 int status, const char *body,
                                 struct dum_error *err)
{
	enum dum_status done;
	struct query q;

	query_start(&q, db, SQL_IDEMPOTENCY_EXPIRE, err);
	query_bind_int(&q, ":now", db_now(db));
	done = query_run(&q);
	if (done != DUM_OK)
		return done;
	if (strlen(body) > IDEMPOTENCY_ANSWER_MAX)
		return idempotency_forget(db, request, err);
	return put(db, request, status, body, err);
}

enum dum_status idempotency_forget(struct db *db,
                                   const struct idempotent_request *request,
                                   struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_IDEMPOTENCY_FORGET, err);
	query_bind_text(&q, ":actor", request->actor);
	query_bind_text(&q, ":key", request->key);
	return query_run(&q);
}
