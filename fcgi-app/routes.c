#include "route.h"

#include "res/resources.h"

/* Keys that can have started one; and those that may take an import back. */
#define SCOPE_OF_JOBS (enum scope)(SCOPE_IMPORT | SCOPE_BACKUP)
#define SCOPE_OF_LIST (enum scope)(SCOPE_READ | SCOPE_IMPORT)

/* The whole HTTP interface. A key may use no row of /api/auth. */
/* clang-format off */
const struct route routes[] = {
	/* method       path                           access         scope        body       flags             handler, and what it takes */
	{METHOD_GET,    "/health",                     ACCESS_PUBLIC, SCOPE_NEVER, BODY_NONE, ROUTE_WITHOUT_DB, .fn = health_get},

	{METHOD_GET,    "/api/openapi.json",           ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, 0,                .fn = openapi_get},

	{METHOD_POST,   "/api/auth/login",             ACCESS_PUBLIC, SCOPE_NEVER, BODY_JSON, ROUTE_CSRF_FREE,  .fn = login_post,
	 .members = login_members},
	{METHOD_POST,   "/api/auth/setup",             ACCESS_PUBLIC, SCOPE_NEVER, BODY_JSON, ROUTE_CSRF_FREE,  .fn = setup_post,
	 .members = setup_members},
	{METHOD_GET,    "/api/auth/session",           ACCESS_PUBLIC, SCOPE_NEVER, BODY_NONE, 0,                .fn = session_get},
	{METHOD_POST,   "/api/auth/logout",            ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                .fn = logout_post},
	{METHOD_GET,    "/api/auth/sessions",          ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                .fn = sessions_get},
	{METHOD_DELETE, "/api/auth/sessions",          ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                .fn = sessions_delete_others},
	{METHOD_DELETE, "/api/auth/sessions/{id}",     ACCESS_VIEWER, SCOPE_NEVER, BODY_NONE, 0,                .fn = sessions_delete},
	{METHOD_POST,   "/api/auth/password",          ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                .fn = password_post,
	 .members = password_members},
	{METHOD_POST,   "/api/auth/totp",              ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                .fn = totp_post,
	 .members = totp_members},
	{METHOD_POST,   "/api/auth/totp/confirm",      ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                .fn = totp_confirm_post,
	 .members = totp_confirm_members},
	{METHOD_DELETE, "/api/auth/totp",              ACCESS_VIEWER, SCOPE_NEVER, BODY_JSON, 0,                .fn = totp_delete,
	 .members = totp_remove_members},

	{METHOD_GET,    "/api/users",                  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, ROUTE_OWN_TAG,    .fn = users_get},
	{METHOD_POST,   "/api/users",                  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                .fn = users_post,
	 .members = user_members},
	{METHOD_PATCH,  "/api/users/{id}",             ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                .fn = users_patch,
	 .members = user_change_members},
	{METHOD_DELETE, "/api/users/{id}",             ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                .fn = users_delete},

	{METHOD_GET,    "/api/keys",                   ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, ROUTE_OWN_TAG,    .fn = keys_get},
	{METHOD_POST,   "/api/keys",                   ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                .fn = keys_post,
	 .members = key_members},
	{METHOD_DELETE, "/api/keys/{id}",              ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                .fn = keys_delete},

	{METHOD_GET,    "/api/audit",                  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, ROUTE_OWN_TAG,    .fn = audit_get,
	 .params = audit_params},

	{METHOD_GET,    "/api/data/locations",         ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     .fn = location_list_get,
	 .params = location_list_params},
	{METHOD_POST,   "/api/data/locations",         ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, 0,                .fn = location_post,
	 .members = location_members},
	{METHOD_GET,    "/api/data/locations/{id}",    ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, 0,                .fn = location_get_one},
	{METHOD_PATCH,  "/api/data/locations/{id}",    ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, ROUTE_MATCH,      .fn = location_patch,
	 .members = location_change_members},

	{METHOD_GET,    "/api/data/daily-usage",       ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED | ROUTE_CSV, .fn = usage_list_get,
	 .params = usage_list_params},
	{METHOD_POST,   "/api/data/daily-usage",       ACCESS_EDITOR, SCOPE_WRITE, BODY_JSON, ROUTE_MANY | ROUTE_MATCH, .fn = usage_post,
	 .members = usage_members},
	{METHOD_GET,    "/api/data/daily-usage/{id}",  ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, 0,                .fn = usage_record_get},
	{METHOD_PUT,    "/api/data/daily-usage/{id}",  ACCESS_EDITOR, SCOPE_WRITE, BODY_JSON, ROUTE_MATCH,      .fn = usage_record_put,
	 .members = usage_record_members},
	{METHOD_DELETE, "/api/data/daily-usage/{id}",  ACCESS_EDITOR, SCOPE_WRITE, BODY_NONE, ROUTE_MATCH,      .fn = usage_record_delete},

	{METHOD_GET,    "/api/data/cycles",            ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     .fn = cycles_get,
	 .params = cycles_params},

	{METHOD_GET,    "/api/data/monthly-summaries", ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     .fn = summaries_get,
	 .params = summaries_params},
	{METHOD_PUT,    "/api/data/monthly-summaries", ACCESS_EDITOR, SCOPE_WRITE, BODY_JSON, ROUTE_MATCH,      .fn = summaries_put,
	 .members = summary_members},
	{METHOD_GET,    "/api/data/monthly-summaries/{id}", ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, 0,           .fn = summaries_get_one},
	{METHOD_DELETE, "/api/data/monthly-summaries/{id}", ACCESS_EDITOR, SCOPE_WRITE, BODY_NONE, ROUTE_MATCH, .fn = summaries_delete},

	{METHOD_GET,    "/api/imports",                ACCESS_VIEWER, SCOPE_OF_LIST,  BODY_NONE, ROUTE_TAGGED,     .fn = imports_get,
	 .params = import_list_params},
	{METHOD_POST,   "/api/imports",                ACCESS_EDITOR, SCOPE_IMPORT, BODY_CSV, 0,                .fn = imports_post,
	 .params = import_params},
	{METHOD_POST,   "/api/imports/{id}/undo",      ACCESS_EDITOR, SCOPE_IMPORT, BODY_NONE, 0,               .fn = imports_undo},

	{METHOD_GET,    "/api/jobs/{id}",              ACCESS_VIEWER, SCOPE_OF_JOBS, BODY_NONE, ROUTE_NO_READ,  .fn = jobs_get_one},

	{METHOD_GET,    "/api/settings/billing-cycle", ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, 0,                .fn = cycle_day_get,
	 .params = cycle_day_params},
	{METHOD_PUT,    "/api/settings/billing-cycle", ACCESS_ADMIN,  SCOPE_ADMIN, BODY_JSON, ROUTE_MATCH,      .fn = cycle_day_put,
	 .members = cycle_day_members},
	{METHOD_DELETE, "/api/settings/billing-cycle/{id}", ACCESS_ADMIN, SCOPE_ADMIN, BODY_NONE, ROUTE_MATCH,  .fn = cycle_day_delete},

	{METHOD_POST,   "/api/system/backup",          ACCESS_ADMIN,  SCOPE_BACKUP, BODY_JSON, ROUTE_MAY_BE_EMPTY, .fn = backup_post,
	 .members = backup_members},
	{METHOD_GET,    "/api/system/backups",         ACCESS_ADMIN,  SCOPE_BACKUP, BODY_NONE, ROUTE_NO_READ,   .fn = backups_get},
	{METHOD_GET,    "/api/system/backups/{file}",  ACCESS_ADMIN,  SCOPE_BACKUP, BODY_NONE, ROUTE_NO_READ,   .fn = backups_get_one},
	{METHOD_DELETE, "/api/system/backups/{file}",  ACCESS_ADMIN,  SCOPE_ADMIN, BODY_NONE, 0,                .fn = backups_delete},
	{METHOD_POST,   "/api/system/backups/{file}/verify", ACCESS_ADMIN, SCOPE_BACKUP, BODY_JSON, ROUTE_MAY_BE_EMPTY, .fn = backups_verify,
	 .members = backup_verify_members},
	{METHOD_POST,   "/api/system/backups/{file}/restore", ACCESS_ADMIN, SCOPE_ADMIN, BODY_JSON, 0,          .fn = backups_restore,
	 .members = backup_restore_members},
	{METHOD_GET,    "/api/system/database-info",   ACCESS_ADMIN,  SCOPE_BACKUP, BODY_NONE, 0,               .fn = database_info_get},

	{METHOD_GET,    "/api/dashboard/overview",     ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     .fn = overview_get},
	{METHOD_GET,    "/api/dashboard/usage-trends", ACCESS_VIEWER, SCOPE_READ,  BODY_NONE, ROUTE_TAGGED,     .fn = trends_get,
	 .params = trends_params},
	{.path = NULL}
};
/* clang-format on */
