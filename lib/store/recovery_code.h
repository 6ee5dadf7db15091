#ifndef DUM_STORE_RECOVERY_CODE_H
#define DUM_STORE_RECOVERY_CODE_H
/* recovery_code - hashes of the codes that stand in for a lost phone, once. */
#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "store/db.h"

enum recovery_code_state {
	RECOVERY_CODE_UNKNOWN,
	RECOVERY_CODE_GOOD,
	RECOVERY_CODE_USED
};

/* All inside db_begin(). */
DUM_MUST_CHECK enum dum_status recovery_code_add(
    struct db *db, int64_t user_id, const unsigned char hash[static HASH_BYTES],
    struct dum_error *err);

/* What it was before; a good one is used up by this. */
DUM_MUST_CHECK enum dum_status recovery_code_use(
    enum recovery_code_state *out, struct db *db, int64_t user_id,
    const unsigned char hash[static HASH_BYTES], struct dum_error *err);

DUM_MUST_CHECK enum dum_status recovery_code_clear(struct db *db,
                                                   int64_t user_id,
                                                   struct dum_error *err);

/* Those that are left. */
DUM_MUST_CHECK enum dum_status recovery_code_count(int64_t *out, struct db *db,
                                                   int64_t user_id,
                                                   struct dum_error *err);

#endif
