/*
 * /health: can this worker read and change the database? For monitors and
 * scripts/run. Anybody hears whether; which version of what runs here, only
 * those who have a session or a key.
 */
#include "res/resources.h"

#include "base/json_writer.h"
#include "base/version.h"
#include "problem.h"
#include "store/data_state.h"
#include "store/journal.h"
#include "store/migrate.h"

static enum dum_status try_database(struct app *app, struct dum_error *err)
{
	enum dum_status status;
	struct data_state state;

	status = app_open(app, err);
	if (status == DUM_OK)
		status = db_read_begin(app->db, app->read_deadline_ms, err);
	if (status == DUM_OK) {
		status = data_state_now(&state, app->db, err);
		db_read_end(app->db);
	}
	if (status == DUM_OK && db_is_read_only(app->db))
		status = error_set(err, DUM_EREADONLY,
		                   "the database can only be read");
	/* Without it nobody could log in or change anything. */
	if (status == DUM_OK)
		status = journal_ready(app->db, err);
	return status;
}

/* Enough to know whom to call; paths and versions stand in the log. */
static const char *reason(enum dum_status status)
{
	if (status == DUM_EBUSY)
		return "The database is busy.";
	if (status == DUM_EREADONLY)
		return "The database can only be read.";
	if (status == DUM_EDAMAGED)
		return "The database is damaged.";
	if (status == DUM_ESYS)
		return "The service can not work; the server's log says why.";
	return "The database can not be used; the server's log says why.";
}

enum dum_status health_get(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct dum_error why = {0};
	enum dum_status status;

	(void)err;
	status = try_database(app, &why);
	if (status != DUM_OK) {
		app_fail(app, req, res, status, &why);
		problem_http(res, req, 503, reason(status));
		response_header(res, "Retry-After", "5");
		return DUM_OK;
	}
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "status", "healthy");
	if (req->caller.kind != CALLER_NOBODY) {
		jsonw_member_string(&w, "version", DUM_VERSION);
		jsonw_member_string(&w, "engine", db_engine_version());
		jsonw_member_int(&w, "schema_version", migrate_newest());
	}
	jsonw_object_end(&w);
	return DUM_OK;
}
