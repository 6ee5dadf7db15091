#ifndef DUM_APP_RES_RESOURCES_H
#define DUM_APP_RES_RESOURCES_H
/* resources - the handlers of routes.c, by the file that has them. */
#include "access/session.h"
#include "route.h"

#define HANDLER(name)                                              \
	enum dum_status name(struct app *app, struct request *req, \
	                     struct response *res, struct dum_error *err)

/* res/health.c */
HANDLER(health_get);

/* res/login.c */
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
HANDLER(setup_post);
HANDLER(sessions_get);
HANDLER(sessions_delete_others);
HANDLER(sessions_delete);
HANDLER(password_post);
HANDLER(totp_post);
HANDLER(totp_confirm_post);
HANDLER(totp_delete);

/* res/users.c */
HANDLER(users_get);
HANDLER(users_post);
HANDLER(users_patch);
HANDLER(users_delete);

/* res/keys.c */
HANDLER(keys_get);
HANDLER(keys_post);
HANDLER(keys_delete);

/* res/audit.c */
HANDLER(audit_get);

/* res/locations.c */
HANDLER(location_list_get);
HANDLER(location_post);
HANDLER(location_patch);

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
