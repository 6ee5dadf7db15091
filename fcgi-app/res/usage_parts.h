#ifndef DUM_APP_RES_USAGE_PARTS_H
#define DUM_APP_RES_USAGE_PARTS_H
/* usage_parts - what the resources of the days have in common. */
#include "app.h"
#include "base/json_writer.h"
#include "store/usage.h"

/* The members of a new day, by their place in usage_members. */
enum { USAGE_DATE, USAGE_LOCATION, USAGE_AMOUNT, USAGE_MEMBERS };

void usage_write_row(struct json_writer *w, const struct usage_row *row);

/* The day that somebody enters may be tomorrow's: a site can lie east of us. */
DUM_MUST_CHECK enum dum_status usage_check_day(const struct app *app,
                                               struct date day,
                                               struct dum_error *err);

/* POST with an array (res/usage_many.c). */
DUM_MUST_CHECK enum dum_status usage_post_many(struct app *app,
                                               struct request *req,
                                               struct response *res,
                                               struct dum_error *err);

#endif
