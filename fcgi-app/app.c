#include "app.h"

#include <string.h>

#include "access/api_key.h"
#include "access/session.h"
#include "answer_tag.h"
#include "base/clock.h"
#include "base/log.h"
#include "body.h"
#include "cors.h"
#include "credential.h"
#include "csv_answer.h"
#include "guard.h"
#include "input.h"
#include "problem.h"
#include "route.h"
#include "store/checkpoint.h"

/* A database that can not be opened is tried again after so long. */
enum { OPEN_AGAIN_MS = 1000 };

/* A read that takes longer is cut off. */
enum { READ_DEADLINE_MS = 10000 };

/* So much of an answer is collected to make a tag of it, in bytes. */
enum { OWN_TAG_WHOLE_MAX = 1024 * 1024 };

void app_init(struct app *app, const struct config *config,
              const char *config_path)
{
	*app = (struct app){.config = config,
	                    .config_path = config_path,
	                    .read_deadline_ms = READ_DEADLINE_MS};
	/* Without the memory for it the answers are made each time. */
	app->answers = answer_cache_new((size_t)config->answer_cache_size *
	                                1024);
}

void app_release(struct app *app)
{
	db_free(app->db);
	app->db = NULL;
	answer_cache_free(app->answers);
	app->answers = NULL;
}

struct date app_today(const struct app *app)
{
	struct date today;

	clock_civil(db_now(app->db), &today.year, &today.month, &today.day);
	return today;
}

struct origin app_origin(const struct request *req)
{
	return (struct origin){.actor = req->caller.actor,
	                       .address = req->address,
	                       .source = "api",
	                       .request_id = req->id};
}

static enum dum_status check_caller(struct app *app,
                                    const struct caller *caller,
                                    struct dum_error *err)
{
	switch (caller->kind) {
	case CALLER_USER:
		return session_still(app->db, caller, err);
	case CALLER_KEY:
		return api_key_still(app->db, caller, err);
	case CALLER_NOBODY:
		break;
	}
	return DUM_OK;
}

enum dum_status app_begin(struct app *app, const struct request *req,
                          struct dum_error *err)
{
	struct origin who = app_origin(req);
	enum dum_status status = db_begin(app->db, &who, err);

	if (status == DUM_OK)
		status = check_caller(app, &req->caller, err);
	if (status != DUM_OK)
		db_rollback(app->db);
	return status;
}

static enum dum_status open_database(struct app *app, struct dum_error *err)
{
	enum dum_status status = db_open(&app->db, app->config, err);

	if (status == DUM_OK)
		status = answer_tag_base(app->base_digest, app->db, app->config,
		                         err);
	if (status != DUM_OK) {
		db_free(app->db);
		app->db = NULL;
	}
	return status;
}

enum dum_status app_open(struct app *app, struct dum_error *err)
{
	enum dum_status status;

	if (app->db != NULL)
		return DUM_OK;
	if (app->open_error.status == DUM_OK ||
	    clock_monotonic_ms() >= app->open_again_ms) {
		error_clear(&app->open_error);
		status = open_database(app, &app->open_error);
		if (status == DUM_OK)
			return DUM_OK;
		app->open_again_ms = clock_monotonic_ms() + OPEN_AGAIN_MS;
		log_line(LOG_AT_ERROR, "%s", app->open_error.text);
	}
	/* Whatever the reason is, nothing works until it is gone: 503. */
	return error_set(
	    err, app->open_error.status == DUM_EBUSY ? DUM_EBUSY : DUM_ESCHEMA,
	    "%s", app->open_error.text);
}

/* A handle that met one of these is of no more use. */
static void give_up_handle(struct app *app, enum dum_status status)
{
	bool broken = app->db != NULL && db_is_broken(app->db);

	if (status == DUM_EUNKNOWN || broken)
		app->leave = true;
	if (!app->leave && status != DUM_EDAMAGED && status != DUM_ESCHEMA &&
	    status != DUM_EREADONLY)
		return;
	db_free(app->db);
	app->db = NULL;
}

static void refuse_route(const struct app *app, const struct request *req,
                         struct response *res, unsigned allowed)
{
	struct strbuf methods = STRBUF_INIT;

