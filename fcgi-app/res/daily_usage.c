/* GET /api/data/daily-usage: the list of the days. */
#include "res/resources.h"

#include "base/json_writer.h"
#include "base/slot.h"
#include "csv_answer.h"
#include "exchange/export.h"
#include "param.h"
#include "res/parts.h"
#include "res/usage_parts.h"

enum { PER_PAGE = 50, PER_PAGE_MAX = 1000, PAGE_MAX = 1000000000 };

/* Records that make a list without pages a long one. */
enum { LONG_LIST = 100000 };

/* The parameters of the list, by their place in its table. */
enum {
	START_DATE,
	END_DATE,
	LOCATION_ID,
	PAGE,
	PER_PAGE_PARAM,
	FORMAT,
	LIST_PARAMS
};

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
    [FORMAT] = CSV_FORMAT_PARAM,
    [LIST_PARAMS] = {.name = NULL},
};

void usage_write_row(struct json_writer *w, const struct usage_row *row)
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

	usage_write_row(&list->w, row);
	return response_flush_row(list->res, err);
}

static enum dum_status add_csv_row(void *arg, const struct usage_row *row,
                                   struct dum_error *err)
{
	struct list *list = arg;

	export_long_row(&list->res->body, row->date, row->location_name,
	                row->bytes);
	return response_flush_row(list->res, err);
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

/* A table that dum-import takes back; of a page, the rows alone. */
static enum dum_status write_csv(struct app *app, struct list *list,
                                 const struct usage_filter *filter,
                                 int64_t offset, int64_t limit,
                                 struct dum_error *err)
{
	struct response *res = list->res;

	res->content_type = "text/csv; charset=utf-8; header=present";
	response_header(res, "Content-Disposition",
	                "attachment; filename=\"daily-usage.csv\"");
	export_long_header(&res->body);
	return usage_each(app->db, filter, offset, limit, add_csv_row, list,
	                  err);
}

/*
 * All that there is, in one list. A long one is seconds of a worker's time, so
 * one at a time is made, and the rest of the pool is there for others.
 */
static enum dum_status write_unpaged(struct app *app, const struct request *req,
                                     struct list *list,
                                     const struct usage_filter *filter,
                                     struct dum_error *err)
{
	struct slot slot = {.fd = -1};
	enum dum_status status;
	int64_t total = 0;

	status = usage_count(&total, app->db, filter, err);
	if (status == DUM_OK && total > LONG_LIST)
		status = slot_take(&slot, db_path(app->db), "-list", 1, 0, err);
	if (status == DUM_OK)
		status = req->as_csv ? write_csv(app, list, filter, 0, -1, err)
		                     : write_all(app, list, filter, err);
	slot_release(&slot);
	return status;
}

enum dum_status usage_list_get(struct app *app, struct request *req,
                               struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .res = res};
	const struct param_value *values = req->params;
	bool paged = values[PAGE].given || values[PER_PAGE_PARAM].given;
	int64_t page = values[PAGE].number;
	int64_t per_page = values[PER_PAGE_PARAM].number;
	struct usage_filter filter = {.location_id = 0};
	enum dum_status status;

	status = make_filter(&filter, values, err);
	if (status == DUM_OK && filter.location_id != 0)
		status = parts_check_location(app, filter.location_id, err);
	if (status != DUM_OK)
		return status;
	if (!paged)
		return write_unpaged(app, req, &list, &filter, err);
	if (req->as_csv)
		return write_csv(app, &list, &filter, (page - 1) * per_page,
		                 per_page, err);
	return write_page(app, &list, &filter, page, per_page, err);
}
