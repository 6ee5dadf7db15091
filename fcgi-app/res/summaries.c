/*
 * /api/data/monthly-summaries: what somebody says a cycle of a location came
 * to, such as the provider's bill, beside what its days add up to. The one
 * never takes the place of the other.
 */
#include "res/resources.h"

#include "answer_tag.h"
#include "base/bytes.h"
#include "base/json_writer.h"
#include "change.h"
#include "precondition.h"
#include "res/parts.h"
#include "store/cycle_setting.h"
#include "store/summary.h"

enum { OF_LOCATION, START_DATE, END_DATE, LIST_PARAMS };

/* The dates are those on which a period starts. */
const struct param summaries_params[] = {
    [OF_LOCATION] = {.name = "location_id",
                     .type = PARAM_INT,
                     .min = 1,
                     .max = PARAM_ID_MAX},
    [START_DATE] = {.name = "start_date", .type = PARAM_DATE},
    [END_DATE] = {.name = "end_date", .type = PARAM_DATE},
    [LIST_PARAMS] = {.name = NULL},
};

enum { PERIOD_START, LOCATION_ID, TOTAL, SUMMARY_MEMBERS };

const struct member summary_members[] = {
    [PERIOD_START] = {.name = "period_start",
                      .type = MEMBER_DATE,
                      .required = true},
    [LOCATION_ID] = {.name = "location_id",
                     .type = MEMBER_ID,
                     .required = true},
    [TOTAL] = {.name = "total_usage_gb",
               .type = MEMBER_GB,
               .required = true,
               .max = SUMMARY_BYTES_MAX / BYTES_PER_GB},
    [SUMMARY_MEMBERS] = {.name = NULL},
};

static void write_amount(struct json_writer *w, const char *name, bool known,
                         int64_t bytes)
{
	if (known)
		jsonw_member_gb(w, name, bytes);
	else
		jsonw_member_null(w, name);
}

static void write_row(struct json_writer *w, const struct summary_row *row)
{
	const struct summary *s = &row->summary;
	bool computed = row->days > 0, manual = s->manual;

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", s->id);
	parts_write_date(w, "period_start", s->start);
	parts_write_date(w, "period_end", s->end);
	jsonw_member_int(w, "location_id", s->location_id);
	jsonw_member_string(w, "display_name", row->display_name);
	write_amount(w, "computed_gb", computed, row->computed);
	write_amount(w, "manual_gb", manual, s->bytes);
	write_amount(w, "difference_gb", computed && manual,
	             s->bytes - row->computed);
	jsonw_member_int(w, "days_present", row->days);
	jsonw_member_int(w, "days_in_period", date_diff(s->start, s->end) + 1);
	jsonw_object_end(w);
}

struct list {
	struct json_writer w;
	struct response *res;
};

static enum dum_status add_row(void *arg, const struct summary_row *row,
                               struct dum_error *err)
{
	struct list *list = arg;

	write_row(&list->w, row);
	return response_flush_row(list->res, err);
}

enum dum_status summaries_get(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .res = res};
	const struct summary_filter filter = {
	    .location_id = req->params[OF_LOCATION].number,
	    .from = req->params[START_DATE].date,
	    .until = req->params[END_DATE].date};
	enum dum_status status = DUM_OK;

	if (filter.location_id != 0)
		status = parts_check_location(app, filter.location_id, err);
	if (status != DUM_OK)
		return status;
	jsonw_array_begin(&list.w);
	status = summary_each(app->db, &filter, add_row, &list, err);
	jsonw_array_end(&list.w);
	return status;
}

static enum dum_status show(void *arg, const struct summary_row *row,
                            struct dum_error *err)
{
	(void)err;
	write_row(arg, row);
	return DUM_OK;
}

/* The tag of one as it is shown, which moves with the days beside it. */
static enum dum_status read_one(struct strbuf *text,
                                char tag[static ANSWER_TAG_MAX],
                                const struct app *app, int64_t id,
                                struct dum_error *err)
{
	struct json_writer w = {.out = text};
	enum dum_status status = summary_show(app->db, id, show, &w, err);

	if (status != DUM_OK)
		return status;
	return precondition_text_tag(tag, app, "summary shown", text, err);
}

enum dum_status summaries_get_one(struct app *app, struct request *req,
                                  struct response *res, struct dum_error *err)
{
	char tag[ANSWER_TAG_MAX];
	enum dum_status status;

	status = read_one(&res->body, tag, app, req->path_id, err);
	if (status != DUM_OK)
		return status;
	response_tag(res, tag);
	precondition_answer(req, res);
	return DUM_OK;
}

