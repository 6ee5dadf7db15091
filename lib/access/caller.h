#ifndef DUM_ACCESS_CALLER_H
#define DUM_ACCESS_CALLER_H
/*
 * caller - who is asking, once that is known: nobody, a user by a session, or
 * a program by a key. Made by session_find() and api_key_find().
 */
#include <stdbool.h>
#include <stdint.h>

#include "access/role.h"
#include "access/scope.h"
#include "crypto/hash.h"

enum caller_kind { CALLER_NOBODY, CALLER_USER, CALLER_KEY };

#define CALLER_NAME_MAX 401 /* of a user or a key: 100 characters of UTF-8 */

struct caller {
	enum caller_kind kind;
	int64_t id;         /* of the user or the key */
	int64_t session_id; /* 0: a key */
	enum role role;     /* of a user; ROLE_NONE: a key */
	unsigned scopes;    /* of a key */
	/* Compulsory for this account and not set up: it may do that alone. */
	bool must_enrol;
	int64_t expires_at; /* of the session or the key, s; 0: never */
	char name[CALLER_NAME_MAX];
	char actor[CALLER_NAME_MAX + 8]; /* for the journal: "user:alice" */
	/* For db_see_as(): "user:3", "key:5"; "" sees all locations. */
	char viewer[32];
	char csrf_token[HASH_HEX_MAX]; /* of a session; "" for a key */
};

/* Do two say of one caller that he may do the same? */
bool caller_may_the_same(const struct caller *a, const struct caller *b);

#endif
