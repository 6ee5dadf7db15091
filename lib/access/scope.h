#ifndef DUM_ACCESS_SCOPE_H
#define DUM_ACCESS_SCOPE_H
/*
 * scope - what a key may do. A key holds a set of them, and none implies
 * another, but for admin, which stands for all.
 */
#include "base/error.h"
#include "base/strbuf.h"

enum scope {
	SCOPE_NEVER = 0,        /* of a route: no key may */
	SCOPE_READ = 1 << 0,    /* data and settings */
	SCOPE_WRITE = 1 << 1,   /* enter, correct and delete days */
	SCOPE_IMPORT = 1 << 2,  /* files, and taking them back */
	SCOPE_BACKUP = 1 << 3,  /* make, list, verify, fetch; no more */
	SCOPE_METRICS = 1 << 4, /* figures for monitoring */
	SCOPE_ADMIN = 1 << 5    /* everything */
};

/* One scope by its name: "read", "write" ...; SCOPE_NEVER: no such scope. */
enum scope scope_find(const char *name);

/* Append the names of a set, a blank between them. */
void scope_list(struct strbuf *out, unsigned scopes);

/* The set that such a list names. DUM_EINVAL: with the word that is wrong. */
DUM_MUST_CHECK enum dum_status scope_parse(unsigned *out, const char *list,
                                           struct dum_error *err);

#endif
