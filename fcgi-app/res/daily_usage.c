/* /api/data/daily-usage: the records of the days. */
#include "res/resources.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "param.h"
#include "res/parts.h"
#include "store/location.h"
#include "store/usage.h"

enum { PER_PAGE = 50, PER_PAGE_MAX = 1000, PAGE_MAX = 1000000000 };

/* The parameters of the list, by their place in its table. */
enum { START_DATE, END_DATE, LOCATION_ID, PAGE, PER_PAGE_PARAM, LIST_PARAMS };

const struct param usage_list_params[] = {
    [START_DATE] = {.name = "start_date", .type = PARAM_DATE},
    [END_DATE] = {.name = "end_date", .type = PARAM_DATE},
    [LOCATION_ID] = {.name = "location_id",
                     .type = PARAM_INT,
                     .min = 1,
                     .max = PARAM_ID_MAX},
    [PAGE] = {.name = "page",
              .type = PARAM_INT,
              .min = 1,
              .max = PAGE_MAX,
              .initial = 1},
    [PER_PAGE_PARAM] = {.name = "per_page",
                        .type = PARAM_INT,
                        .min = 1,
                        .max = PER_PAGE_MAX,
                        .initial = PER_PAGE},
    [LIST_PARAMS] = {.name = NULL},
};

static void write_row(struct json_writer *w, const struct usage_row *row)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "id", row->id);
	jsonw_member_string(w, "date", row->date);
	jsonw_member_gb(w, "usage_gb", row->bytes);
	jsonw_member_int(w, "location_id", row->location_id);
	jsonw_member_string(w, "location_name", row->location_name);
	jsonw_member_string(w, "display_name", row->display_name);
	jsonw_member_string(w, "updated_at", row->updated_at);
	jsonw_object_end(w);
}

struct list {
	struct json_writer w;
	struct response *res;
};

static enum dum_status add_row(void *arg, const struct usage_row *row,
                               struct dum_error *err)
{
	struct list *list = arg;

	write_row(&list->w, row);
	if (!response_flush_if_large(list->res))
		return error_set(err, DUM_ESYS, "the client went away");
	return DUM_OK;
}

static enum dum_status make_filter(struct usage_filter *out,
                                   const struct param_value *values,
                                   struct dum_error *err)
{
	*out = (struct usage_filter){.location_id = values[LOCATION_ID].number};
	return param_date_range(&out->from, &out->until, &values[START_DATE],
	                        &values[END_DATE], err);
}

static enum dum_status write_page(struct app *app, struct list *list,
                                  const struct usage_filter *filter,
                                  int64_t page, int64_t per_page,
                                  struct dum_error *err)
{
	struct json_writer *w = &list->w;
	enum dum_status status;
	int64_t total = 0;

	status = usage_count(&total, app->db, filter, err);
	if (status != DUM_OK)
		return status;
	jsonw_object_begin(w);
	jsonw_key(w, "data");
	jsonw_array_begin(w);
	status = usage_each(app->db, filter, (page - 1) * per_page, per_page,
	                    add_row, list, err);
	jsonw_array_end(w);
	jsonw_key(w, "pagination");
	jsonw_object_begin(w);
	jsonw_member_int(w, "page", page);
	jsonw_member_int(w, "per_page", per_page);
	jsonw_member_int(w, "total", total);
	jsonw_member_int(w, "pages", (total + per_page - 1) / per_page);
	jsonw_object_end(w);
	jsonw_object_end(w);
	return status;
}

static enum dum_status write_all(struct app *app, struct list *list,
                                 const struct usage_filter *filter,
                                 struct dum_error *err)
{
	enum dum_status status;

	jsonw_array_begin(&list->w);
	status = usage_each(app->db, filter, 0, -1, add_row, list, err);
	jsonw_array_end(&list->w);
	return status;
}

enum dum_status usage_list_get(struct app *app, struct request *req,
                               struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .res = res};
	const struct param_value *values = req->params;
	struct usage_filter filter = {.location_id = 0};
	enum dum_status status;

	status = make_filter(&filter, values, err);
	if (status != DUM_OK)
		return status;
	if (filter.location_id != 0)
		status = parts_check_location(app, filter.location_id, err);
	if (status == DUM_OK &&
	    (values[PAGE].given || values[PER_PAGE_PARAM].given))
		status = write_page(app, &list, &filter, values[PAGE].number,
		                    values[PER_PAGE_PARAM].number, err);
	else if (status == DUM_OK)
		status = write_all(app, &list, &filter, err);
	return status;
}

