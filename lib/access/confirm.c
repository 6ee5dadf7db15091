#include "access/confirm.h"

#include <string.h>

#include "access/account_row.h"
#include "access/attempt.h"
#include "access/password_check.h"
#include "access/second_factor.h"

/* Enter the failure; the status is that of the failure then. */
static enum dum_status refuse(struct db *db, const struct origin *who,
                              const struct user *user,
                              enum attempt_reason reason, const char *field,
                              struct dum_error *err)
{
	enum dum_status status = attempt_failed(db, who, user->username, reason,
	                                        err);

	if (status != DUM_OK)
		return status;
	return error_field(err, DUM_EAUTH, field,
	                   reason == ATTEMPT_CONFIRM
	                       ? "this is not your password"
	                       : "that code is not right, or was used");
}

/* Counts the attempt; with DUM_OK the password is right. */
static enum dum_status check(int64_t *retry_after_s, struct db *db,
                             const struct origin *who, const struct user *user,
                             const char *password, const char *field,
                             struct dum_error *err)
{
	struct password_verdict verdict;
	enum dum_status status;

	status = attempt_reserve(retry_after_s, db, who, user->username, NULL,
	                         err);
	if (status != DUM_OK)
		return status;
	status = password_check(&verdict, db, user, password, err);
	if (status == DUM_EBUSY && !verdict.tried)
		attempt_not_tried(db, who, user->username, NULL);
	if (status != DUM_OK || verdict.matches)
		return status;
	return refuse(db, who, user, ATTEMPT_CONFIRM, field, err);
}

enum dum_status confirm_password(int64_t *retry_after_s, struct db *db,
                                 const struct origin *who, int64_t user_id,
                                 const char *password, const char *field,
                                 struct dum_error *err)
{
	enum dum_status status;
	struct user user;

	*retry_after_s = 0;
	status = account_row(&user, db, user_id, err);
	if (status == DUM_OK)
		status = check(retry_after_s, db, who, &user, password, field,
		               err);
	if (status == DUM_OK)
		status = db_begin(db, who, err);
	if (status == DUM_OK)
		status = attempt_clear(db, user.username, NULL, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

/* One change: the code counts as used when the factor is gone. */
static enum dum_status remove_factor(enum code_verdict *code, struct db *db,
                                     const struct origin *who,
                                     const struct user *user,
                                     const struct factor_removal *removal,
                                     struct dum_error *err)
{
	struct account_change change = {.is_active = -1, .remove_totp = true};
	struct account account;
	enum dum_status status;
	struct user now;

	status = db_begin(db, who, err);
	if (status == DUM_OK)
		status = account_row(&now, db, user->id, err);
	/* It took its time to look at the password. */
	if (status == DUM_OK &&
	    strcmp(now.password_hash, user->password_hash) != 0)
		status = error_field(err, DUM_EAUTH, "password",
		                     "the password was changed just now");
	if (status == DUM_OK)
		status = second_factor_use(code, db, user->id, removal->code,
		                           err);
	if (status == DUM_OK && *code == CODE_RIGHT) {
		status = attempt_clear(db, user->username, NULL, err);
		if (status == DUM_OK)
			status = account_update(&account, db, user->id, &change,
			                        removal->keep_session, err);
		if (status == DUM_OK)
			status = db_commit(db, err);
	}
	db_rollback(db);
	return status;
}

enum dum_status confirm_factor_removal(int64_t *retry_after_s, struct db *db,
                                       const struct origin *who,
                                       const struct factor_removal *removal,
                                       struct dum_error *err)
{
	enum code_verdict code = CODE_WRONG;
	enum dum_status status;
	struct user user;

	*retry_after_s = 0;
	status = account_row(&user, db, removal->user_id, err);
	if (status == DUM_OK && !user.totp_active)
		status = error_set(err, DUM_ECONFLICT,
		                   "there is no second factor to be removed");
	if (status == DUM_OK)
		status = check(retry_after_s, db, who, &user, removal->password,
		               "password", err);
	if (status == DUM_OK)
		status = remove_factor(&code, db, who, &user, removal, err);
	if (status != DUM_OK || code == CODE_RIGHT)
		return status;
	return refuse(db, who, &user,
	              code == CODE_USED ? ATTEMPT_USED_CODE : ATTEMPT_CODE,
	              "code", err);
}
