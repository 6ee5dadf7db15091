#ifndef DUM_STORE_LOCATION_H
#define DUM_STORE_LOCATION_H
/*
 * location - the metered lines whose use is kept.
 *
 * The name is the key that files use; the display name is for people. Both
 * are one printable line of UTF-8 without blanks around it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

/* Characters, and the bytes that as many characters can take. */
#define LOCATION_NAME_CHARS    100
#define LOCATION_NAME_MAX      (LOCATION_NAME_CHARS * 4 + 1)
#define LOCATION_DISPLAY_CHARS 200
#define LOCATION_DISPLAY_MAX   (LOCATION_DISPLAY_CHARS * 4 + 1)

struct location {
	int64_t id;
	char name[LOCATION_NAME_MAX];
	char display_name[LOCATION_DISPLAY_MAX];
	bool is_active;
	char created_at[CLOCK_TEXT_MAX];
};

/*
 * Called for each row; another status than DUM_OK ends the list and is passed
 * on.
 */
typedef enum dum_status (*location_fn)(void *arg,
                                       const struct location *location,
                                       struct dum_error *err);

/* By display name, then id. */
DUM_MUST_CHECK enum dum_status location_each(struct db *db,
                                             bool include_inactive,
                                             location_fn fn, void *arg,
                                             struct dum_error *err);

/* DUM_ENOTFOUND: there is none. */
DUM_MUST_CHECK enum dum_status location_get(struct location *out, struct db *db,
                                            int64_t id, struct dum_error *err);
DUM_MUST_CHECK enum dum_status location_find(struct location *out,
                                             struct db *db, const char *name,
                                             struct dum_error *err);

/* How many active ones there are. */
DUM_MUST_CHECK enum dum_status location_count(int64_t *out, struct db *db,
                                              struct dum_error *err);

/*
 * Add one, inside db_begin(). display_name NULL: made from the name by
 * location_readable(). DUM_EINVAL: with the member in err->field.
 * DUM_ECONFLICT: the name is taken.
 */
DUM_MUST_CHECK enum dum_status location_add(struct location *out, struct db *db,
                                            const char *name,
                                            const char *display_name,
                                            struct dum_error *err);

/*
 * The same for one that was somewhere else before: it may be inactive, and
 * created_at ("": the time of the change) is kept.
 */
DUM_MUST_CHECK enum dum_status location_add_as(struct location *out,
                                               struct db *db, const char *name,
                                               const char *display_name,
                                               bool is_active,
                                               const char *created_at,
                                               struct dum_error *err);

/* What to change; a NULL or -1 member stays as it is. */
struct location_change {
	const char *name;
	const char *display_name;
	int is_active; /* 0, 1 or -1 */
};

/* Change one, inside db_begin(). As location_add, and DUM_ENOTFOUND. */
DUM_MUST_CHECK enum dum_status location_update(
    struct location *out, struct db *db, int64_t id,
    const struct location_change *change, struct dum_error *err);

/*
 * A readable form of a name: '_', '-' and '.' become blanks and each word
 * that is all lower case gets a capital: "branch_north-2" is "Branch North 2",
 * "US" stays "US". Truncated to what a display name may hold.
 */
void location_readable(char out[static LOCATION_DISPLAY_MAX], const char *name);

#endif