static enum dum_status write_record(struct app *app, struct response *res,
                                    const struct usage *usage,
                                    struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct location location;
	char date[DATE_TEXT_MAX];
	enum dum_status status;

	status = location_get(&location, app->db, usage->location_id, err);
	if (status != DUM_OK)
		return status;
	date_format(date, usage->date);
	write_row(&w,
	          &(struct usage_row){.id = usage->id,
	                              .date = date,
	                              .location_id = usage->location_id,
	                              .bytes = usage->bytes,
	                              .updated_at = usage->updated_at,
	                              .location_name = location.name,
	                              .display_name = location.display_name});
	return DUM_OK;
}

/* The most that MAX_DAILY_GB can be; check_amount() asks what it is. */
#define AMOUNT_MEMBER                                                    \
	{                                                                \
		.name = "usage_gb", .type = MEMBER_GB, .required = true, \
		.max = USAGE_BYTES_MAX / BYTES_PER_GB,                   \
	}

/* The members of POST; a record itself takes the amount alone. */
enum { DATE, LOCATION, AMOUNT, ENTRY_MEMBERS };

const struct member usage_members[] = {
    [DATE] = {.name = "date", .type = MEMBER_DATE, .required = true},
    [LOCATION] = {.name = "location_id", .type = MEMBER_ID, .required = true},
    [AMOUNT] = AMOUNT_MEMBER,
    [ENTRY_MEMBERS] = {.name = NULL},
};

const struct member usage_record_members[] = {AMOUNT_MEMBER, {.name = NULL}};

static enum dum_status check_amount(const struct app *app, int64_t bytes,
                                    struct dum_error *err)
{
	int64_t most = app->config->max_daily_gb;

	if (bytes > most * BYTES_PER_GB)
		return error_field(err, DUM_EINVAL, "usage_gb",
		                   "usage_gb must be a number from 0 to %lld",
		                   (long long)most);
	return DUM_OK;
}

/* The day that somebody enters may be tomorrow's: a site can lie east of us. */
static enum dum_status check_day(const struct app *app, struct date day,
                                 struct dum_error *err)
{
	if (date_cmp(day, date_add(app_today(app), 1)) > 0)
		return error_field(err, DUM_EINVAL, "date",
		                   "date is later than tomorrow");
	return DUM_OK;
}

enum dum_status usage_post(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	enum usage_change change = USAGE_SAME;
	struct origin who = app_origin(req);
	const struct member_value *values = req->members;
	enum dum_status status;
	struct usage usage;
	char place[64];

	status = check_amount(app, values[AMOUNT].number, err);
	if (status == DUM_OK)
		status = check_day(app, values[DATE].date, err);
	if (status == DUM_OK)
		status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = usage_put(&usage, &change, app->db, values[DATE].date,
		                   values[LOCATION].number,
		                   values[AMOUNT].number, err);
	if (status == DUM_OK)
		status = write_record(app, res, &usage, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status != DUM_OK || change != USAGE_NEW)
		return status;
	res->status = 201;
	snprintf(place, sizeof(place), "/api/data/daily-usage/%lld",
	         (long long)usage.id);
	response_header(res, "Location", place);
	return DUM_OK;
}

enum dum_status usage_record_get(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	enum dum_status status;
	struct usage usage;

	status = usage_get(&usage, app->db, req->path_id, err);
	if (status == DUM_OK)
		status = write_record(app, res, &usage, err);
	return status;
}

enum dum_status usage_record_put(struct app *app, struct request *req,
                                 struct response *res, struct dum_error *err)
{
	struct origin who = app_origin(req);
	int64_t bytes = req->members[0].number;
	enum dum_status status;
	struct usage usage;

	status = check_amount(app, bytes, err);
	if (status == DUM_OK)
		status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = usage_set(&usage, app->db, req->path_id, bytes, err);
	if (status == DUM_OK)
		status = write_record(app, res, &usage, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status usage_record_delete(struct app *app, struct request *req,
                                    struct response *res, struct dum_error *err)
{
	struct origin who = app_origin(req);
	enum dum_status status;

	status = db_begin(app->db, &who, err);
	if (status == DUM_OK)
		status = usage_delete(app->db, req->path_id, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	if (status == DUM_OK)
		res->status = 204;
	return status;
}
