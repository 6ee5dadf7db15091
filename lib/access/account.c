/* Accounts: made and listed. Changes of them are in account_change.c. */
#include "access/account.h"

#include <stdio.h>
#include <string.h>

#include "access/account_row.h"
#include "access/hash_slot.h"
#include "access/password_policy.h"

_Static_assert(sizeof(((struct user *)0)->username) == ACCOUNT_NAME_MAX &&
                   sizeof(((struct user *)0)->password_hash) ==
                       PASSWORD_PHC_MAX,
               "an account fits its row");

static bool is_name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (!first && c != '\0' && strchr("._@-", c) != NULL);
}

enum dum_status account_name(char out[static ACCOUNT_NAME_MAX],
                             const char *text, struct dum_error *err)
{
	char name[ACCOUNT_NAME_MAX];
	size_t len = strlen(text);
	bool good = len >= 1 && len < sizeof(name);

	for (size_t i = 0; good && i < len; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		good = is_name_char(c, i == 0);
		name[i] = c;
	}
	if (!good)
		return error_field(err, DUM_EINVAL, "username",
		                   "a user name has 1 to %d of a-z 0-9 . _ @ "
		                   "-, and starts with a letter or digit",
		                   ACCOUNT_NAME_MAX - 1);
	memcpy(out, name, len);
	out[len] = '\0';
	return DUM_OK;
}

enum dum_status account_hash(char out[static PASSWORD_PHC_MAX],
                             const struct db *db, const char *username,
                             const char *password, const char *field,
                             struct dum_error *err)
{
	struct slot slot = {.fd = -1};
	enum dum_status status;

	status = password_policy_check(username, password, field, err);
	if (status == DUM_OK && db != NULL)
		status = hash_slot_take(&slot, db_path(db), err);
	if (status == DUM_OK)
		status = password_hash(out, password, err);
	slot_release(&slot);
	return status;
}

void account_from_row(struct account *out, const struct user *user)
{
	*out = (struct account){.id = user->id,
	                        .role = role_find(user->role),
	                        .is_active = user->is_active,
	                        .is_limited = user->is_limited,
	                        .has_totp = user->totp_active};
	snprintf(out->username, sizeof(out->username), "%s", user->username);
	snprintf(out->created_at, sizeof(out->created_at), "%s",
	         user->created_at);
	snprintf(out->updated_at, sizeof(out->updated_at), "%s",
	         user->updated_at);
	snprintf(out->last_login_at, sizeof(out->last_login_at), "%s",
	         user->last_login_at);
}

enum dum_status account_row(struct user *out, struct db *db, int64_t id,
                            struct dum_error *err)
{
	enum dum_status status;
	bool found = false;

	status = user_get(out, &found, db, id, err);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ENOTFOUND, "there is no user %lld",
		                   (long long)id);
	return status;
}

enum dum_status account_add(struct account *out, struct db *db,
                            const struct account_new *new,
                            struct dum_error *err)
{
	struct user user = {.is_active = true,
	                    .is_limited = new->limit.count >= 0},
	            other;
	enum dum_status status;
	bool taken = false;

	if (!password_phc_valid(new->password_hash))
		return error_set(err, DUM_EINVAL,
		                 "the hash of the password is none of ours");
	if (new->role == ROLE_NONE)
		return error_field(err, DUM_EINVAL, "role",
		                   "a role is viewer, editor or admin");
	if (new->role == ROLE_ADMIN &&new->limit.count >= 0)
		return error_field(err, DUM_EINVAL, "locations",
		                   "an admin can not be limited to locations");
	status = user_find(&other, &taken, db, new->username, err);
	if (status == DUM_OK && taken)
		status = error_field(err, DUM_ECONFLICT, "username",
		                     "the user name '%s' is taken",
		                     new->username);
	if (status != DUM_OK)
		return status;
	snprintf(user.username, sizeof(user.username), "%s", new->username);
	snprintf(user.role, sizeof(user.role), "%s", role_name(new->role));
	snprintf(user.password_hash, sizeof(user.password_hash), "%s",
	         new->password_hash);
	status = user_insert(&user, db, &new->limit, err);
	if (status == DUM_OK)
		account_from_row(out, &user);
	return status;
}

enum dum_status account_add_first(struct account *out, struct db *db,
                                  const struct account_new *new,
                                  struct dum_error *err)
{
	struct account_new admin = *new;
	enum dum_status status;
	int64_t n = 0;

	admin.role = ROLE_ADMIN;
	admin.limit = (struct location_limit){.count = -1};
	status = user_count(&n, db, err);
	if (status == DUM_OK && n > 0)
		status = error_set(err, DUM_ECONFLICT,
		                   "there are accounts already");
	return status == DUM_OK ? account_add(out, db, &admin, err) : status;
}

enum dum_status account_get(struct account *out, struct db *db, int64_t id,
                            struct dum_error *err)
{
	struct user user;
	enum dum_status status = account_row(&user, db, id, err);

	if (status == DUM_OK)
		account_from_row(out, &user);
	return status;
}

enum dum_status account_find(struct account *out, struct db *db,
                             const char *username, struct dum_error *err)
{
	enum dum_status status;
	struct user user;
	bool found = false;

	status = user_find(&user, &found, db, username, err);
	if (status == DUM_OK && !found)
		status = error_field(err, DUM_ENOTFOUND, "username",
		                     "there is no user '%.64s'", username);
	if (status == DUM_OK)
		account_from_row(out, &user);
	return status;
}

enum dum_status account_count(int64_t *out, struct db *db,
                              struct dum_error *err)
{
	return user_count(out, db, err);
}

struct each {
	account_fn fn;
	void *arg;
};

static enum dum_status give(void *arg, const struct user *user,
                            struct dum_error *err)
{
	const struct each *each = arg;
	struct account account;

	account_from_row(&account, user);
	return each->fn(each->arg, &account, err);
}

enum dum_status account_each(struct db *db, account_fn fn, void *arg,
                             struct dum_error *err)
{
	struct each each = {.fn = fn, .arg = arg};

	return user_each(db, give, &each, err);
}