	if (allowed == 0) {
		problem_http(res, req, 404,
		             "There is nothing at this address.");
		return;
	}
	if (req->method == METHOD_OPTIONS) {
		res->status = 204;
		cors_add_preflight(res, req, allowed,
		                   app->config->cors_origins);
	} else {
		problem_http(res, req, 405,
		             "This address does not know that method.");
	}
	method_list(&methods, allowed);
	response_header(res, "Allow", methods.buf);
	strbuf_release(&methods);
}

void app_fail(struct app *app, const struct request *req, struct response *res,
              enum dum_status status, const struct dum_error *err)
{
	if (app->db != NULL) {
		db_rollback(app->db);
		db_read_end(app->db);
	}
	give_up_handle(app, status);
	if (res->started) {
		/* Half a list is out: it must not look like a whole one. */
		log_line(LOG_AT_ERROR, "%s: list broken off: %s", req->id,
		         err->text);
		res->lost = true;
		return;
	}
	problem_error(res, req, status, err);
	if (res->status >= 500)
		log_line(LOG_AT_ERROR, "%s: %d: %s", req->id, res->status,
		         err->text);
}

/* False: the answer is written already. */
static bool identify(struct app *app, const struct route *route,
                     const struct credential *credential, struct request *req,
                     struct response *res)
{
	struct dum_error err = {0};
	enum dum_status status = app_open(app, &err);

	if (status != DUM_OK && (route->flags & ROUTE_WITHOUT_DB) == 0) {
		app_fail(app, req, res, status, &err);
		return false;
	}
	return status != DUM_OK ||
	       guard_identify(app, route, credential, req, res);
}

/* False: the answer is written already. */
static bool let_in(struct app *app, const struct route *route,
                   const struct credential *credential, struct request *req,
                   struct response *res)
{
	return identify(app, route, credential, req, res) &&
	       input_fits(route, req, res) && guard_admit(route, req, res) &&
	       input_take(app, route, req, res);
}

/*
 * nginx asks before it collects a large body: 204, 401 or 403, and nothing is
 * done. What else is wrong with the request it hears when it sends it.
 */
static void tell_whether(struct app *app, const struct route *route,
                         const struct credential *credential,
                         struct request *req, struct response *res)
{
	if (route == NULL || (identify(app, route, credential, req, res) &&
	                      guard_admit(route, req, res)))
		res->status = 204;
	/* Who can not be asked just now, nginx takes for broken: the request
	 * itself will be told. */
	if (res->status == 503) {
		strbuf_reset(&res->body);
		strbuf_reset(&res->headers);
		res->status = 204;
	}
}

/* Whose tag is made of itself: see answer_tag_of(). */
static enum dum_status own_tag_answer(struct app *app,
                                      const struct route *route,
                                      struct request *req, struct response *res,
                                      struct dum_error *err)
{
	const char *known = req->headers.if_none_match;
	char tag[ANSWER_TAG_MAX];
	enum dum_status status;

	/* A tag stands in the head; past that an answer goes without one. */
	res->flush_at = OWN_TAG_WHOLE_MAX;
	status = route->fn(app, req, res, err);
	if (status != DUM_OK || res->started || res->status != 200)
		return status;
	status = answer_tag_of(tag, app, &res->body, err);
	if (status != DUM_OK)
		return status;
	response_tag(res, tag);
	if (strcmp(known, "*") == 0 || answer_tag_matches(known, tag))
		response_not_modified(res);
	return DUM_OK;
}

/*
 * An answer made of data alone: not at all where the client has it already,
 * else out of the cache, else by the handler, and then kept. Who has "any"
 * answer gets 304 only where there is one: not where the handler refuses.
 */
static enum dum_status data_answer(struct app *app, const struct route *route,
                                   struct request *req, struct response *res,
                                   struct dum_error *err)
{
	bool has_any = strcmp(req->headers.if_none_match, "*") == 0;
	char tag[ANSWER_TAG_MAX];
	enum dum_status status;
	const char *body;
	size_t len;

	status = answer_tag_make(tag, app, req, err);
	if (status != DUM_OK)
		return status;
	response_tag(res, tag);
	if (answer_tag_matches(req->headers.if_none_match, tag)) {
		res->status = 304;
		return DUM_OK;
	}
	/* What is written down each time is made each time. */
	body = req->as_csv ? NULL : answer_cache_get(app->answers, tag, &len);
	if (body != NULL) {
		response_lend(res, body, len);
	} else {
		if (!req->as_csv)
			response_keep(res, answer_cache_longest(app->answers));
		res->unwanted = has_any;
		status = route->fn(app, req, res, err);
	}
	if (status == DUM_OK && has_any)
		response_not_modified(res);
	return status;
}

