#include "cors.h"

#include <string.h>

#define BLANKS " \t"

static bool is_any(const char *origins)
{
	return strcmp(origins, "*") == 0;
}

/* Exactly as it is listed: no pattern, no other port, no other scheme. */
static bool is_listed(const char *origins, const char *origin)
{
	size_t wanted = strlen(origin);

	while (*origins != '\0') {
		size_t len, step;

		origins += strspn(origins, BLANKS ",");
		step = strcspn(origins, ",");
		len = strcspn(origins, BLANKS ",");
		if (wanted > 0 && len == wanted &&
		    memcmp(origins, origin, len) == 0)
			return true;
		origins += step;
	}
	return false;
}

/* True: pages of this origin may read the answer. */
static bool allow_origin(struct response *res, const struct request *req,
                         const char *origins, bool any_may)
{
	const char *origin = req->headers.origin;

	if (is_any(origins)) {
		if (*origin == '\0' || !any_may)
			return false;
		response_lasting_header(res, "Access-Control-Allow-Origin",
		                        "*");
		return true;
	}
	/* The answer to the next page may be another one. */
	if (*origins != '\0')
		response_lasting_header(res, "Vary", "Origin");
	if (!is_listed(origins, origin))
		return false;
	response_lasting_header(res, "Access-Control-Allow-Origin", origin);
	return true;
}

void cors_add(struct response *res, const struct request *req,
              const struct credential *credential, const char *origins)
{
	bool reads = req->method == METHOD_GET || req->method == METHOD_HEAD;

	/* OPTIONS gets the headers of a preflight. */
	if (credential->kind == CREDENTIAL_SESSION ||
	    req->method == METHOD_OPTIONS)
		return;
	/* Of the other headers a page sees a few, and none of these. */
	if (allow_origin(res, req, origins,
	                 reads && credential->kind == CREDENTIAL_KEY))
		response_lasting_header(res, "Access-Control-Expose-Headers",
		                        "ETag, Location, Retry-After, "
		                        "Idempotency-Replayed");
}

void cors_add_preflight(struct response *res, const struct request *req,
                        unsigned methods, const char *origins)
{
	struct strbuf names = STRBUF_INIT;

	if (*req->headers.request_method == '\0')
		return;
	if (is_any(origins))
		methods &= METHOD_GET | METHOD_HEAD;
	methods &= ~(unsigned)METHOD_OPTIONS;
	if (methods != 0 && allow_origin(res, req, origins, true)) {
		method_list(&names, methods);
		response_header(res, "Access-Control-Allow-Methods", names.buf);
		response_header(res, "Access-Control-Allow-Headers",
		                "Authorization, Content-Type, Idempotency-Key, "
		                "If-Match, If-None-Match");
		response_header(res, "Access-Control-Max-Age", "600");
	}
	strbuf_release(&names);
}
