#ifndef DUM_ACCESS_API_KEY_H
#define DUM_ACCESS_API_KEY_H
/*
 * api_key - keys of programs: "dum_PREFIX_SECRETCHECK", where PREFIX is 8
 * characters that say which key it is, SECRET 32 random bytes in base64url
 * (43 characters) and CHECK 6 hexadecimal digits of the SHA-256 of all before
 * them, so that a cut or mistyped key is told apart from a wrong one without
 * the database. The database holds the SHA-256 of the secret: 256 random bits
 * need no slow hash.
 */
#include "access/account.h"
#include "access/caller.h"
#include "store/db.h"

enum { API_KEY_SECRET_BYTES = 32 };

#define API_KEY_TEXT_MAX                                     \
	sizeof("dum_01234567_"                               \
	       "0123456789012345678901234567890123456789abc" \
	       "012345")
#define API_KEY_PREFIX_MAX 9

struct api_key {
	int64_t id;
	char prefix[API_KEY_PREFIX_MAX];
	char name[CALLER_NAME_MAX];
	unsigned scopes;
	bool is_limited;
	int64_t created_by; /* user; 0: the command line */
	char created_at[CLOCK_TEXT_MAX];
	int64_t expires_at;              /* s; 0: never */
	int64_t last_used_at;            /* s, to the minute; 0: never */
	char revoked_at[CLOCK_TEXT_MAX]; /* "": it is valid */
};

/*
 * The parts of a key's text; false where it is none, which its last six
 * characters tell.
 */
bool api_key_parse(char prefix_out[static API_KEY_PREFIX_MAX],
                   unsigned char secret_out[static API_KEY_SECRET_BYTES],
                   const char *text);

struct api_key_new {
	const char *name;
	unsigned scopes;             /* at least one */
	struct location_limit limit; /* a key with the scope admin has none */
	int64_t expires_at; /* 0: never; else in the future: DUM_EINVAL */
	int64_t created_by; /* 0: the command line */
	/*
	 * A key makes it: it counts as made by whoever made that one, and ends
	 * with it. 0: none does.
	 */
	int64_t made_by_key;
};

/*
 * Inside db_begin(). key_out is the only place where the secret ever shows.
 * DUM_EINVAL: with the member ("name", "scopes", "locations", "expires_at").
 */
DUM_MUST_CHECK enum dum_status api_key_add(
    struct api_key *out, char key_out[static API_KEY_TEXT_MAX], struct db *db,
    const struct api_key_new *new, struct dum_error *err);

/*
 * Whose key is it? DUM_EAUTH: nobody's, expired or revoked; the text does not
 * say which. Marks it as used, at most once a minute, and lets that be when the
 * database is busy. Outside of any transaction.
 */
DUM_MUST_CHECK enum dum_status api_key_find(struct caller *out, struct db *db,
                                            const char *text,
                                            struct dum_error *err);

/*
 * Inside of a change: may the caller, as api_key_find() gave it, still do what
 * he might when he was let in? DUM_EAUTH: no.
 */
DUM_MUST_CHECK enum dum_status api_key_still(struct db *db,
                                             const struct caller *caller,
                                             struct dum_error *err);

/*
 * After DUM_EAUTH: enter the event "key_refused" where there is such a key,
 * though revoked, expired or with another secret. At most once in
 * API_KEY_REFUSED_EVERY_S for each key, and not while the database is busy, so
 * that nobody can fill the journal with it.
 */
enum { API_KEY_REFUSED_EVERY_S = 3600 };
void api_key_refused(struct db *db, const struct origin *who, const char *text);

typedef enum dum_status (*api_key_fn)(void *arg, const struct api_key *key,
                                      struct dum_error *err);

/* All, revoked ones too, newest first. */
DUM_MUST_CHECK enum dum_status api_key_each(struct db *db, api_key_fn fn,
                                            void *arg, struct dum_error *err);

/* DUM_ENOTFOUND: there is none. By its prefix: for the command line. */
DUM_MUST_CHECK enum dum_status api_key_get(struct api_key *out, struct db *db,
                                           int64_t id, struct dum_error *err);
DUM_MUST_CHECK enum dum_status api_key_find_prefix(struct api_key *out,
                                                   struct db *db,
                                                   const char *prefix,
                                                   struct dum_error *err);

/* Inside db_begin(); one that is revoked already stays as it is. */
DUM_MUST_CHECK enum dum_status api_key_revoke(struct db *db, int64_t id,
                                              struct dum_error *err);

#endif
