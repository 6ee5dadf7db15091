/* /api/auth/sessions: where one is logged in, and how to end that elsewhere. */
#include "res/resources.h"

#include <stdio.h>

#include "access/session.h"
#include "res/parts.h"

struct list {
	struct json_writer w;
	struct response *res;
	int64_t current;
};

static enum dum_status add_session(void *arg, const struct session *session,
                                   struct dum_error *err)
{
	struct list *list = arg;
	struct json_writer *w = &list->w;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", session->id);
	parts_write_time(w, "created_at", session->created_at);
	parts_write_time(w, "seen_at", session->seen_at);
	parts_write_time(w, "expires_at", session->expires_at);
	jsonw_member_string(w, "address", session->address);
	jsonw_member_string(w, "agent", session->agent);
	jsonw_member_bool(w, "current", session->id == list->current);
	jsonw_object_end(w);
	return response_flush_row(list->res, err);
}

enum dum_status sessions_get(struct app *app, struct request *req,
                             struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body},
	                    .res = res,
	                    .current = req->caller.session_id};
	enum dum_status status;

	jsonw_array_begin(&list.w);
	status = session_each(app->db, req->caller.id, add_session, &list, err);
	jsonw_array_end(&list.w);
	return status;
}

enum dum_status sessions_delete(struct app *app, struct request *req,
                                struct response *res, struct dum_error *err)
{
	enum dum_status status;
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)req->path_id);
	status = app_begin(app, req, err);
	if (status == DUM_OK)
		status = session_end(app->db, req->caller.id, req->path_id,
		                     err);
	if (status == DUM_OK)
		status = parts_enter_event(app, "session_end", id, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}

enum dum_status sessions_delete_others(struct app *app, struct request *req,
                                       struct response *res,
                                       struct dum_error *err)
{
	enum dum_status status;

	status = app_begin(app, req, err);
	if (status == DUM_OK)
		status = session_end_others(app->db, req->caller.id,
		                            req->caller.session_id, err);
	if (status == DUM_OK)
		status = parts_enter_event(app, "session_end", "others", err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}