/* A slow reader's time is not the read's. */
static void not_read(void *arg, int64_t ms)
{
	db_read_allow(arg, ms);
}

/* Each read sees one state of the database, and takes no longer than it may. */
static enum dum_status read_answer(struct app *app, const struct route *route,
                                   struct request *req, struct response *res,
                                   struct dum_error *err)
{
	enum dum_status status;

	status = db_read_begin(app->db, app->read_deadline_ms, err);
	if (status != DUM_OK)
		return status;
	res->waited = not_read;
	res->waited_arg = app->db;
	if ((route->flags & ROUTE_OWN_TAG) != 0 ||
	    ((route->flags & ROUTE_TAGGED) != 0 && *req->caller.viewer != '\0'))
		status = own_tag_answer(app, route, req, res, err);
	else if ((route->flags & ROUTE_TAGGED) != 0)
		status = data_answer(app, route, req, res, err);
	else
		status = route->fn(app, req, res, err);
	db_read_end(app->db);
	res->waited = NULL; /* an error gives up the database */
	return status;
}

/*
 * A read whose answer is entered into the journal, before any of it leaves:
 * who breaks off a long one has had most of it. Within a read nothing can be
 * entered, so a long one is begun again, in a read of its own.
 */
static enum dum_status entered_answer(struct app *app,
                                      const struct route *route,
                                      struct request *req, struct response *res,
                                      struct dum_error *err)
{
	enum dum_status status;

	res->withhold = true;
	status = read_answer(app, route, req, res, err);
	res->withhold = false;
	if (!res->withheld)
		return status == DUM_OK && res->status == 200
		           ? csv_answer_note(app, req, err)
		           : status;
	error_clear(err);
	response_start_over(res, 200, "application/json");
	status = csv_answer_note(app, req, err);
	return status == DUM_OK ? read_answer(app, route, req, res, err)
	                        : status;
}

static void call(struct app *app, const struct route *route,
                 const struct credential *credential, struct request *req,
                 struct response *res)
{
	struct dum_error err = {0};
	enum dum_status status;

	if (!let_in(app, route, credential, req, res))
		return;
	if (route->method != METHOD_GET && (route->flags & ROUTE_MATCH) == 0 &&
	    *req->headers.if_match != '\0') {
		problem_http(res, req, 400,
		             "If-Match says nothing here: no ETag is that of "
		             "what this changes. Leave it out.");
		return;
	}
	if (route->method == METHOD_GET &&
	    (route->flags & (ROUTE_WITHOUT_DB | ROUTE_NO_READ)) == 0)
		status = req->as_csv && !res->head_only
		             ? entered_answer(app, route, req, res, &err)
		             : read_answer(app, route, req, res, &err);
	else
		status = route->fn(app, req, res, &err);
	if (status != DUM_OK)
		app_fail(app, req, res, status, &err);
}

void app_handle(struct app *app, struct request *req, struct response *res)
{
	struct credential credential;
	const struct route *route;
	struct dum_error err = {0};
	enum dum_status status;
	unsigned allowed = 0;

	res->head_only = req->method == METHOD_HEAD;
	route = route_find(req->method, req->path, &allowed, &req->path_id,
	                   req->path_file);
	status = credential_read(&credential, req, &err);
	if (status == DUM_OK)
		cors_add(res, req, &credential, app->config->cors_origins);
	if (status != DUM_OK && req->guard_only)
		problem_http(res, req, 403, err.text);
	else if (status != DUM_OK)
		problem_error(res, req, status, &err);
	else if (req->guard_only)
		tell_whether(app, route, &credential, req, res);
	else if (route != NULL)
		call(app, route, &credential, req, res);
	else
		refuse_route(app, req, res, allowed);
	if (!res->lost)
		response_finish(res);
	if (response_kept_whole(res))
		answer_cache_put(app->answers, res->tag, res->kept.buf,
		                 res->kept.len);
	/* The viewer's name was the request's. */
	if (app->db != NULL)
		db_see_as(app->db, "nobody");
}

void app_after(struct app *app)
{
	if (app->db != NULL)
		db_checkpoint_if_long(app->db);
}
