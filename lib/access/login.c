/*
 * Each path of a log-in that fails after the attempt was counted hashes once
 * and changes the database twice, whether there is such a user or not.
 */
#include "access/login.h"

#include <stdio.h>
#include <string.h>

#include "access/account_row.h"
#include "access/attempt.h"
#include "access/hash_slot.h"
#include "access/second_factor.h"
#include "base/json_writer.h"
#include "store/journal.h"

/* In place of a name that nobody can have. */
#define NO_NAME "?"

/* What the password's check found. */
struct verdict {
	bool matches;
	char new_hash[PASSWORD_PHC_MAX]; /* "": the stored one is good */
};

static enum dum_status wrong(struct dum_error *err)
{
	return error_set(err, DUM_EAUTH,
	                 "user name, password or code is wrong");
}

/* user NULL: there is none, and the time is spent all the same. */
static enum dum_status hash_password(struct verdict *out,
                                     const struct user *user,
                                     const char *password,
                                     struct dum_error *err)
{
	struct verdict verdict = {.new_hash = ""};
	enum dum_status status;
	bool outdated = false;

	status = user != NULL
	             ? password_verify(&verdict.matches, &outdated,
	                               user->password_hash, password, err)
	             : password_verify_nobody(password, err);
	if (status == DUM_OK && verdict.matches && outdated && user->is_active)
		status = password_hash(verdict.new_hash, password, err);
	if (status == DUM_OK)
		*out = verdict;
	return status;
}

/* *tried false with DUM_EBUSY: no slot came free, nothing was hashed. */
static enum dum_status check_password(struct verdict *out, bool *tried,
                                      const struct db *db,
                                      const struct user *user,
                                      const char *password,
                                      struct dum_error *err)
{
	struct hash_slot slot = {.fd = -1};
	enum dum_status status;

	*tried = false;
	status = hash_slot_take(&slot, db_path(db), err);
	if (status != DUM_OK)
		return status;
	*tried = true;
	status = hash_password(out, user, password, err);
	hash_slot_release(&slot);
	return status;
}

static enum dum_status enter_failure(struct db *db, const char *name,
                                     const char *reason, struct dum_error *err)
{
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "reason", reason);
	jsonw_object_end(&w);
	if (!strbuf_ok(&detail))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_event(
		    db,
		    &(struct journal_event){.name = "login_failed",
		                            .object = name,
		                            .detail = detail.buf},
		    err);
	strbuf_release(&detail);
	return status;
}

/* Enter the failure; the status is that of the failure then. */
static enum dum_status refuse(struct db *db, const struct origin *who,
                              const char *name, const char *reason,
                              struct dum_error *err)
{
	enum dum_status status = db_begin(db, who, err);

	if (status == DUM_OK)
		status = enter_failure(db, name, reason, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status == DUM_OK ? wrong(err) : status;
}

/* Inside the change: what a log-in that is let in leaves behind. */
static enum dum_status let_in(struct login_result *out, struct db *db,
                              const struct user *user,
                              const struct verdict *verdict,
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

/* The code, where the account has a second factor; *right true where not. */
static enum dum_status check_code(bool *right, struct db *db,
                                  const struct user *user, const char *code,
                                  struct dum_error *err)
{
	*right = true;
	if (!user->totp_active)
		return DUM_OK;
	return second_factor_use(right, db, user->id, code, err);
}

/*
 * The password is right. What was read before it was hashed may have changed
 * since, so the change looks again.
 */
static enum dum_status enter(struct login_result *out, struct db *db,
                             const struct user *seen,
                             const struct verdict *verdict,
                             const struct login *login,
                             const struct origin *who, struct dum_error *err)
{
	char actor[sizeof("user:") + ACCOUNT_NAME_MAX];
	struct origin user_origin = *who;
	enum dum_status status;
	bool right = false;
	struct user user;

	snprintf(actor, sizeof(actor), "user:%s", seen->username);
	user_origin.actor = actor;
	status = db_begin(db, &user_origin, err);
	if (status == DUM_OK)
		status = account_row(&user, db, seen->id, err);
	if (status == DUM_OK &&
	    (!user.is_active ||
	     strcmp(user.password_hash, seen->password_hash) != 0))
		status = wrong(err);
	if (status == DUM_OK)
		status = check_code(&right, db, &user, login->code, err);
	if (status == DUM_OK && right) {
		/* A used code counts as used from here on. */
		status = account_row(&user, db, seen->id, err);
		if (status == DUM_OK)
			status = let_in(out, db, &user, verdict, login, err);
	} else if (status == DUM_OK) {
		status = enter_failure(db, user.username, "code", err);
		if (status == DUM_OK)
			status = db_commit(db, err);
		if (status == DUM_OK)
			status = wrong(err);
	}
	db_rollback(db);
	return status;
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
	struct verdict verdict = {.matches = false};
	struct user user = {0};
	enum dum_status status;
	bool found = false, tried = false;

	*out = (struct login_result){.retry_after_s = 0};
	status = look_up(name, &user, &found, db, login->username, err);
	if (status == DUM_OK)
		status = attempt_reserve(&out->retry_after_s, db, who, name,
		                         login->address, err);
	if (status != DUM_OK)
		return status;
	status = check_password(&verdict, &tried, db, found ? &user : NULL,
	                        login->password, err);
	if (status == DUM_EBUSY && !tried) {
		out->retry_after_s = 1;
		(void)!attempt_take_back(db, who, name, login->address, NULL);
	}
	if (status != DUM_OK)
		return status;
	if (!verdict.matches || !user.is_active)
		return refuse(db, who, name,
		              !found             ? "user"
		              : !verdict.matches ? "password"
		                                 : "disabled",
		              err);
	if (user.totp_active && login->code == NULL) {
		out->code_needed = true;
		status = attempt_take_back(db, who, name, login->address, err);
		return status == DUM_OK ? wrong(err) : status;
	}
	return enter(out, db, &user, &verdict, login, who, err);
}

static enum dum_status confirmed(struct db *db, const struct user *user,
                                 const struct origin *who,
                                 struct dum_error *err)
{
	enum dum_status status = db_begin(db, who, err);

	if (status == DUM_OK)
		status = attempt_clear(db, user->username, who->address, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

enum dum_status login_confirm(int64_t *retry_after_s, struct db *db,
                              int64_t user_id, const char *password,
                              const char *field, const struct origin *who,
                              struct dum_error *err)
{
	struct verdict verdict = {.matches = false};
	enum dum_status status;
	struct user user;
	bool tried = false;

	*retry_after_s = 0;
	status = account_row(&user, db, user_id, err);
	if (status == DUM_OK)
		status = attempt_reserve(retry_after_s, db, who, user.username,
		                         who->address, err);
	if (status != DUM_OK)
		return status;
	status = check_password(&verdict, &tried, db, &user, password, err);
	if (status == DUM_EBUSY && !tried) {
		*retry_after_s = 1;
		(void)!attempt_take_back(db, who, user.username, who->address,
		                         NULL);
	}
	if (status != DUM_OK)
		return status;
	if (verdict.matches)
		return confirmed(db, &user, who, err);
	status = refuse(db, who, user.username, "confirm", NULL);
	if (status != DUM_EAUTH)
		return error_set(err, status,
		                 "the failed attempt could not be entered into "
		                 "the journal");
	return error_field(err, DUM_EAUTH, field, "this is not your password");
}
