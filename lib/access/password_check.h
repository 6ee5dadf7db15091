#ifndef DUM_ACCESS_PASSWORD_CHECK_H
#define DUM_ACCESS_PASSWORD_CHECK_H
/*
 * password_check - one password against one account, in a hash slot
 * (access/hash_slot.h). For lib/access: whoever calls counted the attempt.
 */
#include <stdbool.h>

#include "crypto/password.h"
#include "store/user.h"

struct password_verdict {
	bool
	    tried; /* false with DUM_EBUSY: no slot came free, nothing hashed */
	bool matches;
	char new_hash[PASSWORD_PHC_MAX]; /* "": the stored one is good */
};

/*
 * user NULL: there is none, and the time is spent all the same. A hash whose
 * parameters are out of date is made anew for an active account.
 */
DUM_MUST_CHECK enum dum_status password_check(struct password_verdict *out,
                                              const struct db *db,
                                              const struct user *user,
                                              const char *password,
                                              struct dum_error *err);

#endif
