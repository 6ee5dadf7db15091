/*
 * /api/data/cycles: what billing cycles came to, the newest first. The one that
 * runs is counted up to today.
 */
#include "res/resources.h"

#include "base/json_writer.h"
#include "res/parts.h"
#include "store/cycle_total.h"

enum { CYCLES = 12, CYCLES_MAX = 1200 };

enum { LOCATION_ID, LIMIT, CYCLE_PARAMS };

const struct param cycles_params[] = {
    [LOCATION_ID] = {.name = "location_id",
                     .type = PARAM_INT,
                     .min = 1,
                     .max = PARAM_ID_MAX},
    [LIMIT] = {.name = "limit",
               .type = PARAM_INT,
               .min = 1,
               .max = CYCLES_MAX,
               .initial = CYCLES},
    [CYCLE_PARAMS] = {.name = NULL},
};

struct list {
	struct json_writer w;
	struct response *res;
};

static enum dum_status add_cycle(void *arg, const struct cycle_total *total,
                                 struct dum_error *err)
{
	struct list *list = arg;
	struct json_writer *w = &list->w;

	jsonw_object_begin(w);
	parts_write_date(w, "start", total->cycle.start);
	parts_write_date(w, "end", date_add(total->cycle.end, -1));
	if (total->days > 0)
		jsonw_member_sum_gb(w, "total_gb", &total->total);
	else
		jsonw_member_null(w, "total_gb");
	jsonw_member_int(w, "days_in_cycle", cycle_days(total->cycle));
	jsonw_member_bool(w, "is_stub", total->is_stub);
	parts_write_coverage(w, total->present, total->expected);
	jsonw_object_end(w);
	return response_flush_row(list->res, err);
}

enum dum_status cycles_get(struct app *app, struct request *req,
                           struct response *res, struct dum_error *err)
{
	struct list list = {.w = {.out = &res->body}, .res = res};
	int64_t location_id = req->params[LOCATION_ID].number;
	enum dum_status status = DUM_OK;

	if (location_id != 0)
		status = parts_check_location(app, location_id, err);
	if (status != DUM_OK)
		return status;
	jsonw_array_begin(&list.w);
	status = cycle_total_each(
	    app->db, location_id, (int)app->config->billing_cycle_day,
	    app_today(app), (int)req->params[LIMIT].number, add_cycle, &list,
	    err);
	jsonw_array_end(&list.w);
	return status;
}
