#ifndef DUM_STORE_FAILURE_H
#define DUM_STORE_FAILURE_H
/*
 * failure - rows of the table login_attempts: failed log-ins of one subject,
 * "user:NAME" or "net:ADDRESS". What they cost is the business of
 * access/attempt.h. Not journalled.
 */
#include <stdint.h>

#include "store/db.h"

enum { FAILURE_SUBJECT_MAX = 80 };

struct failure {
	int64_t failures;
	int64_t blocked_until; /* s */
	int64_t last_at;       /* s */
};

/* All zero where the subject never failed. */
DUM_MUST_CHECK enum dum_status failure_get(struct failure *out, struct db *db,
                                           const char *subject,
                                           struct dum_error *err);

/* All below inside db_begin(). */
DUM_MUST_CHECK enum dum_status failure_put(struct db *db, const char *subject,
                                           const struct failure *failure,
                                           struct dum_error *err);
DUM_MUST_CHECK enum dum_status failure_forget(struct db *db,
                                              const char *subject,
                                              struct dum_error *err);

/* Forget all whose last failure lies before an instant. */
DUM_MUST_CHECK enum dum_status failure_sweep(struct db *db, int64_t before,
                                             struct dum_error *err);

#endif
