#include "route.h"

#include "res/resources.h"

/* The whole HTTP interface. A key may use no row of /api/auth. */
/* clang-format off */
const struct route routes[] = {
	/* method       path                           access         scope        body       flags             handler */
	{METHOD_GET,    "/health",                     ACCESS_PUBLIC, SCOPE_NEVER, BODY_NONE, ROUTE_WITHOUT_DB, health_get},

	{METHOD_POST,   "/api/auth/login",             ACCESS_PUBLIC, SCOPE_NEVER, BODY_JSON, ROUTE_CSRF_FREE,  login_post},
	{METHOD_POST,   "/api/auth/setup",             ACCESS_PUBLIC, SCOPE_NEVER, BODY_JSON, ROUTE_CSRF_FREE,  setup_post},
	{METHOD_GET,    "/api/auth/session",           ACCESS_PUBLIC, SCOPE_NEVER, BODY_NONE, 0,                session_get},
	{METHOD_POST,   "/api/auth/logout",            ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                logout_post},
	{METHOD_GET,    "/api/auth/sessions",          ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                sessions_get},
	{METHOD_DELETE, "/api/auth/sessions",          ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                sessions_delete_others},
	{METHOD_DELETE, "/api/auth/sessions/{id}",     ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                sessions_delete},
	{METHOD_POST,   "/api/auth/password",          ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                password_post},
	{METHOD_POST,   "/api/auth/totp",              ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                totp_post},
	{METHOD_POST,   "/api/auth/totp/confirm",      ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                totp_confirm_post},
	{METHOD_DELETE, "/api/auth/totp",              ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                totp_delete},

	{METHOD_GET,    "/api/users",                  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                users_get},
	{METHOD_POST,   "/api/users",                  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                users_post},
	{METHOD_PATCH,  "/api/users/{id}",             ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                users_patch},
	{METHOD_DELETE, "/api/users/{id}",             ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                users_delete},

	{METHOD_GET,    "/api/keys",                   ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                keys_get},
	{METHOD_POST,   "/api/keys",                   ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                keys_post},
	{METHOD_DELETE, "/api/keys/{id}",              ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                keys_delete},

	{METHOD_GET,    "/api/audit",                  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                audit_get},

	{METHOD_GET,    "/api/data/locations",         ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     location_list_get},
	{METHOD_POST,   "/api/data/locations",         ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                location_post},
	{METHOD_PATCH,  "/api/data/locations/{id}",    ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                location_patch},

	{METHOD_GET,    "/api/data/daily-usage",       ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     usage_list_get},
	{METHOD_POST,   "/api/data/daily-usage",       ACCESS_EDITOR, SCOPE_WRITE, BODY_JSON, 0,                usage_post},
	{METHOD_GET,    "/api/data/daily-usage/{id}",  ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, 0,                usage_record_get},
	{METHOD_PUT,    "/api/data/daily-usage/{id}",  ACCESS_EDITOR, SCOPE_WRITE, BODY_JSON, 0,                usage_record_put},
	{METHOD_DELETE, "/api/data/daily-usage/{id}",  ACCESS_EDITOR, SCOPE_WRITE, BODY_NONE, 0,                usage_record_delete},

	{METHOD_GET,    "/api/dashboard/overview",     ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     overview_get},
	{METHOD_GET,    "/api/dashboard/usage-trends", ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     trends_get},
	{.path = NULL}
};
/* clang-format on */
