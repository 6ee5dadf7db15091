#include "store/cycle_setting.h"

#include <stdlib.h>
#include <string.h>

#include "store/query.h"

/* Cycle days change a few times in the life of a line, not thousands. */
enum { SETTINGS_MAX = 1000 };

static enum dum_status bad_date(struct query *q, int column)
{
	return error_set(q->err, DUM_EDAMAGED,
	                 "cycle_settings: '%.20s' is no date",
	                 query_text(q, column));
}

static enum dum_status add_row(struct cycle_settings *settings, struct query *q)
{
	struct cycle_setting *list = settings->list;
	size_t n = settings->plan.count;

	if (n == SETTINGS_MAX)
		return error_set(q->err, DUM_EINVAL,
		                 "more than %d cycle settings", SETTINGS_MAX);
	list = realloc(list, (n + 1) * sizeof(*list));
	if (list == NULL)
		return error_set(q->err, DUM_ENOMEM, "out of memory");
	settings->list = list;
	list[n].cycle_day = (int)query_int(q, 0);
	if (!query_date(&list[n].valid_from, q, 1))
		return bad_date(q, 1);
	settings->plan.settings = list;
	settings->plan.count = n + 1;
	return DUM_OK;
}

static enum dum_status load(struct cycle_settings *out, struct db *db,
                            int64_t location_id, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_CYCLE_SETTING_LIST, err);
	query_bind_int(&q, ":location_id", location_id);
	while (query_row(&q))
		query_fail(&q, add_row(out, &q));
	return query_end(&q);
}

/* Of the settings for all, those before the location's own first one hold. */
static enum dum_status load_own(struct cycle_settings *out, struct db *db,
                                int64_t location_id, struct dum_error *err)
{
	struct cycle_settings own = {.list = NULL};
	enum dum_status status = load(&own, db, location_id, err);
	size_t kept = 0, n = own.plan.count;
	struct cycle_setting *list;

	if (status != DUM_OK || n == 0) {
		cycle_settings_release(&own);
		return status;
	}
	while (kept < out->plan.count &&
	       date_cmp(out->list[kept].valid_from, own.list[0].valid_from) < 0)
		kept++;
	list = realloc(out->list, (kept + n) * sizeof(*list));
	if (list == NULL) {
		cycle_settings_release(&own);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	memcpy(list + kept, own.list, n * sizeof(*list));
	out->list = list;
	out->own = n;
	out->plan.settings = list;
	out->plan.count = kept + n;
	cycle_settings_release(&own);
	return DUM_OK;
}

enum dum_status cycle_settings_load(struct cycle_settings *out, struct db *db,
                                    int64_t location_id, int first_day,
                                    struct dum_error *err)
{
	struct cycle_settings found = {.plan.first_day = first_day};
	enum dum_status status = load(&found, db, 0, err);

	if (status == DUM_OK && location_id != 0)
		status = load_own(&found, db, location_id, err);
	if (status != DUM_OK) {
		cycle_settings_release(&found);
		return status;
	}
	*out = found;
	return DUM_OK;
}

enum dum_status cycle_setting_each(struct db *db, int64_t location_id,
                                   cycle_setting_fn fn, void *arg,
                                   struct dum_error *err)
{
	struct query q;

	query_start(&q, db,
	            location_id != 0 ? SQL_CYCLE_SETTING_EACH_LOCATION
	                             : SQL_CYCLE_SETTING_EACH,
	            err);
	if (location_id != 0)
		query_bind_int(&q, ":location_id", location_id);
	while (query_row(&q)) {
		struct cycle_setting_row row = {
		    .id = query_int(&q, 0),
		    .location_id = query_int(&q, 1),
		    .setting.cycle_day = (int)query_int(&q, 2)};

		if (!query_date(&row.setting.valid_from, &q, 3))
			query_fail(&q, bad_date(&q, 3));
		else
			query_fail(&q, fn(arg, &row, err));
	}
	return query_end(&q);
}

enum dum_status cycle_setting_get(struct cycle_setting_row *out, struct db *db,
                                  int64_t id, struct dum_error *err)
{
	struct cycle_setting_row row = {.id = 0};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_CYCLE_SETTING_GET, err);
	query_bind_int(&q, ":id", id);
	while (query_row(&q)) {
		row.id = id;
		row.location_id = query_int(&q, 0);
		row.setting.cycle_day = (int)query_int(&q, 1);
		if (!query_date(&row.setting.valid_from, &q, 2))
			query_fail(&q, bad_date(&q, 2));
	}
	status = query_end(&q);
	if (status == DUM_OK && row.id == 0)
		return error_set(err, DUM_ENOTFOUND, "there is no setting %lld",
		                 (long long)id);
	if (status == DUM_OK)
		*out = row;
	return status;
}

void cycle_settings_release(struct cycle_settings *settings)
{
	free(settings->list);
	*settings = (struct cycle_settings){.list = NULL};
}
