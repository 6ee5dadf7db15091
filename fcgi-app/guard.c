#include "guard.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "problem.h"

static enum dum_status find_caller(struct app *app,
                                   const struct credential *credential,
                                   struct request *req, struct dum_error *err)
{
	switch (credential->kind) {
	case CREDENTIAL_SESSION:
		return session_find(&req->caller, app->db, credential->text,
		                    err);
	case CREDENTIAL_KEY:
		return api_key_find(&req->caller, app->db, credential->text,
		                    err);
	case CREDENTIAL_NONE:
		break;
	}
	return error_set(err, DUM_EAUTH, "log in, or send a key");
}

static void note_refused_key(struct app *app,
                             const struct credential *credential,
                             const struct request *req)
{
	struct origin who = app_origin(req);

	log_line(LOG_AT_WARNING, "key refused: from %s", req->address);
	api_key_refused(app->db, &who, credential->text);
}

bool guard_identify(struct app *app, const struct route *route,
                    const struct credential *credential, struct request *req,
                    struct response *res)
{
	bool is_public = route->access == ACCESS_PUBLIC;
	struct dum_error err = {0};
	enum dum_status status;

	status = find_caller(app, credential, req, &err);
	if (status == DUM_EAUTH) {
		request_forget_caller(req);
		if (credential->kind == CREDENTIAL_KEY)
			note_refused_key(app, credential, req);
	}
	db_see_as(app->db, req->caller.viewer);
	res->actor = req->caller.actor;
	if (status == DUM_OK || (status == DUM_EAUTH && is_public))
		return true;
	app_fail(app, req, res, status, &err);
	return false;
}

/* Takes as long for any two tokens of one length, which is no secret. */
static bool is_right_token(const char *sent, const char *token)
{
	size_t len = strlen(token);

	return len > 0 && strlen(sent) == len && hash_equal(sent, token, len);
}

/* What browsers say themselves about the page that sent the request. */
static bool is_same_site(const struct request_headers *headers)
{
	static const char scheme[] = "https://";
	size_t len = sizeof(scheme) - 1;

	if (*headers->fetch_site != '\0')
		return strcmp(headers->fetch_site, "same-origin") == 0;
	if (*headers->origin == '\0')
		return true; /* no browser of this decade */
	return strncasecmp(headers->origin, scheme, len) == 0 &&
	       strcasecmp(headers->origin + len, headers->host) == 0;
}

/*
 * Could the request come from a page that is not ours? A key says no by itself:
 * a browser does not add one. To log in there is no session yet, and so no
 * token; else a foreign page could log its victim in as somebody else.
 */
static bool is_forged(const struct route *route, const struct request *req)
{
	if (route->method == METHOD_GET || req->caller.kind == CALLER_KEY)
		return false;
	if (!is_same_site(&req->headers))
		return true;
	return (route->flags & ROUTE_CSRF_FREE) == 0 &&
	       !is_right_token(req->headers.csrf_token, req->caller.csrf_token);
}

static enum role role_of(enum access access)
{
	switch (access) {
	case ACCESS_ADMIN:
		return ROLE_ADMIN;
	case ACCESS_EDITOR:
		return ROLE_EDITOR;
	case ACCESS_VIEWER:
		return ROLE_VIEWER;
	case ACCESS_PUBLIC:
		break;
	}
	return ROLE_NONE;
}

/* Why the caller may not; NULL: he may. */
static const char *refusal(const struct route *route,
                           const struct caller *caller)
{
	if (caller->kind == CALLER_USER)
		return caller->role >= role_of(route->access)
		           ? NULL
		           : "Your role does not allow this.";
	if (caller->kind != CALLER_KEY)
		return "This needs an account or a key.";
	if (route->scope == SCOPE_NEVER)
		return "This is for people who have logged in; no key may do "
		       "it.";
	if ((caller->scopes & ((unsigned)route->scope | SCOPE_ADMIN)) == 0)
		return "The scopes of this key do not allow this.";
	if (route->access == ACCESS_ADMIN && *caller->viewer != '\0')
		return "This is about all locations; the key has some of them.";
	return NULL;
}

static bool is_own_account(const struct request *req)
{
	static const char prefix[] = "/api/auth/";

	return strncmp(req->path, prefix, sizeof(prefix) - 1) == 0;
}

bool guard_admit(const struct route *route, const struct request *req,
                 struct response *res)
{
	const char *why;

	if (is_forged(route, req)) {
		problem_http(res, req, 403,
		             "The request does not come from this site's own "
		             "pages: X-CSRF-Token or Origin is not right.");
		return false;
	}
	if (route->access == ACCESS_PUBLIC)
		return true;
	why = refusal(route, &req->caller);
	if (why != NULL) {
		problem_http(res, req, 403, why);
		return false;
	}
	if (req->caller.must_enrol && !is_own_account(req)) {
		problem_write(res, req,
		              &(struct problem){
		                  .status = 403,
		                  .type = "/problems/second-factor-required",
		                  .detail = "Set up a second factor first; "
		                            "this account needs one."});
		return false;
	}
	return true;
}
