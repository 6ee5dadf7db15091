/*
 * /api/dashboard/usage-trends: the days of the chart. As rows, one for each
 * record; or as columns, one series for each location with null where a day is
 * unknown, which a chart takes as it is.
 */
#include "res/resources.h"

#include "base/json_writer.h"
#include "res/parts.h"
#include "store/usage_point.h"

enum { DAYS_MAX = 3660, DAYS = 30 };

enum { FORMAT_ROWS, FORMAT_COLUMNS };

static const char *const formats[] = {
    [FORMAT_ROWS] = "rows", [FORMAT_COLUMNS] = "columns", NULL};

enum { PARAM_DAYS, PARAM_LOCATION, PARAM_FORMAT, TREND_PARAMS };

const struct param trends_params[] = {
    [PARAM_DAYS] = {.name = "days",
                    .type = PARAM_INT,
                    .min = 1,
                    .max = DAYS_MAX,
                    .initial = DAYS},
    [PARAM_LOCATION] = {.name = "location_id",
                        .type = PARAM_INT,
                        .min = 1,
                        .max = PARAM_ID_MAX},
    [PARAM_FORMAT] = {.name = "format",
                      .type = PARAM_CHOICE,
                      .choices = formats},
    [TREND_PARAMS] = {.name = NULL},
};

struct rows {
	struct json_writer w;
	struct response *res;
};

static enum dum_status add_row(void *arg, const struct usage_point *point,
                               struct dum_error *err)
{
	struct rows *rows = arg;
	struct json_writer *w = &rows->w;

	jsonw_object_begin(w);
	jsonw_member_string(w, "date", point->date);
	jsonw_member_string(w, "display_name", point->display_name);
	jsonw_member_gb(w, "daily_total", point->bytes);
	jsonw_object_end(w);
	return response_flush_row(rows->res, err);
}

struct columns {
	struct json_writer w;
	struct response *res;
	struct date from;
	int days;
	int64_t location_id; /* of the series that is open; 0: none */
	int filled;          /* days of it that are written */
};

static void fill_until(struct columns *c, int day)
{
	for (; c->filled < day; c->filled++)
		jsonw_null(&c->w);
}

static void end_series(struct columns *c)
{
	if (c->location_id == 0)
		return;
	fill_until(c, c->days);
	jsonw_array_end(&c->w);
	jsonw_object_end(&c->w);
}

static enum dum_status add_point(void *arg, const struct usage_point *point,
                                 struct dum_error *err)
{
	struct columns *c = arg;
	struct date date;

	if (point->location_id != c->location_id) {
		end_series(c);
		c->location_id = point->location_id;
		c->filled = 0;
		jsonw_object_begin(&c->w);
		jsonw_member_int(&c->w, "location_id", point->location_id);
		jsonw_member_string(&c->w, "display_name", point->display_name);
		jsonw_key(&c->w, "bytes");
		jsonw_array_begin(&c->w);
	}
	if (!date_parse(&date, point->date, DATE_TEXT_MAX - 1))
		return error_set(err, DUM_EDAMAGED,
		                 "daily_usage: '%.20s' is no date",
		                 point->date);
	fill_until(c, date_diff(c->from, date));
	jsonw_int(&c->w, point->bytes);
	c->filled++;
	return response_flush_row(c->res, err);
}

static enum dum_status write_rows(struct app *app, struct response *res,
                                  struct date from, struct date until,
                                  int64_t location_id, struct dum_error *err)
{
	struct rows rows = {.w = {.out = &res->body}, .res = res};
	enum dum_status status;

	jsonw_array_begin(&rows.w);
	status = usage_point_each_by_date(app->db, from, until, location_id,
	                                  add_row, &rows, err);
	jsonw_array_end(&rows.w);
	return status;
}

static enum dum_status write_columns(struct app *app, struct response *res,
                                     struct date from, struct date until,
                                     int64_t location_id, struct dum_error *err)
{
	struct columns c = {.w = {.out = &res->body},
	                    .res = res,
	                    .from = from,
	                    .days = date_diff(from, until)};
	enum dum_status status;

	jsonw_object_begin(&c.w);
	jsonw_key(&c.w, "dates");
	jsonw_array_begin(&c.w);
	for (int i = 0; i < c.days; i++) {
		char text[DATE_TEXT_MAX];

		date_format(text, date_add(from, i));
		jsonw_string(&c.w, text);
	}
	jsonw_array_end(&c.w);
	jsonw_key(&c.w, "series");
	jsonw_array_begin(&c.w);
	status = usage_point_each_by_location(app->db, from, until, location_id,
	                                      add_point, &c, err);
	end_series(&c);
	jsonw_array_end(&c.w);
	jsonw_object_end(&c.w);
	return status;
}

enum dum_status trends_get(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	struct date until = date_add(app_today(app), 1), from;
	const struct param_value *values = req->params;
	int64_t location_id = values[PARAM_LOCATION].number;
	enum dum_status status = DUM_OK;

	from = date_add(until, -(int)values[PARAM_DAYS].number);
	if (location_id != 0)
		status = parts_check_location(app, location_id, err);
	if (status == DUM_OK && values[PARAM_FORMAT].number == FORMAT_COLUMNS)
		status = write_columns(app, res, from, until, location_id, err);
	else if (status == DUM_OK)
		status = write_rows(app, res, from, until, location_id, err);
	return status;
}
