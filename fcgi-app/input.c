#include "input.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fsutil.h"
#include "body.h"
#include "csv_answer.h"
#include "problem.h"

/* What stands after a media type; NULL: it is another one. */
static const char *after_type(const char *content_type, const char *wanted)
{
	size_t len = strlen(wanted);

	if (strncasecmp(content_type, wanted, len) != 0)
		return NULL;
	content_type += len;
	content_type += strspn(content_type, " \t");
	return *content_type == '\0' || *content_type == ';' ? content_type
	                                                     : NULL;
}

/* JSON is UTF-8; another charset is another format. */
static bool is_json(const char *content_type)
{
	const char *rest = after_type(content_type, "application/json");

	if (rest == NULL || *rest == '\0')
		return rest != NULL;
	rest++;
	rest += strspn(rest, " \t");
	return strcasecmp(rest, "charset=utf-8") == 0 ||
	       strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

/* There is no body, and there need not be one. */
static bool is_left_out(const struct route *route, const struct request *req)
{
	return (route->flags & ROUTE_MAY_BE_EMPTY) != 0 &&
	       req->content_length == 0;
}

bool input_fits(const struct route *route, const struct request *req,
                struct response *res)
{
	const char *type = req->headers.content_type;

	switch (route->body) {
	case BODY_NONE:
		return true;
	case BODY_JSON:
		if (is_json(type) || is_left_out(route, req))
			return true;
		problem_http(res, req, 415,
		             "The body must be application/json.");
		return false;
	case BODY_CSV:
		break;
	}
	/* What a file is written in is found out, whatever is said here. */
	if (after_type(type, "text/csv") != NULL)
		return true;
	problem_http(res, req, 415, "The body must be text/csv.");
	return false;
}

/* False: the answer is written already. */
static bool check_length(const struct route *route, const struct request *req,
                         struct response *res)
{
	if (route->body == BODY_CSV && req->content_length > BODY_CSV_MAX)
		problem_http(res, req, 413, "The body is larger than 64 MiB.");
	else if (route->body == BODY_JSON && (route->flags & ROUTE_MANY) != 0 &&
	         req->content_length > BODY_MANY_MAX)
		problem_http(res, req, 413, "The body is larger than 1 MiB.");
	else if (route->body == BODY_JSON && (route->flags & ROUTE_MANY) == 0 &&
	         req->content_length > BODY_JSON_MAX)
		problem_http(res, req, 413, "The body is larger than 64 KiB.");
	else
		return true;
	return false;
}

static enum dum_status take_json(const struct app *app,
                                 const struct route *route, struct request *req,
                                 struct dum_error *err)
{
	enum dum_status status = request_read_body(req, err);

	if (status != DUM_OK || is_left_out(route, req))
		return status;
	req->in_body = true;
	req->max_daily_gb = app->config->max_daily_gb;
	req->is_array = (route->flags & ROUTE_MANY) != 0 && body_is_array(req);
	if (req->is_array)
		return DUM_OK;
	return body_read(req->members, route->members, req, err);
}

static enum dum_status take_table(const struct app *app, struct request *req,
                                  struct dum_error *err)
{
	enum dum_status status;
	char *folder;

	req->in_body = true;
	if (req->content_length <= BODY_CSV_IN_MEMORY)
		return request_read_body(req, err);
	folder = fs_parent(app->config->database_path);
	if (folder == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = request_spool_body(req, folder, err);
	free(folder);
	return status;
}

static enum dum_status take_body(const struct app *app,
                                 const struct route *route, struct request *req,
                                 struct dum_error *err)
{
	switch (route->body) {
	case BODY_JSON:
		return take_json(app, route, req, err);
	case BODY_CSV:
		return take_table(app, req, err);
	case BODY_NONE:
		break;
	}
	if (req->content_length != 0)
		return error_set(err, DUM_EINVAL,
		                 "this request must not have a body");
	return DUM_OK;
}

bool input_take(struct app *app, const struct route *route, struct request *req,
                struct response *res)
{
	struct dum_error err = {0};
	enum dum_status status;

	status = param_read(req->params, route->params, req->query, &err);
	if ((route->flags & ROUTE_CSV) != 0)
		response_lasting_header(res, "Vary", "Accept");
	req->as_csv = status == DUM_OK && csv_answer_wanted(route, req);
	if (status == DUM_OK && !check_length(route, req, res))
		return false;
	if (status == DUM_OK)
		status = take_body(app, route, req, &err);
	if (status != DUM_OK)
		app_fail(app, req, res, status, &err);
	return status == DUM_OK;
}
