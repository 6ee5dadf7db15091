#include "response.h"

#include <string.h>

#include "base/json_writer.h"

enum { FLUSH_BYTES = 32 * 1024 };

void response_init(struct response *res, response_write_fn write, void *arg)
{
	*res = (struct response){.status = 200,
	                         .content_type = "application/json",
	                         .write = write,
	                         .write_arg = arg};
	strbuf_init(&res->headers);
	strbuf_init(&res->body);
}

void response_release(struct response *res)
{
	strbuf_release(&res->headers);
	strbuf_release(&res->body);
}

void response_header(struct response *res, const char *name, const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return;
	strbuf_addf(&res->headers, "%s: %s\r\n", name, value);
}

const char *response_title(int http_status)
{
	switch (http_status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 204:
		return "No Content";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 503:
		return "Service Unavailable";
	case 507:
		return "Insufficient Storage";
	default:
		return "Internal Server Error";
	}
}

static void put(struct response *res, const struct strbuf *text)
{
	if (!res->lost && text->len > 0 &&
	    !res->write(res->write_arg, text->buf, text->len))
		res->lost = true;
}

/* whole: the body is all there, so its length can be told. */
static void send_head(struct response *res, bool whole)
{
	struct strbuf head = STRBUF_INIT;

	strbuf_addf(&head, "Status: %d %s\r\n", res->status,
	            response_title(res->status));
	if (res->body.len > 0 || !whole)
		strbuf_addf(&head, "Content-Type: %s\r\n", res->content_type);
	if (whole && res->status != 204)
		strbuf_addf(&head, "Content-Length: %zu\r\n", res->body.len);
	strbuf_adds(&head, "Cache-Control: no-store\r\n");
	strbuf_add(&head, res->headers.buf, res->headers.len);
	strbuf_adds(&head, "\r\n");
	if (!strbuf_ok(&head) || !strbuf_ok(&res->headers))
		res->lost = true;
	put(res, &head);
	res->started = true;
	strbuf_release(&head);
}

static void send_body(struct response *res)
{
	/* A body with something left out must not look whole. */
	if (!strbuf_ok(&res->body))
		res->lost = true;
	if (!res->head_only)
		put(res, &res->body);
	strbuf_reset(&res->body);
}

bool response_flush_if_large(struct response *res)
{
	if (res->body.len < FLUSH_BYTES)
		return !res->lost;
	if (!res->started)
		send_head(res, false);
	send_body(res);
	return !res->lost;
}

void response_finish(struct response *res)
{
	if (!res->started)
		send_head(res, true);
	send_body(res);
}

/* Start over with what was collected; not once the head is out. */
static void clear(struct response *res, int http_status)
{
	strbuf_reset(&res->headers);
	strbuf_reset(&res->body);
	res->status = http_status;
	res->content_type = "application/problem+json";
}

/*
 * A member of the body is told by a JSON pointer (RFC 6901), a query parameter
 * by its name, the whole body by "".
 */
static void add_pointer(struct strbuf *out, const char *field, bool in_body)
{
	if (!in_body || *field == '\0') {
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

static void write_problem(struct response *res, const struct request *req,
                          const char *detail, const struct dum_error *input)
{
	struct json_writer w = {.out = &res->body};
	struct strbuf pointer = STRBUF_INIT;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "type", "about:blank");
	jsonw_member_string(&w, "title", response_title(res->status));
	jsonw_member_int(&w, "status", res->status);
	jsonw_member_string(&w, "detail", detail);
	jsonw_member_string(&w, "instance", req->path);
	jsonw_member_string(&w, "request_id", req->id);
	if (input != NULL) {
		add_pointer(&pointer, input->field, req->json != NULL);
		jsonw_key(&w, "errors");
		jsonw_array_begin(&w);
		jsonw_object_begin(&w);
		jsonw_member_string(&w, "pointer", pointer.buf);
		jsonw_member_string(&w, "detail", input->text);
		jsonw_object_end(&w);
		jsonw_array_end(&w);
	}
	jsonw_object_end(&w);
	strbuf_release(&pointer);
}

void response_problem(struct response *res, const struct request *req,
                      int http_status, const char *detail)
{
	clear(res, http_status);
	write_problem(res, req, detail, NULL);
}

void response_error(struct response *res, const struct request *req,
                    enum dum_status status, const struct dum_error *err)
{
	switch (status) {
	case DUM_EINVAL:
		clear(res, 400);
		write_problem(res, req, err->text, err);
		return;
	case DUM_ENOTFOUND:
		response_problem(res, req, 404, err->text);
		return;
	case DUM_ECONFLICT:
		clear(res, 409);
		write_problem(res, req, err->text,
		              err->field[0] != '\0' ? err : NULL);
		return;
	case DUM_EAUTH:
		response_problem(res, req, 403, err->text);
		return;
	case DUM_EBUSY:
		response_problem(res, req, 503, err->text);
		response_header(res, "Retry-After", "1");
		return;
	case DUM_EFULL:
		response_problem(res, req, 507,
		                 "The disk is full; nothing was changed.");
		return;
	case DUM_EDAMAGED:
	case DUM_ETRUNCATED:
	case DUM_ESCHEMA:
		response_problem(res, req, 503,
		                 "The database can not be used just now; the "
		                 "server's log says why.");
		response_header(res, "Retry-After", "30");
		return;
	case DUM_EUNKNOWN:
		response_problem(res, req, 500,
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
	response_problem(res, req, 500,
	                 "Something went wrong; the server's log has the "
	                 "reason under this request_id.");
}
