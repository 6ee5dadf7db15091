#include "access/role.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
    [ROLE_VIEWER] = "viewer",
    [ROLE_EDITOR] = "editor",
    [ROLE_ADMIN] = "admin",
};

enum role role_find(const char *name)
{
	for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
		if (strcmp(names[role], name) == 0)
			return role;
	return ROLE_NONE;
}

const char *role_name(enum role role)
{
	return role >= ROLE_VIEWER && role <= ROLE_ADMIN ? names[role] : "none";
}
