/*
 * /api/settings/billing-cycle: the day on which cycles start, for all and for
 * locations that have their own; and what another one would do.
 */
#include "res/resources.h"

#include "base/json_writer.h"
#include "change.h"
#include "precondition.h"
#include "res/parts.h"
#include "store/cycle_setting.h"

/* The parameters of GET; valid_from belongs to preview_day. */
enum { OF_LOCATION, PREVIEW_DAY, PREVIEW_FROM, CYCLE_DAY_PARAMS };

const struct param cycle_day_params[] = {
    [OF_LOCATION] = {.name = "location_id",
                     .type = PARAM_INT,
                     .min = 1,
                     .max = PARAM_ID_MAX},
    [PREVIEW_DAY] = {.name = "preview_day",
                     .type = PARAM_INT,
                     .min = CYCLE_DAY_MIN,
                     .max = CYCLE_DAY_MAX},
    [PREVIEW_FROM] = {.name = "valid_from", .type = PARAM_DATE},
    [CYCLE_DAY_PARAMS] = {.name = NULL},
};

enum { CYCLE_DAY, VALID_FROM, LOCATION_ID, CYCLE_DAY_MEMBERS };

const struct member cycle_day_members[] = {
    [CYCLE_DAY] = {.name = "cycle_day",
                   .type = MEMBER_INT,
                   .required = true,
                   .min = CYCLE_DAY_MIN,
                   .max = CYCLE_DAY_MAX},
    [VALID_FROM] = {.name = "valid_from",
                    .type = MEMBER_DATE,
                    .required = true},
    [LOCATION_ID] = {.name = "location_id",
                     .type = MEMBER_ID,
                     .nullable = true},
    [CYCLE_DAY_MEMBERS] = {.name = NULL},
};

static void write_location(struct json_writer *w, int64_t location_id)
{
	if (location_id != 0)
		jsonw_member_int(w, "location_id", location_id);
	else
		jsonw_member_null(w, "location_id");
}

/* The setting that today lies behind; before the first, the configuration's. */
static enum dum_status write_present(struct json_writer *w, struct app *app,
                                     int64_t location_id, struct dum_error *err)
{
	struct cycle_setting now = {
	    .cycle_day = (int)app->config->billing_cycle_day};
	struct date today = app_today(app);
	struct cycle_settings settings;
	enum dum_status status;

	status = cycle_settings_load(&settings, app->db, location_id,
	                             now.cycle_day, err);
	if (status != DUM_OK)
		return status;
	for (size_t i = 0; i < settings.plan.count; i++)
		if (date_cmp(settings.list[i].valid_from, today) <= 0)
			now = settings.list[i];
	cycle_settings_release(&settings);
	jsonw_member_int(w, "cycle_day", now.cycle_day);
	parts_write_date(w, "valid_from", now.valid_from);
	write_location(w, location_id);
	return DUM_OK;
}

static enum dum_status add_setting(void *arg,
                                   const struct cycle_setting_row *row,
                                   struct dum_error *err)
{
	struct json_writer *w = arg;

	(void)err;
	jsonw_object_begin(w);
	jsonw_member_int(w, "id", row->id);
	jsonw_member_int(w, "cycle_day", row->setting.cycle_day);
	parts_write_date(w, "valid_from", row->setting.valid_from);
	write_location(w, row->location_id);
	jsonw_object_end(w);
	return DUM_OK;
}

