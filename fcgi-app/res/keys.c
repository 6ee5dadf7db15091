/* /api/keys: keys of programs. The key itself is told once, when it is made. */
#include "res/resources.h"

#include <stdio.h>

#include "access/api_key.h"
#include "res/parts.h"

static const char *const scopes[] = {"read",    "write", "import", "backup",
                                     "metrics", "admin", NULL};

static unsigned scopes_of(const struct member_value *value)
{
	unsigned set = 0;

	for (int i = 0; scopes[i] != NULL; i++)
		if ((value->number & INT64_C(1) << i) != 0)
			set |= (unsigned)scope_find(scopes[i]);
	return set;
}

static void write_scopes(struct json_writer *w, unsigned set)
{
	jsonw_key(w, "scopes");
	jsonw_array_begin(w);
	for (int i = 0; scopes[i] != NULL; i++)
		if ((set & (unsigned)scope_find(scopes[i])) != 0)
			jsonw_string(w, scopes[i]);
	jsonw_array_end(w);
}

/* The user's name; null for the command line. */
static enum dum_status write_creator(struct json_writer *w, struct app *app,
                                     int64_t user_id, struct dum_error *err)
{
	struct account account;
	enum dum_status status;

	if (user_id == 0) {
		jsonw_member_null(w, "created_by");
		return DUM_OK;
	}
	status = account_get(&account, app->db, user_id, err);
	if (status == DUM_OK)
		jsonw_member_string(w, "created_by", account.username);
	return status;
}

/* secret: "" but for the one answer that tells it. */
static enum dum_status write_key(struct json_writer *w, struct app *app,
                                 const struct api_key *key, const char *secret,
                                 struct dum_error *err)
{
	enum dum_status status;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", key->id);
	jsonw_member_string(w, "prefix", key->prefix);
	jsonw_member_string(w, "name", key->name);
	if (*secret != '\0')
		jsonw_member_string(w, "key", secret);
	write_scopes(w, key->scopes);
	status = parts_write_locations(w, app, "key", key->id, key->is_limited,
	                               err);
	if (status == DUM_OK)
		status = write_creator(w, app, key->created_by, err);
	jsonw_member_string(w, "created_at", key->created_at);
	parts_write_time(w, "expires_at", key->expires_at);
	parts_write_time(w, "last_used_at", key->last_used_at);
	parts_write_text(w, "revoked_at", key->revoked_at);
	jsonw_object_end(w);
	return status;
}

struct list {
	struct json_writer w;
	struct app *app;
	struct response *res;
};

static enum dum_status add_key(void *arg, const struct api_key *key,
                               struct dum_error *err)
{
	struct list *list = arg;
	enum dum_status status;

	status = write_key(&list->w, list->app, key, "", err);
	return status == DUM_OK ? response_flush_row(list->res, err) : status;
}

enum dum_status keys_get(struct app *app, struct request *req,
                         struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .app = app, .res = res};
	enum dum_status status;

	(void)req;
	jsonw_array_begin(&list.w);
	status = api_key_each(app->db, add_key, &list, err);
	jsonw_array_end(&list.w);
	return status;
}

enum { NAME, SCOPES, LOCATIONS, EXPIRES_AT, CREATE_MEMBERS };

const struct member key_members[] = {
    [NAME] = {.name = "name",
              .type = MEMBER_TEXT,
              .required = true,
              .min = 1,
              .max = 100},
    [SCOPES] = {.name = "scopes",
                .type = MEMBER_CHOICES,
                .required = true,
                .choices = scopes},
    [LOCATIONS] = PARTS_LOCATIONS_MEMBER,
    [EXPIRES_AT] = {.name = "expires_at",
                    .type = MEMBER_TIME,
                    .nullable = true},
    [CREATE_MEMBERS] = {.name = NULL},
};

static enum dum_status make_key(struct api_key *out, struct app *app,
                                const struct request *req, struct response *res,
                                const struct member_value *values,
                                struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	const struct caller *caller = &req->caller;
	struct api_key_new wanted = {
	    .name = values[NAME].text,
	    .scopes = scopes_of(&values[SCOPES]),
	    .limit = parts_limit(&values[LOCATIONS]),
	    .expires_at = values[EXPIRES_AT].number,
	    .created_by = caller->kind == CALLER_USER ? caller->id : 0,
	    .made_by_key = caller->kind == CALLER_KEY ? caller->id : 0};
	char text[API_KEY_TEXT_MAX];
	enum dum_status status;

	/* 0 would be a key without an end, and not one long past it. */
	if (values[EXPIRES_AT].given && !values[EXPIRES_AT].is_null &&
	    wanted.expires_at == 0)
		return error_field(err, DUM_EINVAL, "expires_at",
		                   "expires_at must be in the future");
	status = app_begin(app, req, err);
	if (status == DUM_OK)
		status = api_key_add(out, text, app->db, &wanted, err);
	if (status == DUM_OK)
		status = write_key(&w, app, out, text, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status keys_post(struct app *app, struct request *req,
                          struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct api_key key = {.id = 0};
	enum dum_status status;
	char place[64];

	status = make_key(&key, app, req, res, values, err);
	if (status != DUM_OK)
		return status;
	res->status = 201;
	snprintf(place, sizeof(place), "/api/keys/%lld", (long long)key.id);
	response_header(res, "Location", place);
	return DUM_OK;
}

enum dum_status keys_delete(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	enum dum_status status;

	status = app_begin(app, req, err);
	if (status == DUM_OK)
		status = api_key_revoke(app->db, req->path_id, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}
