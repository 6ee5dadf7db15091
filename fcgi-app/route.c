#include "route.h"

#include <string.h>

/* A positive number without sign or leading zero; 0 for anything else. */
static int64_t read_id(const char *text, size_t len)
{
	int64_t n = 0;

	if (len == 0 || len > 18 || text[0] == '0')
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		n = n * 10 + (text[i] - '0');
	}
	return n;
}

static bool matches(const char *pattern, const char *path, int64_t *id)
{
	*id = 0;
	while (*pattern != '\0') {
		if (*pattern == '{') {
			size_t len = strcspn(path, "/");

			*id = read_id(path, len);
			if (*id == 0)
				return false;
			path += len;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

const struct route *route_find(enum method method, const char *path,
                               unsigned *allowed, int64_t *id_out)
{
	enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;

	*allowed = 0;
	for (const struct route *r = routes; r->path != NULL; r++) {
		if (!matches(r->path, path, id_out))
			continue;
		if (r->method == wanted)
			return r;
		*allowed |= r->method | METHOD_OPTIONS;
		if (r->method == METHOD_GET)
			*allowed |= METHOD_HEAD;
	}
	return NULL;
}
