#include "access/scope.h"

#include <string.h>

static const struct {
	enum scope scope;
	const char *name;
} scopes[] = {
    {SCOPE_READ, "read"},       {SCOPE_WRITE, "write"},
    {SCOPE_IMPORT, "import"},   {SCOPE_BACKUP, "backup"},
    {SCOPE_METRICS, "metrics"}, {SCOPE_ADMIN, "admin"},
};

enum { SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

static enum scope find(const char *name, size_t len)
{
	for (size_t i = 0; i < SCOPES; i++)
		if (strlen(scopes[i].name) == len &&
		    memcmp(scopes[i].name, name, len) == 0)
			return scopes[i].scope;
	return SCOPE_NEVER;
}

enum scope scope_find(const char *name)
{
	return find(name, strlen(name));
}

void scope_list(struct strbuf *out, unsigned set)
{
	const char *between = "";

	for (size_t i = 0; i < SCOPES; i++) {
		if ((set & scopes[i].scope) == 0)
			continue;
		strbuf_adds(out, between);
		strbuf_adds(out, scopes[i].name);
		between = " ";
	}
}

enum dum_status scope_parse(unsigned *out, const char *list,
                            struct dum_error *err)
{
	unsigned set = 0;

	while (*list != '\0') {
		size_t len = strcspn(list, " ");
		enum scope scope = find(list, len);

		if (len > 0 && scope == SCOPE_NEVER)
			return error_field(err, DUM_EINVAL, "scopes",
			                   "there is no scope '%.*s'; there "
			                   "are read, write, import, backup, "
			                   "metrics and admin",
			                   (int)(len < 40 ? len : 40), list);
		set |= scope;
		list += len + (list[len] == ' ');
	}
	*out = set;
	return DUM_OK;
}
