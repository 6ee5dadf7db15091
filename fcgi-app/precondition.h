#ifndef DUM_APP_PRECONDITION_H
#define DUM_APP_PRECONDITION_H
/*
 * precondition - the ETag of a single record, and If-Match: a change that is
 * based on what the record was before somebody else's is refused.
 *
 * The tag is made of the database's id and timeline and of the record and what
 * else is shown of it, so no change of another record moves it; nor does a
 * change of the settings.
 */
#include "answer_cache.h"
#include "app.h"
#include "store/location.h"
#include "store/summary.h"
#include "store/usage.h"

/* The location is that of the day: its names are shown with it. */
DUM_MUST_CHECK enum dum_status precondition_usage_tag(
    char out[static ANSWER_TAG_MAX], const struct app *app,
    const struct usage *usage, const struct location *location,
    struct dum_error *err);
DUM_MUST_CHECK enum dum_status precondition_location_tag(
    char out[static ANSWER_TAG_MAX], const struct app *app,
    const struct location *location, struct dum_error *err);

/* Of what was entered; what the days add up to beside it moves by itself. */
DUM_MUST_CHECK enum dum_status precondition_summary_tag(
    char out[static ANSWER_TAG_MAX], const struct app *app,
    const struct summary *summary, struct dum_error *err);

/* Of anything else that has one text, which is of that kind. */
DUM_MUST_CHECK enum dum_status precondition_text_tag(
    char out[static ANSWER_TAG_MAX], const struct app *app, const char *kind,
    const struct strbuf *text, struct dum_error *err);

/*
 * Is the record, whose tag that is, the one that the client means to change?
 * Asked inside of the change. False: 412 is the answer, and nothing is to be
 * changed. Without If-Match it is true. tag NULL: there is no record yet.
 */
bool precondition_holds(const struct request *req, struct response *res,
                        const char *tag);

/* The answer to a read of one record has its tag: 304 where that is known. */
void precondition_answer(const struct request *req, struct response *res);

#endif
