#ifndef DUM_ACCESS_ATTEMPT_H
#define DUM_ACCESS_ATTEMPT_H
/*
 * attempt - failed log-ins, counted in the database that all workers share, by
 * account name and by network (an IPv4 address, an IPv6 /64).
 *
 * From the ATTEMPT_FREEth failure on each blocks its subject for 2, 4, 8 ...
 * seconds, at most ATTEMPT_DELAY_MAX_S: so many guesses run at once and no
 * more. Never for ever, or anybody could lock anybody out. A day without a
 * failure forgets them all.
 */
#include "store/db.h"

enum { ATTEMPT_FREE = 5, ATTEMPT_DELAY_MAX_S = 900 };

/*
 * Count an attempt as failed before it is tried, in a transaction of its own.
 * DUM_EBUSY with *retry_after_s > 0: blocked, nothing was counted. username as
 * account_name() gives it; address NULL: there is none.
 */
DUM_MUST_CHECK enum dum_status attempt_reserve(
    int64_t *retry_after_s, struct db *db, const struct origin *who,
    const char *username, const char *address, struct dum_error *err);

/* It was not tried after all: take the count back, in a transaction of its
 * own. */
DUM_MUST_CHECK enum dum_status attempt_take_back(struct db *db,
                                                 const struct origin *who,
                                                 const char *username,
                                                 const char *address,
                                                 struct dum_error *err);

/* It succeeded: forget the failures of both, inside db_begin(). */
DUM_MUST_CHECK enum dum_status attempt_clear(struct db *db,
                                             const char *username,
                                             const char *address,
                                             struct dum_error *err);

#endif
