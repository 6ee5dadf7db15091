#ifndef DUM_ACCESS_ATTEMPT_H
#define DUM_ACCESS_ATTEMPT_H
/*
 * attempt - failed log-ins, counted in the database that all workers share, by
 * account name and by network (an IPv4 address, an IPv6 /64).
 *
 * From the ATTEMPT_FREEth failure on each blocks its subject for 2, 4, 8 ...
 * seconds, at most ATTEMPT_DELAY_MAX_S: so many guesses run at once and no
 * more. Never for ever, or anybody could lock anybody out. A network, behind
 * which there may be many people, is blocked for ATTEMPT_NET_DELAY_MAX_S at
 * most. One failure is forgotten after each ATTEMPT_FORGET_S without another,
 * so that what adds up are guesses, and not the typing errors of days.
 */
#include "store/db.h"

enum {
	ATTEMPT_FREE = 5,
	ATTEMPT_DELAY_MAX_S = 900,
	ATTEMPT_NET_DELAY_MAX_S = 60,
	ATTEMPT_FORGET_S = 600
};

/*
 * Count an attempt as failed before it is tried, in a transaction of its own.
 * DUM_EBUSY with *retry_after_s > 0: blocked, nothing was counted. username as
 * account_name() gives it; address NULL: there is none.
 */
DUM_MUST_CHECK enum dum_status attempt_reserve(
    int64_t *retry_after_s, struct db *db, const struct origin *who,
    const char *username, const char *address, struct dum_error *err);

/*
 * It was not tried after all, or is no failure: take the count and the block
 * back, inside db_begin().
 */
DUM_MUST_CHECK enum dum_status attempt_take_back(struct db *db,
                                                 const char *username,
                                                 const char *address,
                                                 struct dum_error *err);

/* The same in a transaction of its own, for what could not even be tried. */
void attempt_not_tried(struct db *db, const struct origin *who,
                       const char *username, const char *address);

/*
 * It succeeded, inside db_begin(): forget the failures of the account, and as
 * many of the network. What the network failed on other accounts stays, or
 * somebody with an account of his own could guess at others without end.
 */
DUM_MUST_CHECK enum dum_status attempt_clear(struct db *db,
                                             const char *username,
                                             const char *address,
                                             struct dum_error *err);

enum attempt_reason {
	ATTEMPT_NO_USER,
	ATTEMPT_PASSWORD,
	ATTEMPT_DISABLED,
	ATTEMPT_CONFIRM, /* the password once more, by who is logged in */
	ATTEMPT_CODE,
	ATTEMPT_USED_CODE /* one that was right before */
};

/*
 * Enter why it failed into the journal, in a transaction of its own: the event
 * "login_failed", and "totp_used_twice" before it for a used code.
 */
DUM_MUST_CHECK enum dum_status attempt_failed(struct db *db,
                                              const struct origin *who,
                                              const char *username,
                                              enum attempt_reason reason,
                                              struct dum_error *err);

#endif
