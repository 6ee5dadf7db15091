#ifndef DUM_APP_RES_RESOURCES_H
#define DUM_APP_RES_RESOURCES_H
/* resources - the handlers of routes.c, by the file that has them. */
#include "route.h"

#define HANDLER(name)                                              \
	enum dum_status name(struct app *app, struct request *req, \
	                     struct response *res, struct dum_error *err)

/* res/health.c */
HANDLER(health_get);

/* res/locations.c */
HANDLER(location_list_get);
HANDLER(location_post);
HANDLER(location_patch);

/*
 * Is a location there that a request only names, outside of its path? DUM_EINVAL
 * when not: then the request is wrong, not its address.
 */
DUM_MUST_CHECK enum dum_status res_check_location(struct app *app, int64_t id,
                                                  struct dum_error *err);

/* res/daily_usage.c */
HANDLER(usage_list_get);
HANDLER(usage_post);
HANDLER(usage_record_get);
HANDLER(usage_record_put);
HANDLER(usage_record_delete);

/* res/overview.c, res/trends.c */
HANDLER(overview_get);
HANDLER(trends_get);

#endif
