#include "store/recovery_code.h"

#include "store/query.h"

enum dum_status recovery_code_add(struct db *db, int64_t user_id,
                                  const unsigned char hash[static HASH_BYTES],
                                  struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_RECOVERY_CODE_ADD, err);
	query_bind_int(&q, ":user_id", user_id);
	query_bind_blob(&q, ":code_hash", hash, HASH_BYTES);
	return query_run(&q);
}

enum dum_status recovery_code_use(enum recovery_code_state *out, struct db *db,
                                  int64_t user_id,
                                  const unsigned char hash[static HASH_BYTES],
                                  struct dum_error *err)
{
	enum recovery_code_state state = RECOVERY_CODE_UNKNOWN;
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_RECOVERY_CODE_STATE, err);
	query_bind_int(&q, ":user_id", user_id);
	query_bind_blob(&q, ":code_hash", hash, HASH_BYTES);
	while (query_row(&q))
		state = query_int(&q, 0) != 0 ? RECOVERY_CODE_USED
		                              : RECOVERY_CODE_GOOD;
	status = query_end(&q);
	if (status == DUM_OK && state == RECOVERY_CODE_GOOD) {
		query_start(&q, db, SQL_RECOVERY_CODE_USE, err);
		query_bind_int(&q, ":at", db_now(db));
		query_bind_int(&q, ":user_id", user_id);
		query_bind_blob(&q, ":code_hash", hash, HASH_BYTES);
		status = query_run(&q);
	}
	if (status == DUM_OK)
		*out = state;
	return status;
}

enum dum_status recovery_code_clear(struct db *db, int64_t user_id,
                                    struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_RECOVERY_CODE_CLEAR, err);
	query_bind_int(&q, ":user_id", user_id);
	return query_run(&q);
}

enum dum_status recovery_code_count(int64_t *out, struct db *db,
                                    int64_t user_id, struct dum_error *err)
{
	enum dum_status status;
	struct query q;
	int64_t n = 0;

	query_start(&q, db, SQL_RECOVERY_CODE_COUNT, err);
	query_bind_int(&q, ":user_id", user_id);
	while (query_row(&q))
		n = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*out = n;
	return status;
}