/*
 * Is it what the client read, or else what it entered last, whatever the days
 * are now? False: 412, or *status.
 */
static bool is_known(const struct app *app, const struct request *req,
                     struct response *res, const struct summary *there,
                     enum dum_status *status, struct dum_error *err)
{
	char entered[ANSWER_TAG_MAX], shown[ANSWER_TAG_MAX];
	struct strbuf text = STRBUF_INIT;

	if (*req->headers.if_match == '\0')
		return true;
	*status = precondition_summary_tag(entered, app, there, err);
	if (*status == DUM_OK)
		*status = read_one(&text, shown, app, there->id, err);
	strbuf_release(&text);
	return *status == DUM_OK &&
	       (answer_tag_matches(req->headers.if_match, shown) ||
	        precondition_holds(req, res, entered));
}

/*
 * Only one can start on a day. When the cycle that starts there has been cut
 * since, what is there is about more days, and is not written over unseen.
 */
static enum dum_status check_period(struct app *app,
                                    const struct summary *there,
                                    struct dum_error *err)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	struct cycle_settings settings;
	enum dum_status status;
	struct cycle cycle;

	status = cycle_settings_load(&settings, app->db, there->location_id,
	                             (int)app->config->billing_cycle_day, err);
	if (status != DUM_OK)
		return status;
	cycle = cycle_of(&settings.plan, there->start);
	cycle_settings_release(&settings);
	/* A day on which none starts any more is refused by itself. */
	if (!there->manual || date_cmp(cycle.start, there->start) != 0 ||
	    date_cmp(date_add(cycle.end, -1), there->end) == 0)
		return DUM_OK;
	date_format(first, there->start);
	date_format(last, there->end);
	return error_set(err, DUM_ECONFLICT,
	                 "a bill of %s to %s, which is no cycle any more, "
	                 "starts on that day: take it back first (DELETE "
	                 "/api/data/monthly-summaries/%lld), or replace it "
	                 "with If-Match",
	                 first, last, (long long)there->id);
}

/* Is what is there what the client means to replace? False: 412, or *status. */
static bool may_replace(struct app *app, const struct request *req,
                        struct response *res, enum dum_status *status,
                        struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct summary summary;
	bool found = false;

	*status = summary_find(&summary, &found, app->db,
	                       values[PERIOD_START].date,
	                       values[LOCATION_ID].number, err);
	if (*status == DUM_OK && found && *req->headers.if_match == '\0')
		*status = check_period(app, &summary, err);
	if (*status != DUM_OK)
		return false;
	return found ? is_known(app, req, res, &summary, status, err)
	             : precondition_holds(req, res, NULL);
}

static enum dum_status put(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	const struct member_value *values = req->members;
	struct json_writer w = {.out = &res->body};
	enum usage_change change = USAGE_SAME;
	char tag[ANSWER_TAG_MAX];
	enum dum_status status;
	struct summary summary;

	status = summary_put_cycle(
	    &summary, &change, app->db, values[LOCATION_ID].number,
	    values[PERIOD_START].date, values[TOTAL].number,
	    (int)app->config->billing_cycle_day, err);
	if (status == DUM_OK)
		status = summary_show(app->db, summary.id, show, &w, err);
	if (status == DUM_OK)
		status = precondition_summary_tag(tag, app, &summary, err);
	if (status != DUM_OK)
		return status;
	response_tag(res, tag);
	if (change == USAGE_NEW)
		res->status = 201;
	return change_commit(app, req, res, err);
}

enum dum_status summaries_put(struct app *app, struct request *req,
                              struct response *res, struct dum_error *err)
{
	enum dum_status status;

	if (date_cmp(req->members[PERIOD_START].date, app_today(app)) > 0)
		return error_field(err, DUM_EINVAL, "period_start",
		                   "that cycle has not begun yet");
	if (!change_begin(app, req, res, &status, err))
		return status;
	if (may_replace(app, req, res, &status, err))
		return put(app, req, res, err);
	db_rollback(app->db);
	return status;
}

enum dum_status summaries_delete(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	enum dum_status status;
	struct summary summary;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = summary_get(&summary, app->db, req->path_id, err);
	if (status == DUM_OK &&
	    !is_known(app, req, res, &summary, &status, err)) {
		db_rollback(app->db);
		return status;
	}
	if (status == DUM_OK)
		status = summary_delete(app->db, summary.id, err);
	res->status = 204;
	return status == DUM_OK ? change_commit(app, req, res, err) : status;
}
