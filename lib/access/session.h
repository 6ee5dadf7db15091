#ifndef DUM_ACCESS_SESSION_H
#define DUM_ACCESS_SESSION_H
/*
 * session - a user who has logged in. The token is 32 random bytes in
 * base64url; the database holds its SHA-256 alone, so a copy of the database
 * opens nothing. It ends after SESSION_IDLE_MINUTES without a request and
 * after SESSION_MAX_HOURS in any case, and survives a restart of the pool.
 *
 * The CSRF token is derived from the session's token:
 * HMAC-SHA256(token bytes, "csrf"), in hexadecimal; nothing more is stored.
 */
#include "access/caller.h"
#include "base/base64.h"
#include "store/db.h"

enum { SESSION_TOKEN_BYTES = 32 };

struct session_new {
	int64_t id;
	int64_t expires_at; /* s */
	char token[BASE64_MAX(SESSION_TOKEN_BYTES)];
	char csrf_token[HASH_HEX_MAX];
};

/* Start one, inside db_begin(); sessions that are over are swept out. */
DUM_MUST_CHECK enum dum_status session_start(struct session_new *out,
                                             struct db *db, int64_t user_id,
                                             const char *address,
                                             const char *agent,
                                             struct dum_error *err);

/*
 * Whose session is it? DUM_EAUTH: nobody's, or it is over. Marks it as seen,
 * at most once a minute, and lets that be when the database is busy. Outside
 * of any transaction.
 */
DUM_MUST_CHECK enum dum_status session_find(struct caller *out, struct db *db,
                                            const char *token,
                                            struct dum_error *err);

/*
 * Inside of a change: may the caller, as session_find() gave it, still do what
 * he might when he was let in? DUM_EAUTH: no.
 */
DUM_MUST_CHECK enum dum_status session_still(struct db *db,
                                             const struct caller *caller,
                                             struct dum_error *err);

struct session {
	int64_t id;
	int64_t created_at, seen_at, expires_at; /* s */
	const char *address;
	const char *agent;
};

typedef enum dum_status (*session_fn)(void *arg, const struct session *session,
                                      struct dum_error *err);

/* Those of a user that are not over, newest first. */
DUM_MUST_CHECK enum dum_status session_each(struct db *db, int64_t user_id,
                                            session_fn fn, void *arg,
                                            struct dum_error *err);

/* Inside db_begin(). DUM_ENOTFOUND: the user has no such session. */
DUM_MUST_CHECK enum dum_status session_end(struct db *db, int64_t user_id,
                                           int64_t id, struct dum_error *err);

/* Inside db_begin(): all of a user but one; keep 0: all. */
DUM_MUST_CHECK enum dum_status session_end_others(struct db *db,
                                                  int64_t user_id, int64_t keep,
                                                  struct dum_error *err);

#endif
