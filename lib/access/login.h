#ifndef DUM_ACCESS_LOGIN_H
#define DUM_ACCESS_LOGIN_H
/*
 * login - from a name and a password to a session.
 *
 * The attempt is counted against the account and the network before anything
 * is hashed (access/attempt.h), so parallel guesses can not race past the
 * limit; a name that nobody has takes the same time and gets the same answer.
 * Runs its own transactions. Journals "login", "login_failed" and, where the
 * password was right and the code is missing, "code_asked".
 */
#include "access/account.h"
#include "access/session.h"

struct login {
	const char *username; /* as typed */
	const char *password;
	const char *code; /* of an app, or a recovery code; NULL: none given */
	const char *address;
	const char *agent; /* User-Agent; cut to what is stored */
};

struct login_result {
	struct account account;
	struct session_new session;
	bool code_needed; /* with DUM_EAUTH: password right, code missing */
	int64_t retry_after_s; /* with DUM_EBUSY: too many failures */
};

/*
 * DUM_EAUTH: name, password or code is wrong, or the account is disabled; the
 * text does not say which. DUM_EBUSY with retry_after_s > 0: too many failures;
 * with 0: too many log-ins at this moment, and it was not tried. *out is filled
 * as far as the comments of struct login_result say, also on these two.
 */
DUM_MUST_CHECK enum dum_status login(struct login_result *out, struct db *db,
                                     const struct login *login,
                                     const struct origin *who,
                                     struct dum_error *err);

#endif
