#ifndef DUM_ACCESS_ACCOUNT_H
#define DUM_ACCESS_ACCOUNT_H
/*
 * account - users: made, changed, listed, removed. Changes run inside
 * db_begin() and are journalled without secrets or hashes.
 *
 * A password is hashed before the change begins, since that takes longer than
 * others should wait: account_hash() first, then db_begin().
 */
#include <stdbool.h>
#include <stdint.h>

#include "access/role.h"
#include "crypto/password.h"
#include "store/db.h"
#include "store/grant.h"

#define ACCOUNT_NAME_MAX 65 /* 1..64 of a-z 0-9 . _ @ -, first a-z or 0-9 */

struct account {
	int64_t id;
	char username[ACCOUNT_NAME_MAX];
	enum role role;
	bool is_active;
	bool is_limited; /* to the locations of grant_each("user:ID") */
	bool has_totp;   /* a second factor is set up and confirmed */
	char created_at[CLOCK_TEXT_MAX];
	char updated_at[CLOCK_TEXT_MAX];
	char last_login_at[CLOCK_TEXT_MAX]; /* "": never */
};

/*
 * Lower case of ASCII letters, and the rules above. DUM_EINVAL with field
 * "username".
 */
DUM_MUST_CHECK enum dum_status account_name(char out[static ACCOUNT_NAME_MAX],
                                            const char *text,
                                            struct dum_error *err);

/*
 * Check a new password by the rules of access/password_policy.h and hash it.
 * field names it in errors: "password" or "new_password". In a hash slot
 * (access/hash_slot.h) of the database's pool; db NULL: not in one, as for a
 * tool. DUM_EBUSY: no slot is free.
 */
DUM_MUST_CHECK enum dum_status account_hash(char out[static PASSWORD_PHC_MAX],
                                            const struct db *db,
                                            const char *username,
                                            const char *password,
                                            const char *field,
                                            struct dum_error *err);

/* What a new account gets. */
struct account_new {
	const char *username; /* as account_name() gives it */
	const char *password_hash;
	enum role role;
	struct location_limit limit; /* none for an admin: DUM_EINVAL */
};

/* DUM_ECONFLICT with field "username": taken. DUM_EINVAL: no such location. */
DUM_MUST_CHECK enum dum_status account_add(struct account *out, struct db *db,
                                           const struct account_new *new,
                                           struct dum_error *err);

/* As account_add, an admin, and only while there is no account at all. */
DUM_MUST_CHECK enum dum_status account_add_first(struct account *out,
                                                 struct db *db,
                                                 const struct account_new *new,
                                                 struct dum_error *err);

/* DUM_ENOTFOUND: there is none. */
DUM_MUST_CHECK enum dum_status account_get(struct account *out, struct db *db,
                                           int64_t id, struct dum_error *err);
DUM_MUST_CHECK enum dum_status account_find(struct account *out, struct db *db,
                                            const char *username,
                                            struct dum_error *err);

DUM_MUST_CHECK enum dum_status account_count(int64_t *out, struct db *db,
                                             struct dum_error *err);

typedef enum dum_status (*account_fn)(void *arg, const struct account *account,
                                      struct dum_error *err);

/* By user name. */
DUM_MUST_CHECK enum dum_status account_each(struct db *db, account_fn fn,
                                            void *arg, struct dum_error *err);

/* What to change; members that are 0, NULL or -1 stay. */
struct account_change {
	enum role role;                     /* ROLE_NONE: stays */
	int is_active;                      /* 0, 1 or -1 */
	const struct location_limit *limit; /* NULL: stays */
	const char *password_hash;          /* NULL: stays */
	bool remove_totp; /* lost phone: take the second factor away */
};

/*
 * A change of role, limit, password or activity, and of the second factor, ends
 * the user's sessions (but keep_session, 0: none is kept); one that is
 * disabled, or is an admin no longer, loses the keys that it made, too.
 * DUM_ECONFLICT: it would leave no active admin. DUM_EINVAL with field
 * "locations": an admin is not limited. Enters "password_changed" and
 * "totp_removed" where that was done.
 */
DUM_MUST_CHECK enum dum_status account_update(
    struct account *out, struct db *db, int64_t id,
    const struct account_change *change, int64_t keep_session,
    struct dum_error *err);

/* Remove it, its sessions and codes; keys that it made are revoked. */
DUM_MUST_CHECK enum dum_status account_delete(struct db *db, int64_t id,
                                              struct dum_error *err);

#endif
