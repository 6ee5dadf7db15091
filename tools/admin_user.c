/* dum-admin user: accounts, for the day that nobody can log in, too. */
#include <stdlib.h>
#include <string.h>

#include "access/account.h"
#include "access/password_policy.h"
#include "access/session.h"
#include "admin_command.h"
#include "admin_limit.h"
#include "admin_user.h"
#include "secret_prompt.h"

static enum dum_status read_role(enum role *out, const char *name,
                                 struct dum_error *err)
{
	enum role role = role_find(name);

	if (role == ROLE_NONE)
		return error_set(err, DUM_EINVAL,
		                 "'%.40s' is no role: viewer, editor or admin",
		                 name);
	*out = role;
	return DUM_OK;
}

/* Ask for the password of an account and hash it. */
static enum dum_status new_hash(char out[static PASSWORD_PHC_MAX],
                                const char *username, struct dum_error *err)
{
	char password[PASSWORD_CHARS_MAX * 4 + 1];
	char prompt[ACCOUNT_NAME_MAX + 32];
	enum dum_status status;

	snprintf(prompt, sizeof(prompt), "New password of %s", username);
	status = secret_prompt(
	    password, sizeof(password),
	    &(struct secret_question){.what = "password",
	                              .limit = "128 characters",
	                              .prompt = prompt,
	                              .twice = true},
	    err);
	if (status == DUM_OK)
		status = account_hash(out, NULL, username, password, "password",
		                      err);
	explicit_bzero(password, sizeof(password));
	return status;
}

/* Nobody should type a password twice to hear that the name is taken. */
static enum dum_status check_free(struct db *db, const char *username,
                                  struct dum_error *err)
{
	struct dum_error inner = {0};
	struct account account;
	enum dum_status status;

	status = account_find(&account, db, username, &inner);
	if (status == DUM_ENOTFOUND)
		return DUM_OK;
	if (status == DUM_OK)
		return error_set(err, DUM_ECONFLICT,
		                 "there is an account %s already", username);
	return error_set(err, status, "%s", inner.text);
}

/* What can be known before the password is asked for. */
static enum dum_status prepare_add(char username[static ACCOUNT_NAME_MAX],
                                   struct account_new *new,
                                   struct admin_limit *limit,
                                   struct admin *admin, struct dum_error *err)
{
	enum dum_status status;

	status = read_role(&new->role, admin_value(admin, OPTION_ROLE), err);
	if (status == DUM_OK)
		status = account_name(username, admin->argv[0], err);
	if (status == DUM_OK)
		status = db_open(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = admin_limit_read(limit, admin, err);
	if (status == DUM_OK && new->role == ROLE_ADMIN &&
	    limit->limit.count >= 0)
		status = error_set(err, DUM_EINVAL,
		                   "an admin sees all locations: leave "
		                   "--location out, or choose another role");
	if (status == DUM_OK)
		status = check_free(admin->db, username, err);
	new->username = username;
	new->limit = limit->limit;
	return status;
}

enum dum_status admin_user_add(struct admin *admin, int *exit_out,
                               struct dum_error *err)
{
	char username[ACCOUNT_NAME_MAX], hash[PASSWORD_PHC_MAX];
	struct account_new new = {.password_hash = hash};
	struct admin_limit limit = {.ids = NULL};
	struct account account;
	enum dum_status status;

	(void)exit_out;
	status = prepare_add(username, &new, &limit, admin, err);
	if (status == DUM_OK)
		status = new_hash(hash, username, err);
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = account_add(&account, admin->db, &new, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		status = admin_user_print(admin, &account, err);
	explicit_bzero(hash, sizeof(hash));
	free(limit.ids);
	return status;
}

/* The account that the first word names; the database is open after. */
static enum dum_status find(struct account *out, struct admin *admin,
                            struct dum_error *err)
{
	char username[ACCOUNT_NAME_MAX];
	struct dum_error inner = {0};
	enum dum_status status;

