#include "change.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "problem.h"
#include "store/idempotency.h"

static bool has_key(const struct request *req)
{
	return *req->headers.idempotency_key != '\0';
}

static enum dum_status hash_file(struct hasher *hasher, int fd,
                                 struct dum_error *err)
{
	char chunk[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, DUM_ESYS,
			                 "the body can not be read again: %s",
			                 strerror(errno));
		hasher_write(hasher, chunk, (size_t)n);
		at += n;
	}
	return DUM_OK;
}

/* Each part with its NUL, so that none can end in the next. */
static enum dum_status hash_request(struct idempotent_request *out,
                                    const struct request *req,
                                    struct dum_error *err)
{
	const char method = (char)req->method;
	struct hasher *hasher = NULL;
	enum dum_status status;

	status = hasher_new(&hasher, err);
	if (status != DUM_OK)
		return status;
	hasher_write(hasher, &method, 1);
	hasher_write(hasher, req->path, strlen(req->path) + 1);
	hasher_write(hasher, req->query, strlen(req->query) + 1);
	if (req->body_fd >= 0)
		status = hash_file(hasher, req->body_fd, err);
	else
		hasher_write(hasher, req->body.buf, req->body.len);
	if (status == DUM_OK)
		hasher_finish(hasher, out->hash);
	hasher_free(hasher);
	return status;
}

static enum dum_status name_request(struct idempotent_request *out,
                                    const struct request *req,
                                    struct dum_error *err)
{
	*out = (struct idempotent_request){.actor = req->caller.actor,
	                                   .key = req->headers.idempotency_key};
	return hash_request(out, req, err);
}

static void replay(void *arg, const struct idempotent_answer *answer)
{
	struct response *res = arg;

	res->status = answer->status;
	strbuf_adds(&res->headers, answer->headers);
	strbuf_adds(&res->body, answer->body);
	response_tag(res, answer->tag);
	response_header(res, "Idempotency-Replayed", "true");
}

/* True: it is answered. */
static bool answer_again(struct app *app, struct request *req,
                         struct response *res, enum dum_status *status,
                         struct dum_error *err)
{
	enum idempotency_found found = IDEMPOTENCY_NEW;
	struct idempotent_request request;

	*status = name_request(&request, req, err);
	if (*status == DUM_OK)
		*status = idempotency_find(&found, app->db, &request, replay,
		                           res, err);
	/* It is a header that is wrong, not something in the body. */
	if (*status == DUM_EINVAL) {
		req->in_body = false;
		req->in_item = 0;
	}
	if (*status == DUM_OK && found == IDEMPOTENCY_OTHER)
		problem_http(res, req, 422,
		             "This Idempotency-Key was used with another "
		             "request.");
	return *status == DUM_OK && found != IDEMPOTENCY_NEW;
}

bool change_begin(struct app *app, struct request *req, struct response *res,
                  enum dum_status *status, struct dum_error *err)
{
	struct origin who = app_origin(req);

	*status = db_begin(app->db, &who, err);
	if (*status != DUM_OK || !has_key(req))
		return *status == DUM_OK;
	if (!answer_again(app, req, res, status, err) && *status == DUM_OK)
		return true;
	db_rollback(app->db);
	return false;
}

enum dum_status change_commit(struct app *app, struct request *req,
                              const struct response *res, struct dum_error *err)
{
	const struct idempotent_answer answer = {.status = res->status,
	                                         .headers = res->headers.buf,
	                                         .tag = res->tag,
	                                         .body = res->body.buf};
	struct idempotent_request request;
	enum dum_status status = DUM_OK;

	if (!strbuf_ok(&res->body) || !strbuf_ok(&res->headers))
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (has_key(req)) {
		status = name_request(&request, req, err);
		if (status == DUM_OK)
			status = idempotency_keep(app->db, &request, &answer,
			                          err);
	}
	return status == DUM_OK ? db_commit(app->db, err) : status;
}
