/* /api/users: the accounts, as administrators see and change them. */
#include "res/resources.h"

#include <stdio.h>

#include "res/parts.h"

/* In the order of enum role, from ROLE_VIEWER on. */
static const char *const roles[] = {"viewer", "editor", "admin", NULL};

static enum role role_at(const struct member_value *value)
{
	return value->given ? role_find(roles[value->number]) : ROLE_NONE;
}

static enum dum_status write_user(struct json_writer *w, struct app *app,
                                  const struct account *account,
                                  struct dum_error *err)
{
	enum dum_status status;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", account->id);
	jsonw_member_string(w, "username", account->username);
	jsonw_member_string(w, "role", role_name(account->role));
	jsonw_member_bool(w, "is_active", account->is_active);
	jsonw_member_bool(w, "totp", account->has_totp);
	status = parts_write_locations(w, app, "user", account->id,
	                               account->is_limited, err);
	jsonw_member_string(w, "created_at", account->created_at);
	parts_write_text(w, "last_login_at", account->last_login_at);
	jsonw_object_end(w);
	return status;
}

struct list {
	struct json_writer w;
	struct app *app;
	struct response *res;
};

static enum dum_status add_user(void *arg, const struct account *account,
                                struct dum_error *err)
{
	struct list *list = arg;
	enum dum_status status;

	status = write_user(&list->w, list->app, account, err);
	return status == DUM_OK ? response_flush_row(list->res, err) : status;
}

enum dum_status users_get(struct app *app, struct request *req,
                          struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .app = app, .res = res};
	enum dum_status status;

	(void)req;
	jsonw_array_begin(&list.w);
	status = account_each(app->db, add_user, &list, err);
	jsonw_array_end(&list.w);
	return status;
}

/* The members of POST and PATCH, by their place in the tables. */
enum { USERNAME, PASSWORD, ROLE, LOCATIONS, CREATE_MEMBERS };

const struct member user_members[] = {
    [USERNAME] = PARTS_NEW_USERNAME_MEMBER,
    [PASSWORD] = PARTS_NEW_PASSWORD_MEMBER("password", true),
    [ROLE] = {.name = "role",
              .type = MEMBER_CHOICE,
              .required = true,
              .choices = roles},
    [LOCATIONS] = PARTS_LOCATIONS_MEMBER,
    [CREATE_MEMBERS] = {.name = NULL},
};

static enum dum_status add_account(struct account *out, struct app *app,
                                   const struct request *req,
                                   struct response *res,
                                   const struct member_value *values,
                                   struct dum_error *err)
{
	char name[ACCOUNT_NAME_MAX], hash[PASSWORD_PHC_MAX];
	struct account_new new = {.username = name,
	                          .password_hash = hash,
	                          .role = role_at(&values[ROLE]),
	                          .limit = parts_limit(&values[LOCATIONS])};
	struct json_writer w = {.out = &res->body};
	enum dum_status status;

	status = account_name(name, values[USERNAME].text, err);
	if (status == DUM_OK)
		status = account_hash(hash, app->db, name,
		                      values[PASSWORD].text, "password", err);
	if (status == DUM_OK)
		status = app_begin(app, req, err);
	if (status == DUM_OK)
		status = account_add(out, app->db, &new, err);
	if (status == DUM_OK)
		status = write_user(&w, app, out, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status users_post(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct account account;
	enum dum_status status;
	char place[64];

	status = add_account(&account, app, req, res, values, err);
	if (status != DUM_OK)
		return status;
	res->status = 201;
	snprintf(place, sizeof(place), "/api/users/%lld",
	         (long long)account.id);
	response_header(res, "Location", place);
	return DUM_OK;
}

enum {
	NEW_ROLE,
	NEW_ACTIVE,
	NEW_LOCATIONS,
	NEW_PASSWORD,
	NEW_TOTP,
	CHANGE_MEMBERS
};

const struct member user_change_members[] = {
    [NEW_ROLE] = {.name = "role", .type = MEMBER_CHOICE, .choices = roles},
    [NEW_ACTIVE] = {.name = "is_active", .type = MEMBER_BOOL},
    [NEW_LOCATIONS] = PARTS_LOCATIONS_MEMBER,
    [NEW_PASSWORD] = PARTS_NEW_PASSWORD_MEMBER("password", false),
    [NEW_TOTP] = {.name = "remove_totp", .type = MEMBER_BOOL},
    [CHANGE_MEMBERS] = {.name = NULL},
};

/*
 * One's own password and second factor are changed where the present ones are
 * asked for, not by a session that somebody found open.
 */
static enum dum_status check_change(const struct request *req,
                                    const struct member_value *values,
                                    struct dum_error *err)
{
	bool own = req->caller.kind == CALLER_USER &&
	           req->caller.id == req->path_id;
	bool any = false;

	for (int i = 0; i < CHANGE_MEMBERS; i++)
		any = any || values[i].given;
	if (!any)
		return error_set(err, DUM_EINVAL,
		                 "nothing to change: give role, is_active, "
		                 "locations, password or remove_totp");
	if (values[NEW_TOTP].given && values[NEW_TOTP].number == 0)
		return error_field(err, DUM_EINVAL, "remove_totp",
		                   "remove_totp can only be true");
	if (own && values[NEW_PASSWORD].given)
		return error_field(err, DUM_EINVAL, "password",
		                   "change your own password at "
		                   "/api/auth/password");
	if (own && values[NEW_TOTP].given)
		return error_field(err, DUM_EINVAL, "remove_totp",
		                   "remove your own second factor at "
		                   "/api/auth/totp");
	return DUM_OK;
}

static enum dum_status hash_new(char hash[static PASSWORD_PHC_MAX],
                                struct app *app, int64_t id,
                                const char *password, struct dum_error *err)
{
	struct account account;
	enum dum_status status;

	status = account_get(&account, app->db, id, err);
	if (status == DUM_OK)
		status = account_hash(hash, app->db, account.username, password,
		                      "password", err);
	return status;
}

enum dum_status users_patch(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	const struct member_value *values = req->members;
	struct account_change change = {.is_active = -1};
	char hash[PASSWORD_PHC_MAX];
	struct location_limit limit;
	struct account account;
	enum dum_status status;

	status = check_change(req, values, err);
	if (status == DUM_OK && values[NEW_PASSWORD].given)
		status = hash_new(hash, app, req->path_id,
		                  values[NEW_PASSWORD].text, err);
	if (status == DUM_OK)
		status = app_begin(app, req, err);
	if (status != DUM_OK)
		return status;
	change.role = role_at(&values[NEW_ROLE]);
	if (values[NEW_ACTIVE].given)
		change.is_active = (int)values[NEW_ACTIVE].number;
	limit = parts_limit(&values[NEW_LOCATIONS]);
	if (values[NEW_LOCATIONS].given)
		change.limit = &limit;
	if (values[NEW_PASSWORD].given)
		change.password_hash = hash;
	change.remove_totp = values[NEW_TOTP].given;
	status = account_update(&account, app->db, req->path_id, &change, 0,
	                        err);
	if (status == DUM_OK)
		status = write_user(&w, app, &account, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status users_delete(struct app *app, struct request *req,
                             struct response *res, struct dum_error *err)
{
	enum dum_status status;

	status = app_begin(app, req, err);
	if (status == DUM_OK)
		status = account_delete(app->db, req->path_id, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}