static void write_preview(struct json_writer *w,
                          const struct cycle_preview *preview)
{
	if (preview->holds)
		parts_write_date(w, "takes_over", preview->change.first.start);
	else
		jsonw_member_null(w, "takes_over");
	jsonw_key(w, "preview");
	jsonw_array_begin(w);
	for (int i = 0; i < preview->count; i++) {
		struct cycle cycle = preview->cycles[i];

		jsonw_object_begin(w);
		parts_write_date(w, "start", cycle.start);
		parts_write_date(w, "end", date_add(cycle.end, -1));
		jsonw_member_int(w, "days_in_cycle", cycle_days(cycle));
		jsonw_member_bool(w, "is_stub", preview->stubs[i]);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* preview: told, too; NULL: none. */
static enum dum_status write_answer(struct strbuf *out, struct app *app,
                                    int64_t location_id,
                                    const struct cycle_preview *preview,
                                    struct dum_error *err)
{
	struct json_writer w = {.out = out};
	enum dum_status status;

	jsonw_object_begin(&w);
	status = write_present(&w, app, location_id, err);
	jsonw_key(&w, "settings");
	jsonw_array_begin(&w);
	if (status == DUM_OK)
		status = cycle_setting_each(app->db, location_id, add_setting,
		                            &w, err);
	jsonw_array_end(&w);
	if (preview != NULL)
		write_preview(&w, preview);
	jsonw_object_end(&w);
	return status;
}

/*
 * Of the settings as they are, with a preview or without: what one tells hangs
 * on them and on the configuration's day alone, and who has seen it may change
 * what he saw.
 */
static enum dum_status make_tag(char out[static ANSWER_TAG_MAX],
                                struct app *app, int64_t location_id,
                                struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	status = write_answer(&text, app, location_id, NULL, err);
	strbuf_addf(&text, "\n%lld", (long long)app->config->billing_cycle_day);
	if (status == DUM_OK)
		status = precondition_text_tag(out, app, "cycle day", &text,
		                               err);
	strbuf_release(&text);
	return status;
}

enum dum_status cycle_day_get(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	const struct param_value *values = req->params;
	bool wanted = values[PREVIEW_DAY].given;
	struct cycle_setting setting = {
	    .valid_from = values[PREVIEW_FROM].date,
	    .cycle_day = (int)values[PREVIEW_DAY].number};
	int64_t location_id = values[OF_LOCATION].number;
	enum dum_status status = DUM_OK;
	struct cycle_preview preview;
	char tag[ANSWER_TAG_MAX];

	if (wanted != values[PREVIEW_FROM].given)
		return error_field(err, DUM_EINVAL,
		                   wanted ? "valid_from" : "preview_day",
		                   "preview_day and valid_from go together");
	if (location_id != 0)
		status = parts_check_location(app, location_id, err);
	if (status == DUM_OK && wanted)
		status = cycle_setting_preview(
		    &preview, app->db, location_id, &setting,
		    (int)app->config->billing_cycle_day, app_today(app), err);
	if (status == DUM_OK)
		status = write_answer(&res->body, app, location_id,
		                      wanted ? &preview : NULL, err);
	if (status == DUM_OK)
		status = make_tag(tag, app, location_id, err);
	if (status != DUM_OK)
		return status;
	response_tag(res, tag);
	precondition_answer(req, res);
	return DUM_OK;
}

/* Are the settings those that the client read? DUM_OK and false: 412. */
static enum dum_status check_match(bool *holds, struct app *app,
                                   const struct request *req,
                                   struct response *res, int64_t location_id,
                                   struct dum_error *err)
{
	char tag[ANSWER_TAG_MAX] = "";
	enum dum_status status = DUM_OK;

	if (*req->headers.if_match != '\0')
		status = make_tag(tag, app, location_id, err);
	if (status == DUM_OK)
		*holds = precondition_holds(req, res, tag);
	return status;
}

enum dum_status cycle_day_put(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	const struct cycle_setting setting = {
	    .valid_from = values[VALID_FROM].date,
	    .cycle_day = (int)values[CYCLE_DAY].number};
	int64_t location_id = values[LOCATION_ID].number;
	struct cycle_preview preview;
	char tag[ANSWER_TAG_MAX];
	enum dum_status status;
	bool holds = false;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = check_match(&holds, app, req, res, location_id, err);
	if (status == DUM_OK && !holds) {
		db_rollback(app->db);
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = cycle_setting_put(
		    &preview, app->db, location_id, &setting,
		    (int)app->config->billing_cycle_day, app_today(app), err);
	if (status == DUM_OK)
		status = write_answer(&res->body, app, location_id, &preview,
		                      err);
	if (status == DUM_OK)
		status = make_tag(tag, app, location_id, err);
	if (status != DUM_OK)
		return status;
	response_tag(res, tag);
	return change_commit(app, req, res, err);
}

enum dum_status cycle_day_delete(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	struct cycle_setting_row row = {.id = 0};
	enum dum_status status;
	bool holds = false;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = cycle_setting_get(&row, app->db, req->path_id, err);
	if (status == DUM_OK)
		status = check_match(&holds, app, req, res, row.location_id,
		                     err);
	if (status == DUM_OK && !holds) {
		db_rollback(app->db);
		return DUM_OK;
	}
	if (status == DUM_OK)
		status = cycle_setting_delete(
		    app->db, row.id, (int)app->config->billing_cycle_day,
		    app_today(app), err);
	res->status = 204;
	return status == DUM_OK ? change_commit(app, req, res, err) : status;
}
