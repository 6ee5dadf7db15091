/*
 * /api/auth/login, logout and session: how a browser gets a session, asks for
 * it after a reload, and ends it.
 */
#include "access/login.h"

#include <stdio.h>

#include "base/log.h"
#include "credential.h"
#include "problem.h"
#include "res/parts.h"
#include "res/resources.h"

/* Longer than a name or a code can be, as somebody may type it. */
enum { TYPED_NAME_MAX = 100, TYPED_CODE_MAX = 40 };

enum { USERNAME, PASSWORD, CODE, LOGIN_MEMBERS };

const struct member login_members[] = {
    [USERNAME] = {.name = "username",
                  .type = MEMBER_TEXT,
                  .required = true,
                  .min = 1,
                  .max = TYPED_NAME_MAX},
    [PASSWORD] = PARTS_PASSWORD_MEMBER("password"),
    [CODE] = {.name = "code",
              .type = MEMBER_TEXT,
              .min = 1,
              .max = TYPED_CODE_MAX},
    [LOGIN_MEMBERS] = {.name = NULL},
};

#define COOKIE_FLAGS "; Path=/; Secure; HttpOnly; SameSite=Strict"

static void set_cookie(struct response *res, const char *token, int64_t seconds)
{
	struct strbuf cookie = STRBUF_INIT;

	strbuf_addf(&cookie, "%s=%s%s; Max-Age=%lld", CREDENTIAL_COOKIE, token,
	            COOKIE_FLAGS, (long long)seconds);
	response_header(res, "Set-Cookie", cookie.buf);
	strbuf_release(&cookie);
}

static enum dum_status write_session(struct app *app, const struct request *req,
                                     struct response *res,
                                     struct dum_error *err)
{
	const struct caller *caller = &req->caller;
	struct json_writer w = {.out = &res->body};
	struct account account;
	enum dum_status status;

	status = account_get(&account, app->db, caller->id, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(&w);
	jsonw_key(&w, "user");
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", account.id);
	jsonw_member_string(&w, "username", account.username);
	jsonw_member_string(&w, "role", role_name(account.role));
	status = parts_write_locations(&w, app, "user", account.id,
	                               account.is_limited, err);
	jsonw_member_bool(&w, "totp", account.has_totp);
	jsonw_member_bool(&w, "must_enrol", caller->must_enrol);
	jsonw_object_end(&w);
	jsonw_member_string(&w, "csrf_token", caller->csrf_token);
	parts_write_time(&w, "expires_at", caller->expires_at);
	jsonw_object_end(&w);
	return status;
}

enum dum_status login_answer(struct app *app, struct request *req,
                             struct response *res,
                             const struct session_new *session,
                             struct dum_error *err)
{
	enum dum_status status;

	status = session_find(&req->caller, app->db, session->token, err);
	if (status != DUM_OK)
		return status;
	db_see_as(app->db, req->caller.viewer);
	set_cookie(res, session->token, session->expires_at - db_now(app->db));
	return write_session(app, req, res, err);
}

/*
 * Who logs in again leaves no session behind that nobody looks after. Should
 * this fail, it still ends by itself, in time.
 */
static void end_old_session(struct app *app, const struct request *req,
                            const struct caller *old)
{
	struct origin who = app_origin(req);
	struct dum_error err = {0};
	enum dum_status status;
	char id[32];

	if (old->kind != CALLER_USER)
		return;
	snprintf(id, sizeof(id), "%lld", (long long)old->session_id);
	status = db_begin(app->db, &who, &err);
	if (status == DUM_OK)
		status = session_end(app->db, old->id, old->session_id, &err);
	if (status == DUM_OK)
		status = parts_enter_event(app, "session_end", id, &err);
	if (status == DUM_OK)
		status = db_commit(app->db, &err);
	db_rollback(app->db);
	if (status != DUM_OK && status != DUM_ENOTFOUND)
		log_line(LOG_AT_WARNING, "%s: the old session stays: %s",
		         req->id, err.text);
}

static enum dum_status try_login(struct login_result *result, struct app *app,
                                 const struct request *req,
                                 struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct origin who = app_origin(req);
	struct login attempt = {.username = values[USERNAME].text,
	                        .password = values[PASSWORD].text,
	                        .code = values[CODE].text,
	                        .address = req->address,
	                        .agent = req->headers.agent};
	enum dum_status status;

	status = login(result, app->db, &attempt, &who, err);
	if (status == DUM_EAUTH && !result->code_needed)
		parts_log_refusal(req, "login failed", attempt.username);
	res->retry_after_s = result->retry_after_s;
	if (status == DUM_EBUSY && res->retry_after_s > 0)
		parts_log_refusal(req, "login blocked", attempt.username);
	return status;
}

enum dum_status login_post(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	struct login_result result = {.code_needed = false};
	struct caller old = req->caller;
	enum dum_status status;

	/* Whoever it was up to now: the answer is to nobody, until he proves
	 * to be somebody. */
	request_forget_caller(req);
	status = try_login(&result, app, req, res, err);
	if (status == DUM_EAUTH && result.code_needed) {
		problem_write(res, req,
		              &(struct problem){.status = 401,
		                                .detail = err->text,
		                                .code_required = true});
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = login_answer(app, req, res, &result.session, err);
	if (status == DUM_OK)
		end_old_session(app, req, &old);
	return status;
}

enum dum_status logout_post(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	struct origin who = app_origin(req);
	enum dum_status status;

	status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = session_end(app->db, req->caller.id,
		                     req->caller.session_id, err);
	if (status == DUM_OK)
		status = parts_enter_event(app, "logout", req->caller.name,
		                           err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status != DUM_OK)
		return status;
	res->status = 204;
	set_cookie(res, "", 0);
	response_header(res, "Clear-Site-Data", "\"cache\", \"storage\"");
	return DUM_OK;
}

enum dum_status session_get(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	if (req->caller.kind != CALLER_USER) {
		problem_http(res, req, 401, "Nobody is logged in.");
		return DUM_OK;
	}
	return write_session(app, req, res, err);
}
