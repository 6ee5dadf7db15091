/* /api/data/locations */
#include "res/resources.h"

#include "base/json_writer.h"
#include "body.h"
#include "param.h"
#include "store/location.h"

static void write_location(struct json_writer *w,
                           const struct location *location)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "id", location->id);
	jsonw_member_string(w, "name", location->name);
	jsonw_member_string(w, "display_name", location->display_name);
	jsonw_member_bool(w, "is_active", location->is_active);
	jsonw_object_end(w);
}

struct list {
	struct json_writer w;
	struct response *res;
};

static enum dum_status add_one(void *arg, const struct location *location,
                               struct dum_error *err)
{
	struct list *list = arg;

	write_location(&list->w, location);
	if (!response_flush_if_large(list->res))
		return error_set(err, DUM_ESYS, "the client went away");
	return DUM_OK;
}

enum dum_status location_list_get(struct app *app, struct request *req,
                                  struct response *res, struct dum_error *err)
{
	static const struct param table[] = {
	    {.name = "include_inactive", .type = PARAM_BOOL}, {.name = NULL}};
	struct list list = {.w = {.out = &res->body}, .res = res};
	struct param_value values[1];
	enum dum_status status;

	status = param_read(values, table, req, err);
	if (status != DUM_OK)
		return status;
	jsonw_array_begin(&list.w);
	status = location_each(app->db, values[0].number != 0, add_one, &list,
	                       err);
	jsonw_array_end(&list.w);
	return status;
}

enum dum_status location_post(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	static const struct member table[] = {{.name = "name",
	                                       .type = MEMBER_TEXT,
	                                       .required = true,
	                                       .min = 1,
	                                       .max = LOCATION_NAME_CHARS},
	                                      {.name = "display_name",
	                                       .type = MEMBER_TEXT,
	                                       .min = 1,
	                                       .max = LOCATION_DISPLAY_CHARS},
	                                      {.name = NULL}};
	struct json_writer w = {.out = &res->body};
	struct origin who = app_origin(req);
	struct member_value values[2];
	struct location location;
	enum dum_status status;

	status = param_none(req, err);
	if (status == DUM_OK)
		status = body_read(values, table, req, err);
	if (status == DUM_OK)
		status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = location_add(&location, app->db, values[0].text,
		                      values[1].text, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status != DUM_OK)
		return status;
	res->status = 201;
	write_location(&w, &location);
	return DUM_OK;
}

enum dum_status location_patch(struct app *app, struct request *req,
                               struct response *res, struct dum_error *err)
{
	static const struct member table[] = {
	    {.name = "name",
	     .type = MEMBER_TEXT,
	     .min = 1,
	     .max = LOCATION_NAME_CHARS},
	    {.name = "display_name",
	     .type = MEMBER_TEXT,
	     .min = 1,
	     .max = LOCATION_DISPLAY_CHARS},
	    {.name = "is_active", .type = MEMBER_BOOL},
	    {.name = NULL}};
	struct json_writer w = {.out = &res->body};
	struct origin who = app_origin(req);
	struct member_value values[3];
	struct location_change change;
	struct location location;
	enum dum_status status;

	status = param_none(req, err);
	if (status == DUM_OK)
		status = body_read(values, table, req, err);
	if (status != DUM_OK)
		return status;
	if (!values[0].given && !values[1].given && !values[2].given)
		return error_set(err, DUM_EINVAL,
		                 "nothing to change: give name, display_name "
		                 "or is_active");
	change = (struct location_change){
	    .name = values[0].text,
	    .display_name = values[1].text,
	    .is_active = values[2].given ? (int)values[2].number : -1};
	status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = location_update(&location, app->db, req->path_id,
		                         &change, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		write_location(&w, &location);
	return status;
}
