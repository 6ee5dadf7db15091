/* /api/auth/password: change one's own; every other session of it ends. */
#include "res/resources.h"

#include "res/parts.h"

enum { CURRENT, NEW, MEMBERS };

const struct member password_members[] = {
    [CURRENT] = PARTS_PASSWORD_MEMBER("current_password"),
    [NEW] = PARTS_NEW_PASSWORD_MEMBER("new_password", true),
    [MEMBERS] = {.name = NULL},
};

enum dum_status password_post(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	struct account_change change = {.is_active = -1};
	const struct caller *caller = &req->caller;
	struct origin who = app_origin(req);
	const struct member_value *values = req->members;
	char hash[PASSWORD_PHC_MAX];
	struct account account;
	enum dum_status status;

	status = parts_confirm_password(app, req, res, values[CURRENT].text,
	                                "current_password", err);
	if (status == DUM_OK)
		status = account_hash(hash, caller->name, values[NEW].text,
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
