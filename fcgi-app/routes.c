#include "route.h"

#include "res/resources.h"

/* The whole HTTP interface. */
/* clang-format off */
const struct route routes[] = {
	/* method       path                             access         body       handler */
	{METHOD_GET,    "/health",                       ACCESS_PUBLIC, BODY_NONE, health_get},

	{METHOD_GET,    "/api/data/locations",           ACCESS_VIEWER, BODY_NONE, location_list_get},
	{METHOD_POST,   "/api/data/locations",           ACCESS_ADMIN,  BODY_JSON, location_post},
	{METHOD_PATCH,  "/api/data/locations/{id}",      ACCESS_ADMIN,  BODY_JSON, location_patch},

	{METHOD_GET,    "/api/data/daily-usage",         ACCESS_VIEWER, BODY_NONE, usage_list_get},
	{METHOD_POST,   "/api/data/daily-usage",         ACCESS_EDITOR, BODY_JSON, usage_post},
	{METHOD_GET,    "/api/data/daily-usage/{id}",    ACCESS_VIEWER, BODY_NONE, usage_record_get},
	{METHOD_PUT,    "/api/data/daily-usage/{id}",    ACCESS_EDITOR, BODY_JSON, usage_record_put},
	{METHOD_DELETE, "/api/data/daily-usage/{id}",    ACCESS_EDITOR, BODY_NONE, usage_record_delete},

	{METHOD_GET,    "/api/dashboard/overview",       ACCESS_VIEWER, BODY_NONE, overview_get},
	{METHOD_GET,    "/api/dashboard/usage-trends",   ACCESS_VIEWER, BODY_NONE, trends_get},
	{.path = NULL}
};
/* clang-format on */
