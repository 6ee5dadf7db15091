#ifndef DUM_STORE_GRANT_H
#define DUM_STORE_GRANT_H
/*
 * grant - which locations a limited account or key may see. A grantee is
 * "user:3" or "key:5", as db_see_as() takes it.
 */
#include <stdint.h>

#include "base/json_writer.h"
#include "store/db.h"

#define GRANTEE_MAX 32

void grantee_of_user(char out[static GRANTEE_MAX], int64_t user_id);
void grantee_of_key(char out[static GRANTEE_MAX], int64_t key_id);

/* Locations that somebody is limited to. count -1: not limited. */
struct location_limit {
	int64_t count;
	const int64_t *ids; /* borrowed */
};

/*
 * Inside db_begin(): these and no others. DUM_EINVAL with field "locations":
 * there is no such location.
 */
DUM_MUST_CHECK enum dum_status grant_set(struct db *db, const char *grantee,
                                         const struct location_limit *limit,
                                         struct dum_error *err);

typedef enum dum_status (*location_id_fn)(void *arg, int64_t location_id,
                                          struct dum_error *err);

/* Ids, ascending. */
DUM_MUST_CHECK enum dum_status grant_each(struct db *db, const char *grantee,
                                          location_id_fn fn, void *arg,
                                          struct dum_error *err);

/* Write the member "locations": an array of ids; null where not limited. */
DUM_MUST_CHECK enum dum_status grant_json(struct json_writer *w, struct db *db,
                                          const char *grantee, bool is_limited,
                                          struct dum_error *err);

#endif
