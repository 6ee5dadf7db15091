#include "store/idempotency.h"

#include <string.h>

#include "store/query.h"

static enum dum_status check_key(const char *key, struct dum_error *err)
{
	size_t len = 0;

	while (key[len] > ' ' && key[len] <= '~')
		len++;
	if (len >= 1 && len <= IDEMPOTENCY_KEY_MAX && key[len] == '\0')
		return DUM_OK;
	return error_field(err, DUM_EINVAL, "Idempotency-Key",
	                   "an Idempotency-Key has 1 to %d visible characters "
	                   "of ASCII",
	                   IDEMPOTENCY_KEY_MAX);
}

static enum idempotency_found judge(struct query *q,
                                    const struct idempotent_request *request,
                                    idempotent_answer_fn fn, void *arg)
{
	struct idempotent_answer answer;
	const void *hash;
	size_t len;

	hash = query_blob(q, 0, &len);
	if (len != HASH_BYTES || memcmp(hash, request->hash, HASH_BYTES) != 0)
		return IDEMPOTENCY_OTHER;
	answer = (struct idempotent_answer){.status = (int)query_int(q, 1),
	                                    .headers = query_text(q, 2),
	                                    .tag = query_text(q, 3),
	                                    .body = query_text(q, 4)};
	fn(arg, &answer);
	return IDEMPOTENCY_DONE;
}

enum dum_status idempotency_find(enum idempotency_found *out, struct db *db,
                                 const struct idempotent_request *request,
                                 idempotent_answer_fn fn, void *arg,
                                 struct dum_error *err)
{
	enum idempotency_found found = IDEMPOTENCY_NEW;
	enum dum_status status = check_key(request->key, err);
	struct query q;

	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_IDEMPOTENCY_FIND, err);
	query_bind_text(&q, ":actor", request->actor);
	query_bind_text(&q, ":key", request->key);
	query_bind_int(&q, ":now", db_now(db));
	while (query_row(&q))
		found = judge(&q, request, fn, arg);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = found;
	return status;
}

static enum dum_status expire(struct db *db, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_IDEMPOTENCY_EXPIRE, err);
	query_bind_int(&q, ":now", db_now(db));
	return query_run(&q);
}

enum dum_status idempotency_keep(struct db *db,
                                 const struct idempotent_request *request,
                                 const struct idempotent_answer *answer,
                                 struct dum_error *err)
{
	enum dum_status status = expire(db, err);
	struct query q;

	if (status != DUM_OK || strlen(answer->body) > IDEMPOTENCY_ANSWER_MAX)
		return status;
	query_start(&q, db, SQL_IDEMPOTENCY_PUT, err);
	query_bind_text(&q, ":actor", request->actor);
	query_bind_text(&q, ":key", request->key);
	query_bind_blob(&q, ":request_hash", request->hash, HASH_BYTES);
	query_bind_int(&q, ":status", answer->status);
	query_bind_text(&q, ":headers", answer->headers);
	query_bind_text(&q, ":tag", answer->tag);
	query_bind_text(&q, ":answer", answer->body);
	query_bind_int(&q, ":expires_at", db_now(db) + IDEMPOTENCY_LIFE_S);
	return query_run(&q);
}
