#ifndef DUM_STORE_USER_H
#define DUM_STORE_USER_H
/*
 * user - rows of the table users. What an account may do and when it may
 * change is the business of access/account.h.
 *
 * The journal gets name, role, activity, locations and whether there is a
 * second factor; hashes, seeds and the time of the last log-in never.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"
#include "store/grant.h"

enum { USER_SEED_MAX = 64 };

struct user {
	int64_t id;
	char username[65];
	char role[8]; /* "viewer", "editor" or "admin" */
	bool is_active;
	bool is_limited; /* to its grants */
	char password_hash[128];
	unsigned char totp_seed[USER_SEED_MAX]; /* sealed */
	size_t totp_seed_len;                   /* 0: no second factor */
	bool totp_active;
	int64_t totp_last_step;
	char created_at[CLOCK_TEXT_MAX];
	char updated_at[CLOCK_TEXT_MAX];
	char last_login_at[CLOCK_TEXT_MAX]; /* "": never */
};

/* *found false: there is none, and *out is left alone. */
DUM_MUST_CHECK enum dum_status user_get(struct user *out, bool *found,
                                        struct db *db, int64_t id,
                                        struct dum_error *err);
DUM_MUST_CHECK enum dum_status user_find(struct user *out, bool *found,
                                         struct db *db, const char *username,
                                         struct dum_error *err);

typedef enum dum_status (*user_fn)(void *arg, const struct user *user,
                                   struct dum_error *err);

/* By name. */
DUM_MUST_CHECK enum dum_status user_each(struct db *db, user_fn fn, void *arg,
                                         struct dum_error *err);

DUM_MUST_CHECK enum dum_status user_count(int64_t *out, struct db *db,
                                          struct dum_error *err);

/* Active ones. */
DUM_MUST_CHECK enum dum_status user_count_admins(int64_t *out, struct db *db,
                                                 struct dum_error *err);

/*
 * All below inside db_begin(). Sets id and times of *user. limit: see
 * grant_set(); DUM_ECONFLICT: the name is taken.
 */
DUM_MUST_CHECK enum dum_status user_insert(struct user *user, struct db *db,
                                           const struct location_limit *limit,
                                           struct dum_error *err);

/*
 * Store what differs and enter it into the journal, unless it is of the kind
 * that the journal does not keep. limit NULL: its locations stay. Sets
 * updated_at of *after where somebody would call it a change.
 */
DUM_MUST_CHECK enum dum_status user_update(struct db *db,
                                           const struct user *before,
                                           struct user *after,
                                           const struct location_limit *limit,
                                           struct dum_error *err);

/* Its sessions and recovery codes go with it. */
DUM_MUST_CHECK enum dum_status user_delete(struct db *db,
                                           const struct user *user,
                                           struct dum_error *err);

#endif
