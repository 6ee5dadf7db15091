/* /health: can this worker read the database? For monitors and scripts/run. */
#include "res/resources.h"

#include "base/json_writer.h"
#include "base/version.h"
#include "param.h"
#include "store/system_info.h"

static enum dum_status try_database(struct app *app, struct dum_error *err)
{
	enum dum_status status;
	int64_t generation;

	status = app_open(app, err);
	if (status == DUM_OK)
		status = db_read_begin(app->db, APP_READ_DEADLINE_MS, err);
	if (status == DUM_OK) {
		status = system_info_generation(&generation, app->db, err);
		db_read_end(app->db);
	}
	return status;
}

enum dum_status health_get(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct dum_error why = {0};
	enum dum_status status;

	status = param_none(req, err);
	if (status != DUM_OK)
		return status;
	status = try_database(app, &why);
	if (status != DUM_OK) {
		response_problem(res, req, 503, why.text);
		response_header(res, "Retry-After", "5");
		return DUM_OK;
	}
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "status", "healthy");
	jsonw_member_string(&w, "version", DUM_VERSION);
	jsonw_object_end(&w);
	return DUM_OK;
}
