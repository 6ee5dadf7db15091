#ifndef DUM_ACCESS_ROLE_H
#define DUM_ACCESS_ROLE_H
/*
 * role - what an account may do. Each may do all that those before it may.
 */

enum role {
	ROLE_NONE,
	ROLE_VIEWER, /* reads */
	ROLE_EDITOR, /* enters, corrects and imports data */
	ROLE_ADMIN   /* users, keys, settings, locations, backups, audit */
};

/* "viewer", "editor" or "admin"; ROLE_NONE: no such role. */
enum role role_find(const char *name);
const char *role_name(enum role role);

#endif
