/*
 * /api/auth/setup: the first administrator, by the link that the installation
 * has written to a file. Of many at once one wins.
 */
#include "access/setup.h"

#include "base/log.h"
#include "res/parts.h"
#include "res/resources.h"

enum { TOKEN, USERNAME, PASSWORD, MEMBERS };

const struct member setup_members[] = {
    [TOKEN] = {.name = "token",
               .type = MEMBER_SECRET,
               .required = true,
               .min = 1,
               .max = 128},
    [USERNAME] = PARTS_NEW_USERNAME_MEMBER,
    [PASSWORD] = PARTS_NEW_PASSWORD_MEMBER("password", true),
    [MEMBERS] = {.name = NULL},
};

/* The password is hashed only once the token is right: that takes a while. */
static enum dum_status check(char name[static ACCOUNT_NAME_MAX],
                             char hash[static PASSWORD_PHC_MAX],
                             struct app *app, const struct request *req,
                             struct dum_error *err)
{
	const struct member_value *values = req->members;
	enum dum_status status;

	status = setup_token_check(app->db, values[TOKEN].text, err);
	if (status == DUM_EAUTH)
		log_line(LOG_AT_WARNING, "setup refused: from %s",
		         req->address);
	if (status == DUM_OK)
		status = account_name(name, values[USERNAME].text, err);
	if (status == DUM_OK)
		status = account_hash(hash, name, values[PASSWORD].text,
		                      "password", err);
	return status;
}

enum dum_status setup_post(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	char name[ACCOUNT_NAME_MAX], hash[PASSWORD_PHC_MAX];
	struct origin who;
	struct account_new new = {.username = name,
	                          .password_hash = hash,
	                          .role = ROLE_ADMIN,
	                          .limit = {.count = -1}};
	struct session_new session;
	struct account account;
	enum dum_status status;

	request_forget_caller(req);
	who = app_origin(req);
	status = check(name, hash, app, req, err);
	if (status == DUM_OK)
		status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = setup_finish(&account, app->db,
		                      req->members[TOKEN].text, &new, err);
	if (status == DUM_OK)
		status = session_start(&session, app->db, account.id,
		                       req->address, req->headers.agent, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		status = login_answer(app, req, res, &session, err);
	if (status == DUM_OK)
		res->status = 201;
	return status;
}
