#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "crypto/random.h"

static const struct {
	const char *name;
	enum method method;
} methods[] = {
    {"GET", METHOD_GET},         {"HEAD", METHOD_HEAD},
    {"POST", METHOD_POST},       {"PUT", METHOD_PUT},
    {"PATCH", METHOD_PATCH},     {"DELETE", METHOD_DELETE},
    {"OPTIONS", METHOD_OPTIONS},
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

enum method method_find(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return 0;
}

void method_list(struct strbuf *out, unsigned set)
{
	const char *comma = "";

	for (size_t i = 0; i < METHODS; i++) {
		if ((set & methods[i].method) == 0)
			continue;
		strbuf_adds(out, comma);
		strbuf_adds(out, methods[i].name);
		comma = ", ";
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits alone: a sign or a blank is how requests are smuggled. */
static int64_t parse_length(const char *text)
{
	int64_t n = 0;

	if (text == NULL || *text == '\0')
		return 0;
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (!is_digit(text[i]) || i == 12)
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return n;
}

static bool id_is_plain(const char *id)
{
	size_t len = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                        "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return id[len] == '\0' && len >= 1 && len <= REQUEST_ID_MAX;
}

static void set_id(struct request *req, const char *id)
{
	struct dum_error ignored = {0};

	if (id != NULL && id_is_plain(id))
		memcpy(req->id, id, strlen(id) + 1);
	else if (random_hex(req->id, 16, &ignored) != DUM_OK)
		memcpy(req->id, "unknown", sizeof("unknown"));
}

void request_forget_caller(struct request *req)
{
	req->caller = (struct caller){
	    .kind = CALLER_NOBODY, .actor = "nobody", .viewer = "nobody"};
}

enum dum_status request_init(struct request *req, const char *method,
                             const char *uri, const char *length,
                             const char *id, struct dum_error *err)
{
	static const struct request_headers none = {"", "", "", "", "", "", "",
	                                            "", "", "", "", "", ""};
	size_t path_len;

	*req = (struct request){
	    .query = "", .address = "", .headers = none, .body_fd = -1};
	request_forget_caller(req);
	strbuf_init(&req->body);
	set_id(req, id);
	req->method = method_find(method);
	req->content_length = parse_length(length);
	if (uri[0] != '/')
		return error_set(err, DUM_EINVAL, "the request has no path");
	path_len = strcspn(uri, "?");
	if (path_len > REQUEST_PATH_MAX)
		return error_set(err, DUM_EINVAL,
		                 "the path is longer than %d bytes",
		                 REQUEST_PATH_MAX);
	memcpy(req->path, uri, path_len);
	req->path[path_len] = '\0';
	if (uri[path_len] == '?')
		req->query = uri + path_len + 1;
	if (strlen(req->query) > REQUEST_QUERY_MAX)
		return error_set(err, DUM_EINVAL,
		                 "the query is longer than %d bytes",
		                 REQUEST_QUERY_MAX);
	return DUM_OK;
}

void request_release(struct request *req)
{
	strbuf_release(&req->body);
	json_decref(req->json);
	req->json = NULL;
	free(req->ids);
	req->ids = NULL;
	if (req->body_fd >= 0)
		close(req->body_fd);
	req->body_fd = -1;
}

/* Takes a piece of the body. */
typedef enum dum_status (*body_fn)(void *arg, const char *data, size_t len,
                                   struct dum_error *err);

static enum dum_status read_body(struct request *req, body_fn fn, void *arg,
                                 struct dum_error *err)
{
	size_t wanted = (size_t)req->content_length, got = 0;
	enum dum_status status = DUM_OK;
	char extra;

	if (req->content_length < 0)
		return error_set(err, DUM_EINVAL,
		                 "Content-Length is not a number");
	while (status == DUM_OK && got < wanted) {
		char chunk[8192];
		size_t size = wanted - got < sizeof(chunk) ? wanted - got
		                                           : sizeof(chunk);
		size_t n = req->read(req->read_arg, chunk, size);

		status = fn(arg, chunk, n, err);
		got += n;
		if (n < size)
			break;
	}
	if (status != DUM_OK)
		return status;
	if (got < wanted)
		return error_set(err, DUM_EINVAL,
		                 "the body ends after %zu of %zu bytes", got,
		                 wanted);
	if (req->read != NULL && req->read(req->read_arg, &extra, 1) != 0)
		return error_set(err, DUM_EINVAL,
		                 "the body is longer than its Content-Length");
	return DUM_OK;
}

/* There is room for all of it. */
static enum dum_status add_to_memory(void *arg, const char *data, size_t len,
                                     struct dum_error *err)
{
	struct strbuf *body = arg;

	(void)err;
	strbuf_add(body, data, len);
	return DUM_OK;
}

enum dum_status request_read_body(struct request *req, struct dum_error *err)
{
	if (req->content_length > 0 &&
	    !strbuf_reserve(&req->body, (size_t)req->content_length))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return read_body(req, add_to_memory, &req->body, err);
}

static enum dum_status add_to_file(void *arg, const char *data, size_t len,
                                   struct dum_error *err)
{
	const int *fd = arg;

	if (fs_write_all(*fd, data, len) == 0)
		return DUM_OK;
	return error_set(
	    err, errno == ENOSPC || errno == EDQUOT ? DUM_EFULL : DUM_ESYS,
	    "the body can not be put down: %s", strerror(errno));
}

static enum dum_status rewind_file(int fd, struct dum_error *err)
{
	if (lseek(fd, 0, SEEK_SET) == 0)
		return DUM_OK;
	return error_set(err, DUM_ESYS, "the body can not be read again: %s",
	                 strerror(errno));
}

enum dum_status request_spool_body(struct request *req, const char *folder,
                                   struct dum_error *err)
{
	enum dum_status status;

	status = fs_open_nameless(&req->body_fd, folder, err);
	if (status == DUM_OK)
		status = read_body(req, add_to_file, &req->body_fd, err);
	return status == DUM_OK ? rewind_file(req->body_fd, err) : status;
}

enum dum_status request_move_body(struct request *req, const char *folder,
                                  struct dum_error *err)
{
	enum dum_status status;

	status = fs_open_nameless(&req->body_fd, folder, err);
	if (status == DUM_OK)
		status = add_to_file(&req->body_fd, req->body.buf,
		                     req->body.len, err);
	strbuf_release(&req->body);
	return status == DUM_OK ? rewind_file(req->body_fd, err) : status;
}
