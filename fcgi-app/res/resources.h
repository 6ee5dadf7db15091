#ifndef DUM_APP_RES_RESOURCES_H
#define DUM_APP_RES_RESOURCES_H
/*
 * resources - the handlers of routes.c and what they take, by the file that
 * has them. Tables end with .name == NULL.
 */
#include "access/session.h"
#include "route.h"

#define HANDLER(name)                                              \
	enum dum_status name(struct app *app, struct request *req, \
	                     struct response *res, struct dum_error *err)

/* res/health.c */
HANDLER(health_get);

/* res/openapi.c */
HANDLER(openapi_get);

/* res/login.c */
extern const struct member login_members[];
HANDLER(login_post);
HANDLER(logout_post);
HANDLER(session_get);

/*
 * Answer with a session that has just begun: the cookie, and what the page has
 * to know. The caller of the request is its user from now on.
 */
DUM_MUST_CHECK enum dum_status login_answer(struct app *app,
                                            struct request *req,
                                            struct response *res,
                                            const struct session_new *session,
                                            struct dum_error *err);

/* res/setup.c, res/sessions.c, res/password.c, res/totp.c */
extern const struct member setup_members[];
HANDLER(setup_post);
HANDLER(sessions_get);
HANDLER(sessions_delete_others);
HANDLER(sessions_delete);
extern const struct member password_members[];
HANDLER(password_post);
extern const struct member totp_members[];
HANDLER(totp_post);
extern const struct member totp_confirm_members[];
HANDLER(totp_confirm_post);
extern const struct member totp_remove_members[];
HANDLER(totp_delete);

/* res/users.c */
HANDLER(users_get);
extern const struct member user_members[];
HANDLER(users_post);
extern const struct member user_change_members[];
HANDLER(users_patch);
HANDLER(users_delete);

/* res/keys.c */
HANDLER(keys_get);
extern const struct member key_members[];
HANDLER(keys_post);
HANDLER(keys_delete);

/* res/audit.c */
extern const struct param audit_params[];
HANDLER(audit_get);

/* res/locations.c */
extern const struct param location_list_params[];
HANDLER(location_list_get);
HANDLER(location_get_one);
extern const struct member location_members[];
HANDLER(location_post);
extern const struct member location_change_members[];
HANDLER(location_patch);

/* res/jobs.c, res/imports.c, res/import_list.c */
HANDLER(jobs_get_one);
extern const struct param import_params[];
HANDLER(imports_post);
extern const struct param import_list_params[];
HANDLER(imports_get);
HANDLER(imports_undo);

/* res/daily_usage.c, res/usage_record.c */
extern const struct param usage_list_params[];
HANDLER(usage_list_get);
extern const struct member usage_members[];
HANDLER(usage_post);
HANDLER(usage_record_get);
extern const struct member usage_record_members[];
HANDLER(usage_record_put);
HANDLER(usage_record_delete);

/* res/cycles.c */
extern const struct param cycles_params[];
HANDLER(cycles_get);

/* res/summaries.c */
extern const struct param summaries_params[];
HANDLER(summaries_get);
HANDLER(summaries_get_one);
extern const struct member summary_members[];
HANDLER(summaries_put);
HANDLER(summaries_delete);

/* res/cycle_day.c */
extern const struct param cycle_day_params[];
HANDLER(cycle_day_get);
extern const struct member cycle_day_members[];
HANDLER(cycle_day_put);
HANDLER(cycle_day_delete);

/* res/backup_make.c, res/backups.c, res/backup_jobs.c, res/database_info.c */
extern const struct member backup_members[];
HANDLER(backup_post);
HANDLER(backups_get);
HANDLER(backups_get_one);
HANDLER(backups_delete);
extern const struct member backup_verify_members[];
HANDLER(backups_verify);
extern const struct member backup_restore_members[];
HANDLER(backups_restore);
HANDLER(database_info_get);

/* res/overview.c, res/trends.c */
HANDLER(overview_get);
extern const struct param trends_params[];
HANDLER(trends_get);

#endif
