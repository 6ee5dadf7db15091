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

/* False: no name of a file that is ours is written so. */
static bool read_file(char out[static PATH_FILE_MAX], const char *text,
                      size_t len)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "abcdefghijklmnopqrstuvwxyz0123456789._-";

	if (len == 0 || len >= PATH_FILE_MAX || text[0] == '.' ||
	    strspn(text, plain) < len)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static bool matches(const char *pattern, const char *path, int64_t *id,
                    char file[static PATH_FILE_MAX])
{
	*id = 0;
	file[0] = '\0';
	while (*pattern != '\0') {
		if (*pattern == '{') {
			bool is_file = pattern[1] == 'f';
			size_t len = strcspn(path, "/");

			if (!is_file)
				*id = read_id(path, len);
			if (is_file ? !read_file(file, path, len) : *id == 0)
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
                               unsigned *allowed, int64_t *id_out,
                               char file_out[static PATH_FILE_MAX])
{
	enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;

	*allowed = 0;
	for (const struct route *r = routes; r->path != NULL; r++) {
		if (!matches(r->path, path, id_out, file_out))
			continue;
		if (r->method == wanted)
			return r;
		*allowed |= r->method | METHOD_OPTIONS;
		if (r->method == METHOD_GET)
			*allowed |= METHOD_HEAD;
	}
	return NULL;
}
