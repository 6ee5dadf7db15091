/*
 * Each path of a log-in that fails after the attempt was counted hashes once
 * and changes the database twice, whether there is such a user or not.
 */
#include "access/login.h"

#include <stdio.h>
#include <string.h>

#include "access/account_row.h"
#include "access/attempt.h"
#include "access/password_check.h"
#include "access/second_factor.h"
#include "store/failure.h"
#include "store/journal.h"

/* "code_asked" is entered at most so often for an account. */
enum { CODE_ASKED_EVERY_S = 600 };

/* In place of a name that nobody can have. */
#define NO_NAME "?"

static enum dum_status wrong(struct dum_error *err)
{
	return error_set(err, DUM_EAUTH,
	                 "user name, password or code is wrong");
}

/* Enter the failure; the status is that of the failure then. */
static enum dum_status refuse(struct db *db, const struct origin *who,
                              const char *name, enum attempt_reason reason,
                              struct dum_error *err)
{
	enum dum_status status = attempt_failed(db, who, name, reason, err);

	return status == DUM_OK ? wrong(err) : status;
}

/* Inside the change: what a log-in that is let in leaves behind. */
static enum dum_status let_in(struct login_result *out, struct db *db,
                              const struct user *user,
                              const struct password_verdict *verdict,
                              const struct login *login, struct dum_error *err)
{
	struct user after = *user;
	enum dum_status status;

	snprintf(after.last_login_at, sizeof(after.last_login_at), "%s",
	         db_change_at(db));
	if (verdict->new_hash[0] != '\0')
		memcpy(after.password_hash, verdict->new_hash,
		       sizeof(verdict->new_hash));
	status = user_update(db, user, &after, NULL, err);
	if (status == DUM_OK)
		status = attempt_clear(db, user->username, login->address, err);
	if (status == DUM_OK)
		status = session_start(&out->session, db, user->id,
		                       login->address, login->agent, err);
	if (status == DUM_OK)
		status = journal_event(
		    db,
		    &(struct journal_event){.name = "login",
		                            .object = user->username},
		    err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	if (status == DUM_OK)
		account_from_row(&out->account, &after);
	return status;
}

/* The code, where the account has a second factor. */
static enum dum_status check_code(enum code_verdict *out, struct db *db,
                                  const struct user *user, const char *code,
                                  struct dum_error *err)
{
	*out = CODE_RIGHT;
	if (!user->totp_active)
		return DUM_OK;
	return second_factor_use(out, db, user->id, code, err);
}

/*
 * Somebody knows the password: the owner of the account should be able to find
 * out, if it was not he. Once in a while, since each log-in of his comes by.
 */
static enum dum_status enter_code_asked(struct db *db, const char *username,
                                        struct dum_error *err)
{
	struct journal_event event = {.name = "code_asked", .object = username};
	char subject[FAILURE_SUBJECT_MAX];
	struct failure last = {0};
	int64_t now = db_now(db);
	enum dum_status status;

	snprintf(subject, sizeof(subject), "code:%s", username);
	status = failure_get(&last, db, subject, err);
	if (status != DUM_OK ||
	    (now >= last.last_at && now - last.last_at < CODE_ASKED_EVERY_S))
		return status;
	last.failures++;
	last.last_at = now;
	status = failure_put(db, subject, &last, err);
	return status == DUM_OK ? journal_event(db, &event, err) : status;
}

/* No failure: what is missing is asked for now. */
static enum dum_status ask_for_code(struct login_result *out, struct db *db,
                                    const struct user *user,
                                    const struct login *login,
                                    struct dum_error *err)
{
	enum dum_status status;

	out->code_needed = true;
	status = attempt_take_back(db, user->username, login->address, err);
	if (status == DUM_OK)
		status = enter_code_asked(db, user->username, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	return status == DUM_OK ? wrong(err) : status;
}

/*
 * Inside the change. What was read before the password was hashed may have
 * changed since, so all is looked at again. *code other than CODE_RIGHT:
 * nothing was done.
 */
static enum dum_status enter(struct login_result *out, enum code_verdict *code,
                             struct db *db, const struct user *seen,
                             const struct password_verdict *verdict,
                             const struct login *login, struct dum_error *err)
{
	enum dum_status status;
	struct user user;

	status = account_row(&user, db, seen->id, err);
	if (status == DUM_OK &&
	    (!user.is_active ||
	     strcmp(user.password_hash, seen->password_hash) != 0))
		status = wrong(err);
	if (status != DUM_OK)
		return status;
	if (user.totp_active && login->code == NULL)
		return ask_for_code(out, db, &user, login, err);
	status = check_code(code, db, &user, login->code, err);
	if (status != DUM_OK || *code != CODE_RIGHT)
		return status;
	/* A used code counts as used from here on. */
	status = account_row(&user, db, seen->id, err);
	if (status == DUM_OK)
		status = let_in(out, db, &user, verdict, login, err);
	return status;
}

/* The password is right. */
static enum dum_status enter_as(struct login_result *out, struct db *db,
                                const struct user *seen,
                                const struct password_verdict *verdict,
                                const struct login *login,
                                const struct origin *who, struct dum_error *err)
{
	char actor[sizeof("user:") + ACCOUNT_NAME_MAX];
	enum code_verdict code = CODE_RIGHT;
	struct origin user_origin = *who;
	enum dum_status status;

	snprintf(actor, sizeof(actor), "user:%s", seen->username);
	user_origin.actor = actor;
	status = db_begin(db, &user_origin, err);
	if (status == DUM_OK)
		status = enter(out, &code, db, seen, verdict, login, err);
	db_rollback(db);
	if (status != DUM_OK || code == CODE_RIGHT)
		return status;
	/* Whoever knows the password alone is not that user yet. */
	return refuse(db, who, seen->username,
	              code == CODE_USED ? ATTEMPT_USED_CODE : ATTEMPT_CODE,
	              err);
}

/* The name as it is stored and counted, and its row where there is one. */
static enum dum_status look_up(char name[static ACCOUNT_NAME_MAX],
                               struct user *user, bool *found, struct db *db,
                               const char *typed, struct dum_error *err)
{
	if (account_name(name, typed, NULL) != DUM_OK)
		snprintf(name, ACCOUNT_NAME_MAX, "%s", NO_NAME);
	return user_find(user, found, db, name, err);
}

enum dum_status login(struct login_result *out, struct db *db,
                      const struct login *login, const struct origin *who,
                      struct dum_error *err)
{
	char name[ACCOUNT_NAME_MAX];
	struct password_verdict verdict;
	struct user user = {0};
	enum dum_status status;
	bool found = false;

	*out = (struct login_result){.retry_after_s = 0};
	status = look_up(name, &user, &found, db, login->username, err);
	if (status == DUM_OK)
		status = attempt_reserve(&out->retry_after_s, db, who, name,
		                         login->address, err);
	if (status != DUM_OK)
		return status;
	status = password_check(&verdict, db, found ? &user : NULL,
	                        login->password, err);
	if (status == DUM_EBUSY && !verdict.tried)
		attempt_not_tried(db, who, name, login->address);
	if (status != DUM_OK)
		return status;
	if (!verdict.matches || !user.is_active)
		return refuse(db, who, name,
		              !found             ? ATTEMPT_NO_USER
		              : !verdict.matches ? ATTEMPT_PASSWORD
		                                 : ATTEMPT_DISABLED,
		              err);
	return enter_as(out, db, &user, &verdict, login, who, err);
}
