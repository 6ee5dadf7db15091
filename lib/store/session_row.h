#ifndef DUM_STORE_SESSION_ROW_H
#define DUM_STORE_SESSION_ROW_H
/*
 * session_row - rows of the table sessions; when one ends is the business of
 * access/session.h. Not journalled.
 */
#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "store/db.h"

enum { SESSION_ADDRESS_MAX = 64, SESSION_AGENT_MAX = 201 };

struct session_row {
	int64_t id;
	int64_t user_id;
	int64_t created_at, seen_at, expires_at; /* s */
	char address[SESSION_ADDRESS_MAX];
	char agent[SESSION_AGENT_MAX];
};

/* *found false: there is none, and *out is left alone. */
DUM_MUST_CHECK enum dum_status session_row_find(
    struct session_row *out, bool *found, struct db *db,
    const unsigned char token_hash[static HASH_BYTES], struct dum_error *err);

DUM_MUST_CHECK enum dum_status session_row_get(struct session_row *out,
                                               bool *found, struct db *db,
                                               int64_t id,
                                               struct dum_error *err);

typedef enum dum_status (*session_row_fn)(void *arg,
                                          const struct session_row *row,
                                          struct dum_error *err);

/* Those of a user, newest first. */
DUM_MUST_CHECK enum dum_status session_row_each(struct db *db, int64_t user_id,
                                                session_row_fn fn, void *arg,
                                                struct dum_error *err);

/* All below inside db_begin(). Starts at created_at; sets the id of *row. */
DUM_MUST_CHECK enum dum_status session_row_insert(
    struct session_row *row, struct db *db,
    const unsigned char token_hash[static HASH_BYTES], struct dum_error *err);

DUM_MUST_CHECK enum dum_status session_row_seen(struct db *db, int64_t id,
                                                int64_t now,
                                                struct dum_error *err);

/* *found false: the user has no such session. */
DUM_MUST_CHECK enum dum_status session_row_delete(bool *found, struct db *db,
                                                  int64_t user_id, int64_t id,
                                                  struct dum_error *err);

/* All of a user but one; keep 0: all. */
DUM_MUST_CHECK enum dum_status session_row_delete_others(struct db *db,
                                                         int64_t user_id,
                                                         int64_t keep,
                                                         struct dum_error *err);

/* All that have ended by now, or were last seen at idle_since or before. */
DUM_MUST_CHECK enum dum_status session_row_sweep(struct db *db, int64_t now,
                                                 int64_t idle_since,
                                                 struct dum_error *err);

#endif
