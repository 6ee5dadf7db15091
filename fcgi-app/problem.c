#include "problem.h"

#include <stdio.h>

#include "base/json_writer.h"

/*
 * A member of the body is told by a JSON pointer (RFC 6901), a query parameter
 * by its name, the whole body by "".
 */
static void add_pointer(struct strbuf *out, const char *field,
                        const struct request *req)
{
	if (req->in_item > 0)
		strbuf_addf(out, "/%d", req->in_item - 1);
	if (!req->in_body || *field == '\0') {
		strbuf_adds(out, field);
		return;
	}
	strbuf_addc(out, '/');
	for (; *field != '\0'; field++) {
		if (*field == '~')
			strbuf_adds(out, "~0");
		else if (*field == '/')
			strbuf_adds(out, "~1");
		else
			strbuf_addc(out, *field);
	}
}

static void write_errors(struct json_writer *w, const struct request *req,
                         const struct dum_error *input)
{
	struct strbuf pointer = STRBUF_INIT;

	add_pointer(&pointer, input->field, req);
	jsonw_key(w, "errors");
	jsonw_array_begin(w);
	jsonw_object_begin(w);
	jsonw_member_string(w, "pointer", pointer.buf);
	jsonw_member_string(w, "detail", input->text);
	jsonw_object_end(w);
	jsonw_array_end(w);
	strbuf_release(&pointer);
}

void problem_write(struct response *res, const struct request *req,
                   const struct problem *problem)
{
	struct json_writer w = {.out = &res->body};
	const char *type = problem->type;

	response_start_over(res, problem->status, "application/problem+json");
	/* Every 401 says how one gets in (RFC 9110). */
	if (problem->status == 401)
		response_header(res, "WWW-Authenticate", "Bearer");
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "type", type != NULL ? type : "about:blank");
	jsonw_member_string(&w, "title", response_title(problem->status));
	jsonw_member_int(&w, "status", problem->status);
	jsonw_member_string(&w, "detail", problem->detail);
	jsonw_member_string(&w, "instance", req->path);
	jsonw_member_string(&w, "request_id", req->id);
	if (problem->code_required)
		jsonw_member_bool(&w, "code_required", true);
	if (problem->input != NULL)
		write_errors(&w, req, problem->input);
	if (problem->members != NULL && problem->members->len > 0) {
		strbuf_addc(&res->body, ',');
		strbuf_add(&res->body, problem->members->buf,
		           problem->members->len);
	}
	jsonw_object_end(&w);
}

void problem_http(struct response *res, const struct request *req,
                  int http_status, const char *detail)
{
	problem_write(
	    res, req,
	    &(struct problem){.status = http_status, .detail = detail});
}

/* The text is for the caller; with the member at fault where there is one. */
static void tell(struct response *res, const struct request *req,
                 int http_status, const struct dum_error *err)
{
	bool always = http_status == 400;

	problem_write(res, req,
	              &(struct problem){.status = http_status,
	                                .detail = err->text,
	                                .input = always || err->field[0] != '\0'
	                                             ? err
	                                             : NULL});
}

static void tell_busy(struct response *res, const struct request *req,
                      const struct dum_error *err)
{
	int64_t wait = res->retry_after_s;
	const char *detail = err->text;
	char seconds[24];

	/* Which program is at work is nothing for somebody unknown. */
	if (wait == 0 && req->caller.kind == CALLER_NOBODY)
		detail = "The service is busy; try again.";
	problem_http(res, req, wait > 0 ? 429 : 503, detail);
	snprintf(seconds, sizeof(seconds), "%lld",
	         (long long)(wait > 0 ? wait : 1));
	response_header(res, "Retry-After", seconds);
}

void problem_error(struct response *res, const struct request *req,
                   enum dum_status status, const struct dum_error *err)
{
	switch (status) {
	case DUM_EINVAL:
		tell(res, req, 400, err);
		return;
	case DUM_ENOTFOUND:
		problem_http(res, req, 404, err->text);
		return;
	case DUM_ECONFLICT:
		tell(res, req, 409, err);
		return;
	case DUM_EAUTH:
		tell(res, req, req->caller.kind == CALLER_NOBODY ? 401 : 403,
		     err);
		return;
	case DUM_EBUSY:
		tell_busy(res, req, err);
		return;
	case DUM_EFULL:
		problem_http(res, req, 507,
		             "The disk is full; nothing was changed.");
		return;
	case DUM_EREADONLY:
		problem_http(res, req, 503,
		             "The database can only be read just now; nothing "
		             "was changed.");
		response_header(res, "Retry-After", "30");
		return;
	case DUM_EDAMAGED:
	case DUM_ETRUNCATED:
	case DUM_ESCHEMA:
		problem_http(res, req, 503,
		             "The database can not be used just now; the "
		             "server's log says why.");
		response_header(res, "Retry-After", "30");
		return;
	case DUM_EUNKNOWN:
		problem_http(res, req, 500,
		             "An error of the disk: whether the change was "
		             "stored is not known. Look before you send it "
		             "again.");
		return;
	case DUM_OK:
	case DUM_EKEY:
	case DUM_ENOMEM:
	case DUM_ESYS:
		break;
	}
	problem_http(res, req, 500,
	             "Something went wrong; the server's log has the "
	             "reason under this request_id.");
}
