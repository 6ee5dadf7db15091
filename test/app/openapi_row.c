#include "openapi_row.h"

#include <string.h>

static bool is_under(const struct route *r, const char *prefix)
{
	return strncmp(r->path, prefix, strlen(prefix)) == 0;
}

bool openapi_row_is_keyed(const struct route *r)
{
	return r->method != METHOD_GET &&
	       (is_under(r, "/api/data/") || is_under(r, "/api/imports") ||
	        is_under(r, "/api/settings/"));
}

bool openapi_row_is_matched(const struct route *r)
{
	return (r->flags & ROUTE_MATCH) != 0;
}

bool openapi_row_is_tagged(const struct route *r)
{
	return (r->flags & (ROUTE_TAGGED | ROUTE_OWN_TAG)) != 0 ||
	       (r->method == METHOD_GET &&
	        (is_under(r, "/api/settings/") ||
	         (is_under(r, "/api/data/") && strchr(r->path, '{') != NULL)));
}

int openapi_row_status(const struct route *r, int status)
{
	bool is_public = r->access == ACCESS_PUBLIC;
	bool unsafe = r->method != METHOD_GET;

	switch (status) {
	case 400:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return 2;
	case 401:
		return is_public ? 1 : 2;
	case 403:
		return !is_public || unsafe ? 2 : 0;
	case 404:
		return strchr(r->path, '{') != NULL ? 2 : 0;
	case 413:
	case 415:
		return r->body != BODY_NONE ? 2 : 0;
	case 507:
		return unsafe ? 2 : 0;
	case 304:
		return openapi_row_is_tagged(r) ? 2 : 0;
	case 412:
		return openapi_row_is_matched(r) ? 2 : 0;
	case 422:
		return openapi_row_is_keyed(r) ? 2 : 0;
	case 202: /* a job */
		return (is_under(r, "/api/imports") ||
		        is_under(r, "/api/system")) &&
		               r->method == METHOD_POST
		           ? 2
		           : 0;
	case 409:
		return unsafe ? 1 : 0;
	case 200:
		return 1;
	case 201:
	case 204:
		return unsafe ? 1 : 0;
	default:
		return 0;
	}
}
