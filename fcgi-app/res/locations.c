/* /api/data/locations */
#include "res/resources.h"

#include <stdio.h>

#include "base/json_writer.h"
#include "change.h"
#include "precondition.h"
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
	return response_flush_row(list->res, err);
}

const struct param location_list_params[] = {
    {.name = "include_inactive", .type = PARAM_BOOL}, {.name = NULL}};

enum dum_status location_list_get(struct app *app, struct request *req,
                                  struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .res = res};
	bool with_inactive = req->params[0].number != 0;
	enum dum_status status;

	jsonw_array_begin(&list.w);
	status = location_each(app->db, with_inactive, add_one, &list, err);
	jsonw_array_end(&list.w);
	return status;
}

static enum dum_status answer_with(struct app *app, struct response *res,
                                   const struct location *location,
                                   struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	char tag[ANSWER_TAG_MAX];
	enum dum_status status;

	status = precondition_location_tag(tag, app, location, err);
	if (status != DUM_OK)
		return status;
	write_location(&w, location);
	response_tag(res, tag);
	return DUM_OK;
}

enum dum_status location_get_one(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	struct location location;
	enum dum_status status;

	status = location_get(&location, app->db, req->path_id, err);
	if (status == DUM_OK)
		status = answer_with(app, res, &location, err);
	if (status == DUM_OK)
		precondition_answer(req, res);
	return status;
}

enum { NAME, DISPLAY_NAME, IS_ACTIVE, CHANGE_MEMBERS };

#define NAME_MEMBER(must)                                                \
	{                                                                \
		.name = "name", .type = MEMBER_TEXT, .required = (must), \
		.min = 1, .max = LOCATION_NAME_CHARS,                    \
	}

#define DISPLAY_NAME_MEMBER                                            \
	{                                                              \
		.name = "display_name", .type = MEMBER_TEXT, .min = 1, \
		.max = LOCATION_DISPLAY_CHARS,                         \
	}

const struct member location_members[] = {
    [NAME] = NAME_MEMBER(true),
    [DISPLAY_NAME] = DISPLAY_NAME_MEMBER,
    {.name = NULL},
};

const struct member location_change_members[] = {
    [NAME] = NAME_MEMBER(false),
    [DISPLAY_NAME] = DISPLAY_NAME_MEMBER,
    [IS_ACTIVE] = {.name = "is_active", .type = MEMBER_BOOL},
    [CHANGE_MEMBERS] = {.name = NULL},
};

enum dum_status location_post(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct location location;
	enum dum_status status;
	char place[64];

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = location_add(&location, app->db, values[NAME].text,
	                      values[DISPLAY_NAME].text, err);
	if (status == DUM_OK)
		status = answer_with(app, res, &location, err);
	if (status != DUM_OK)
		return status;
	res->status = 201;
	snprintf(place, sizeof(place), "/api/data/locations/%lld",
	         (long long)location.id);
	response_header(res, "Location", place);
	return change_commit(app, req, res, err);
}

enum dum_status location_patch(struct app *app, struct request *req,
                               struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct location_change change;
	char tag[ANSWER_TAG_MAX];
	struct location location;
	enum dum_status status;

	if (!values[NAME].given && !values[DISPLAY_NAME].given &&
	    !values[IS_ACTIVE].given)
		return error_set(err, DUM_EINVAL,
		                 "nothing to change: give name, display_name "
		                 "or is_active");
	change = (struct location_change){
	    .name = values[NAME].text,
	    .display_name = values[DISPLAY_NAME].text,
	    .is_active = values[IS_ACTIVE].given ? (int)values[IS_ACTIVE].number
	                                         : -1};
	if (!change_begin(app, req, res, &status, err))
		return status;
	status = location_get(&location, app->db, req->path_id, err);
	if (status == DUM_OK)
		status = precondition_location_tag(tag, app, &location, err);
	if (status == DUM_OK && !precondition_holds(req, res, tag)) {
		db_rollback(app->db);
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = location_update(&location, app->db, req->path_id,
		                         &change, err);
	if (status == DUM_OK)
		status = answer_with(app, res, &location, err);
	return status == DUM_OK ? change_commit(app, req, res, err) : status;
}
