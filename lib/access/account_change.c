/* Accounts: changed and removed, and what such a change ends. */
#include <stdio.h>
#include <string.h>

#include "access/account_row.h"
#include "store/journal.h"
#include "store/key_row.h"
#include "store/recovery_code.h"
#include "store/session_row.h"

static bool is_admin(const struct user *user)
{
	return user->is_active && role_find(user->role) == ROLE_ADMIN;
}

/* Called when the change is made, and can still be rolled back. */
static enum dum_status check_admin_left(struct db *db, struct dum_error *err)
{
	enum dum_status status;
	int64_t admins = 0;

	status = user_count_admins(&admins, db, err);
	if (status == DUM_OK && admins == 0)
		status = error_set(err, DUM_ECONFLICT,
		                   "this is the last active admin; make "
		                   "another one first");
	return status;
}

static enum dum_status enter_event(struct db *db, const char *name,
                                   const struct user *user,
                                   struct dum_error *err)
{
	return journal_event(
	    db, &(struct journal_event){.name = name, .object = user->username},
	    err);
}

static void apply(struct user *user, const struct account_change *change)
{
	if (change->role != ROLE_NONE)
		snprintf(user->role, sizeof(user->role), "%s",
		         role_name(change->role));
	if (change->is_active >= 0)
		user->is_active = change->is_active != 0;
	if (change->limit != NULL)
		user->is_limited = change->limit->count >= 0;
	if (change->password_hash != NULL)
		snprintf(user->password_hash, sizeof(user->password_hash), "%s",
		         change->password_hash);
	if (change->remove_totp) {
		user->totp_seed_len = 0;
		user->totp_active = false;
		user->totp_last_step = 0;
	}
}

/* Whoever holds a session of the old rights must not go on with them. */
static bool ends_sessions(const struct user *before, const struct user *after,
                          const struct account_change *change)
{
	return change->password_hash != NULL || change->limit != NULL ||
	       change->remove_totp || before->is_active != after->is_active ||
	       strcmp(before->role, after->role) != 0;
}

static enum dum_status follow_up(struct db *db, const struct user *before,
                                 const struct user *after,
                                 const struct account_change *change,
                                 int64_t keep_session, struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	if (ends_sessions(before, after, change))
		status = session_row_delete_others(db, after->id, keep_session,
		                                   err);
	if (status == DUM_OK && is_admin(before) && !is_admin(after))
		status = check_admin_left(db, err);
	if (status == DUM_OK && ((before->is_active && !after->is_active) ||
	                         (is_admin(before) && !is_admin(after))))
		status = key_row_revoke_of(db, after->id, err);
	if (status == DUM_OK && change->remove_totp)
		status = recovery_code_clear(db, after->id, err);
	if (status == DUM_OK && change->remove_totp && before->totp_active)
		status = enter_event(db, "totp_removed", after, err);
	if (status == DUM_OK && change->password_hash != NULL)
		status = enter_event(db, "password_changed", after, err);
	return status;
}

enum dum_status account_update(struct account *out, struct db *db, int64_t id,
                               const struct account_change *change,
                               int64_t keep_session, struct dum_error *err)
{
	struct user before, after;
	enum dum_status status;

	status = account_row(&before, db, id, err);
	if (status != DUM_OK)
		return status;
	after = before;
	apply(&after, change);
	if (role_find(after.role) == ROLE_ADMIN && after.is_limited)
		return error_field(err, DUM_EINVAL, "locations",
		                   "an admin can not be limited to locations");
	status = user_update(db, &before, &after, change->limit, err);
	if (status == DUM_OK)
		status = follow_up(db, &before, &after, change, keep_session,
		                   err);
	if (status == DUM_OK)
		account_from_row(out, &after);
	return status;
}

enum dum_status account_delete(struct db *db, int64_t id, struct dum_error *err)
{
	enum dum_status status;
	struct user user;

	status = account_row(&user, db, id, err);
	if (status == DUM_OK)
		status = key_row_revoke_of(db, id, err);
	if (status == DUM_OK)
		status = user_delete(db, &user, err);
	if (status == DUM_OK && is_admin(&user))
		status = check_admin_left(db, err);
	return status;
}
