#include "response.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { FLUSH_BYTES = 32 * 1024 };

void response_init(struct response *res, response_write_fn write, void *arg)
{
	*res = (struct response){.status = 200,
	                         .content_type = "application/json",
	                         .write = write,
	                         .write_arg = arg,
	                         .file = -1,
	                         .flush_at = FLUSH_BYTES,
	                         .actor = "nobody"};
	strbuf_init(&res->headers);
	strbuf_init(&res->lasting);
	strbuf_init(&res->body);
	strbuf_init(&res->kept);
}

static void drop_file(struct response *res)
{
	if (res->file >= 0)
		close(res->file);
	res->file = -1;
	res->file_bytes = 0;
}

void response_release(struct response *res)
{
	drop_file(res);
	strbuf_release(&res->headers);
	strbuf_release(&res->lasting);
	strbuf_release(&res->body);
	strbuf_release(&res->kept);
}

static void add_line(struct strbuf *out, const char *name, const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return;
	strbuf_addf(out, "%s: %s\r\n", name, value);
}

void response_header(struct response *res, const char *name, const char *value)
{
	add_line(&res->headers, name, value);
}

void response_lasting_header(struct response *res, const char *name,
                             const char *value)
{
	add_line(&res->lasting, name, value);
}

const char *response_title(int http_status)
{
	switch (http_status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 412:
		return "Precondition Failed";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 503:
		return "Service Unavailable";
	case 507:
		return "Insufficient Storage";
	default:
		return "Internal Server Error";
	}
}

static void put(struct response *res, const char *data, size_t len)
{
	int64_t from_ms = clock_monotonic_ms();

	if (!res->lost && len > 0 && !res->write(res->write_arg, data, len))
		res->lost = true;
	if (res->waited != NULL)
		res->waited(res->waited_arg, clock_monotonic_ms() - from_ms);
}

/* Bytes of it that are there, wherever they are. */
static size_t body_len(const struct response *res)
{
	return res->lent != NULL ? res->lent_len : res->body.len;
}

/* whole: the body is all there, so its length can be told. */
static void send_head(struct response *res, bool whole)
{
	struct strbuf head = STRBUF_INIT;

	strbuf_addf(&head, "Status: %d %s\r\n", res->status,
	            response_title(res->status));
	if (body_len(res) > 0 || res->file >= 0 || !whole)
		strbuf_addf(&head, "Content-Type: %s\r\n", res->content_type);
	if (whole && res->status != 204 && res->status != 304)
		strbuf_addf(&head, "Content-Length: %lld\r\n",
		            (long long)body_len(res) +
		                (long long)res->file_bytes);
	if (*res->tag != '\0')
		strbuf_addf(&head,
		            "ETag: \"%s\"\r\n"
		            "Cache-Control: private, no-cache\r\n",
		            res->tag);
	else
		strbuf_adds(&head, "Cache-Control: no-store\r\n");
	/* nginx logs it and keeps it to itself. */
	add_line(&head, "X-Dum-Actor", res->actor);
	strbuf_add(&head, res->lasting.buf, res->lasting.len);
	strbuf_add(&head, res->headers.buf, res->headers.len);
	strbuf_adds(&head, "\r\n");
	if (!strbuf_ok(&head) || !strbuf_ok(&res->headers) ||
	    !strbuf_ok(&res->lasting))
		res->lost = true;
	put(res, head.buf, head.len);
	res->started = true;
	strbuf_release(&head);
}

static void send_body(struct response *res)
{
	/* A body with something left out must not look whole. */
	if (!strbuf_ok(&res->body))
		res->lost = true;
	if (!res->head_only && res->lent != NULL)
		put(res, res->lent, res->lent_len);
	else if (!res->head_only)
		put(res, res->body.buf, res->body.len);
	if (res->kept.len + res->body.len <= res->keep_most)
		strbuf_add(&res->kept, res->body.buf, res->body.len);
	else
		res->keep_most = 0;
	strbuf_reset(&res->body);
}

void response_tag(struct response *res, const char *tag)
{
	snprintf(res->tag, sizeof(res->tag), "%s", tag);
}

void response_keep(struct response *res, size_t most)
{
	res->keep_most = most;
}

bool response_kept_whole(const struct response *res)
{
	return res->keep_most > 0 && res->status == 200 && !res->lost &&
	       *res->tag != '\0' && strbuf_ok(&res->kept);
}

bool response_flush_if_large(struct response *res)
{
	if (res->body.len < res->flush_at)
		return !res->lost;
	if (res->unwanted) {
		strbuf_reset(&res->body);
		return true;
	}
	if (res->withhold) {
		res->withheld = true;
		return false;
	}
	if (!res->started)
		send_head(res, false);
	send_body(res);
	return !res->lost;
}

enum dum_status response_flush_row(struct response *res, struct dum_error *err)
{
	if (!response_flush_if_large(res))
		return error_set(err, DUM_ESYS, "the client went away");
	return DUM_OK;
}

void response_not_modified(struct response *res)
{
	strbuf_reset(&res->body);
	res->lent = NULL;
	res->keep_most = 0;
	res->status = 304;
}

void response_lend(struct response *res, const char *body, size_t len)
{
	res->lent = body;
	res->lent_len = len;
}

void response_file(struct response *res, int fd, int64_t bytes)
{
	drop_file(res);
	res->file = fd;
	res->file_bytes = bytes;
}

void response_finish(struct response *res)
{
	if (!res->started)
		send_head(res, true);
	send_body(res);
}

void response_send_file(struct response *res, void (*each)(void))
{
	char piece[FLUSH_BYTES];
	int64_t left = res->head_only || res->file < 0 ? 0 : res->file_bytes;

	while (left > 0 && !res->lost) {
		size_t want = left < FLUSH_BYTES ? (size_t)left : FLUSH_BYTES;
		ssize_t n = read(res->file, piece, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (each != NULL)
			each();
		/* A file that ends too soon must not look whole. */
		if (n <= 0 || !res->write(res->write_arg, piece, (size_t)n))
			res->lost = true;
		left -= n;
	}
}

void response_start_over(struct response *res, int http_status,
                         const char *content_type)
{
	drop_file(res);
	strbuf_reset(&res->headers);
	strbuf_reset(&res->body);
	res->lent = NULL;
	res->tag[0] = '\0';
	res->keep_most = 0;
	res->status = http_status;
	res->content_type = content_type;
}
