/* /api/auth/password: change one's own; every other session of it ends. */
#include "res/resources.h"

#include "body.h"
#include "param.h"
#include "res/parts.h"

enum dum_status password_post(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	static const struct member table[] = {
	    PARTS_PASSWORD_MEMBER("current_password"),
	    PARTS_NEW_PASSWORD_MEMBER("new_password", true),
	    {.name = NULL}};
	struct account_change change = {.is_active = -1};
	const struct caller *caller = &req->caller;
	struct origin who = app_origin(req);
	struct member_value values[2];
	char hash[PASSWORD_PHC_MAX];
	struct account account;
	enum dum_status status;

	status = param_none(req, err);
	if (status == DUM_OK)
		status = body_read(values, table, req, err);
	if (status == DUM_OK)
		status = parts_confirm_password(app, req, res, values[0].text,
		                                "current_password", err);
	if (status == DUM_OK)
		status = account_hash(hash, caller->name, values[1].text,
		                      "new_password", err);
	if (status == DUM_OK)
		status = db_begin(app->db, &who, err);
	if (status != DUM_OK)
		return status;
	change.password_hash = hash;
	status = account_update(&account, app->db, caller->id, &change,
	                        caller->session_id, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}