	status = account_name(username, admin->argv[0], err);
	if (status == DUM_OK && admin->db == NULL)
		status = db_open(&admin->db, &admin->config, err);
	if (status != DUM_OK)
		return status;
	status = account_find(out, admin->db, username, &inner);
	if (status == DUM_ENOTFOUND)
		return error_set(err, status, "there is no account %s",
		                 username);
	if (status != DUM_OK)
		return error_set(err, status, "%s", inner.text);
	return DUM_OK;
}

/* Whoever holds the lost phone may hold a session too: that ends as well. */
static enum dum_status update(struct admin *admin, struct account *account,
                              const struct account_change *change,
                              struct dum_error *err)
{
	struct account after;
	enum dum_status status;

	status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = account_update(&after, admin->db, account->id, change,
		                        0, err);
	if (status == DUM_OK && change->remove_totp)
		status = session_end_others(admin->db, account->id, 0, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status == DUM_OK)
		status = admin_user_print(admin, &after, err);
	return status;
}

enum dum_status admin_user_role(struct admin *admin, int *exit_out,
                                struct dum_error *err)
{
	bool all = admin_value(admin, OPTION_ALL_LOCATIONS) != NULL;
	struct account_change change = {.is_active = -1};
	struct admin_limit limit = {.ids = NULL};
	struct account account;
	enum dum_status status;

	(void)exit_out;
	status = read_role(&change.role, admin->argv[1], err);
	if (status == DUM_OK)
		status = find(&account, admin, err);
	if (status == DUM_OK)
		status = admin_limit_read(&limit, admin, err);
	if (status == DUM_OK && all && limit.limit.count >= 0)
		status = error_set(err, DUM_EINVAL,
		                   "--location and --all-locations do not go "
		                   "together");
	/* An admin sees all, whatever held before. */
	if (all || limit.limit.count >= 0 || change.role == ROLE_ADMIN)
		change.limit = &limit.limit;
	if (status == DUM_OK)
		status = update(admin, &account, &change, err);
	free(limit.ids);
	return status;
}

static enum dum_status set_active(struct admin *admin, int is_active,
                                  struct dum_error *err)
{
	struct account_change change = {.is_active = is_active};
	struct account account;
	enum dum_status status = find(&account, admin, err);

	if (status == DUM_OK)
		status = update(admin, &account, &change, err);
	return status;
}

enum dum_status admin_user_disable(struct admin *admin, int *exit_out,
                                   struct dum_error *err)
{
	(void)exit_out;
	return set_active(admin, 0, err);
}

enum dum_status admin_user_enable(struct admin *admin, int *exit_out,
                                  struct dum_error *err)
{
	(void)exit_out;
	return set_active(admin, 1, err);
}

enum dum_status admin_user_passwd(struct admin *admin, int *exit_out,
                                  struct dum_error *err)
{
	struct account_change change = {.is_active = -1};
	char hash[PASSWORD_PHC_MAX];
	struct account account;
	enum dum_status status;

	(void)exit_out;
	status = find(&account, admin, err);
	if (status == DUM_OK)
		status = new_hash(hash, account.username, err);
	change.password_hash = hash;
	if (status == DUM_OK)
		status = update(admin, &account, &change, err);
	explicit_bzero(hash, sizeof(hash));
	return status;
}

enum dum_status admin_user_totp_reset(struct admin *admin, int *exit_out,
                                      struct dum_error *err)
{
	struct account_change change = {.is_active = -1, .remove_totp = true};
	struct account account;
	enum dum_status status;

	(void)exit_out;
	status = find(&account, admin, err);
	if (status == DUM_OK)
		status = update(admin, &account, &change, err);
	return status;
}

enum dum_status admin_user_delete(struct admin *admin, int *exit_out,
                                  struct dum_error *err)
{
	struct account account;
	enum dum_status status;

	(void)exit_out;
	status = find(&account, admin, err);
	if (status == DUM_OK)
		status = db_begin(admin->db, &admin->who, err);
	if (status == DUM_OK)
		status = account_delete(admin->db, account.id, err);
	if (status == DUM_OK)
		status = db_commit(admin->db, err);
	if (status != DUM_OK)
		return status;
	if (admin->json)
		printf("{\"deleted\":%lld}\n", (long long)account.id);
	else
		printf("%s is gone; its sessions ended, its keys are revoked\n",
		       account.username);
	return DUM_OK;
}
