#ifndef DUM_STORE_KEY_ROW_H
#define DUM_STORE_KEY_ROW_H
/*
 * key_row - rows of the table api_keys; what a key is and may do is the
 * business of access/api_key.h. Journalled without the secret's hash and the
 * time of the last use.
 */
#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "store/db.h"
#include "store/grant.h"

struct key_row {
	int64_t id;
	char prefix[9];
	char name[401];
	unsigned char secret_hash[HASH_BYTES];
	char scopes[64];     /* words, a blank between them */
	bool is_limited;     /* to its grants */
	int64_t created_by;  /* 0: nobody who is there */
	int64_t made_by_key; /* 0: no key made it */
	char created_at[CLOCK_TEXT_MAX];
	int64_t expires_at;              /* s; 0: never */
	int64_t last_used_at;            /* s; 0: never */
	char revoked_at[CLOCK_TEXT_MAX]; /* "": it is valid */
};

/* *found false: there is none, and *out is left alone. */
DUM_MUST_CHECK enum dum_status key_row_get(struct key_row *out, bool *found,
                                           struct db *db, int64_t id,
                                           struct dum_error *err);
DUM_MUST_CHECK enum dum_status key_row_find(struct key_row *out, bool *found,
                                            struct db *db, const char *prefix,
                                            struct dum_error *err);

typedef enum dum_status (*key_row_fn)(void *arg, const struct key_row *row,
                                      struct dum_error *err);

/* Newest first. */
DUM_MUST_CHECK enum dum_status key_row_each(struct db *db, key_row_fn fn,
                                            void *arg, struct dum_error *err);

/*
 * All below inside db_begin(). Sets id and created_at of *row. limit: see
 * grant_set(). DUM_ECONFLICT: the prefix is taken.
 */
DUM_MUST_CHECK enum dum_status key_row_insert(
    struct key_row *row, struct db *db, const struct location_limit *limit,
    struct dum_error *err);

DUM_MUST_CHECK enum dum_status key_row_used(struct db *db, int64_t id,
                                            int64_t now, struct dum_error *err);

/*
 * Take it back, and all keys that were made with it; one that was taken back
 * stays as it is.
 */
DUM_MUST_CHECK enum dum_status key_row_revoke(struct db *db,
                                              const struct key_row *row,
                                              struct dum_error *err);

/* The same with all that a user made. */
DUM_MUST_CHECK enum dum_status key_row_revoke_of(struct db *db, int64_t user_id,
                                                 struct dum_error *err);

#endif
