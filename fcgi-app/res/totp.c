/*
 * /api/auth/totp: the second factor of one's own account. Setting it up takes
 * two steps, so that nobody is locked out by an app that shows other codes.
 */
#include "access/confirm.h"
#include "access/second_factor.h"
#include "res/parts.h"
#include "res/resources.h"

#define CODE_MEMBER                                                    \
	{                                                              \
		.name = "code", .type = MEMBER_TEXT, .required = true, \
		.min = 1, .max = 40,                                   \
	}

const struct member totp_members[] = {PARTS_PASSWORD_MEMBER("password"),
                                      {.name = NULL}};

const struct member totp_confirm_members[] = {CODE_MEMBER, {.name = NULL}};

enum { PASSWORD, CODE, REMOVE_MEMBERS };

const struct member totp_remove_members[] = {
    [PASSWORD] = PARTS_PASSWORD_MEMBER("password"),
    [CODE] = CODE_MEMBER,
    [REMOVE_MEMBERS] = {.name = NULL},
};

enum dum_status totp_post(struct app *app, struct request *req,
                          struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct origin who = app_origin(req);
	struct enrolment enrolment;
	enum dum_status status;

	status = parts_confirm_password(app, req, res, req->members[0].text,
	                                "password", err);
	if (status == DUM_OK)
		status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = second_factor_begin(&enrolment, app->db,
		                             req->caller.id, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "seed", enrolment.seed);
	jsonw_member_string(&w, "uri", enrolment.uri);
	jsonw_object_end(&w);
	return DUM_OK;
}

enum dum_status totp_confirm_post(struct app *app, struct request *req,
                                  struct response *res, struct dum_error *err)
{
	char codes[RECOVERY_CODES][RECOVERY_CODE_MAX];
	struct json_writer w = {.out = &res->body};
	struct origin who = app_origin(req);
	enum dum_status status;

	status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = second_factor_confirm(codes, app->db, req->caller.id,
		                               req->members[0].text, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&w);
	jsonw_key(&w, "recovery_codes");
	jsonw_array_begin(&w);
	for (int i = 0; i < RECOVERY_CODES; i++)
		jsonw_string(&w, codes[i]);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return DUM_OK;
}

enum dum_status totp_delete(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	const struct caller *caller = &req->caller;
	struct origin who = app_origin(req);
	struct factor_removal removal = {.user_id = caller->id,
	                                 .keep_session = caller->session_id,
	                                 .password = values[PASSWORD].text,
	                                 .code = values[CODE].text};
	enum dum_status status;

	status = confirm_factor_removal(&res->retry_after_s, app->db, &who,
	                                &removal, err);
	if (status == DUM_EAUTH)
		parts_log_refusal(req, "login failed", caller->name);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}
