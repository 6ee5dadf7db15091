#ifndef DUM_APP_ANSWER_TAG_H
#define DUM_APP_ANSWER_TAG_H
/*
 * answer_tag - what an answer made of data depends on, as one short name: the
 * ETag that clients get, and the name under which answer_cache keeps it.
 *
 * It is a hash of this program's version and settings, the database's id, its
 * timeline and data generation, the civil day, the path and query, and whether
 * it is text/csv. Two requests of callers who see all locations with one tag
 * get the same answer, from whichever worker.
 */
#include "answer_cache.h"
#include "app.h"

/*
 * What stays while a worker runs and has its database open: a digest of
 * version, settings and database id, for app->base_digest.
 */
DUM_MUST_CHECK enum dum_status answer_tag_base(char out[static HASH_HEX_MAX],
                                               struct db *db,
                                               const struct config *config,
                                               struct dum_error *err);

/* Inside of a read of the database, so that tag and answer fit together. */
DUM_MUST_CHECK enum dum_status answer_tag_make(char out[static ANSWER_TAG_MAX],
                                               const struct app *app,
                                               const struct request *req,
                                               struct dum_error *err);

/*
 * The tag of an answer that is made of the answer itself: to a caller who sees
 * some locations, since the data generation would tell him when others change
 * data, and of accounts, keys and the journal, which do not move that.
 */
DUM_MUST_CHECK enum dum_status answer_tag_of(char out[static ANSWER_TAG_MAX],
                                             const struct app *app,
                                             const struct strbuf *body,
                                             struct dum_error *err);

/*
 * Does If-None-Match name the tag? A list of quoted tags, weak ones too, since
 * nginx makes a tag weak where it compresses. "*" names none.
 */
bool answer_tag_matches(const char *if_none_match, const char *tag);

#endif
