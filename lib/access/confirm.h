#ifndef DUM_ACCESS_CONFIRM_H
#define DUM_ACCESS_CONFIRM_H
/*
 * confirm - one's own password once more, for changes that must not be in the
 * hands of whoever finds an open page. Counted, delayed and journalled as
 * log-ins are (access/attempt.h), but against the account alone: who is in
 * already is not kept up by what others of his network get wrong. Runs its own
 * transactions.
 */
#include "access/account.h"

/*
 * Is it the password of this user? DUM_EAUTH with field: no. DUM_EBUSY with
 * *retry_after_s > 0: too many failures; with 0: too many ask at this moment.
 */
DUM_MUST_CHECK enum dum_status confirm_password(
    int64_t *retry_after_s, struct db *db, const struct origin *who,
    int64_t user_id, const char *password, const char *field,
    struct dum_error *err);

struct factor_removal {
	int64_t user_id;
	int64_t keep_session;
	const char *password;
	const char *code; /* of the app, or a recovery code */
};

/*
 * Take the second factor away. The code is used up by the removal alone, so a
 * mistyped password does not cost one. Errors as above, with the fields
 * "password" and "code"; DUM_ECONFLICT: there is no second factor.
 */
DUM_MUST_CHECK enum dum_status confirm_factor_removal(
    int64_t *retry_after_s, struct db *db, const struct origin *who,
    const struct factor_removal *removal, struct dum_error *err);

#endif
