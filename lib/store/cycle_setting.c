#include "store/cycle_setting.h"

#include <stdlib.h>
#include <string.h>

#include "store/query.h"

/* Cycle days change a few times in the life of a line, not thousands. */
enum { SETTINGS_MAX = 1000 };

static enum dum_status add_row(struct cycle_settings *settings, struct query *q)
{
	struct cycle_setting *list = settings->list;
	size_t n = settings->plan.count;
	const char *text = query_text(q, 1);

	if (n == SETTINGS_MAX)
		return error_set(q->err, DUM_EINVAL,
		                 "more than %d cycle settings", SETTINGS_MAX);
	list = realloc(list, (n + 1) * sizeof(*list));
	if (list == NULL)
		return error_set(q->err, DUM_ENOMEM, "out of memory");
	settings->list = list;
	list[n].cycle_day = (int)query_int(q, 0);
	if (!date_parse(&list[n].valid_from, text, strlen(text)))
		return error_set(q->err, DUM_EDAMAGED,
		                 "cycle_settings: '%.20s' is no date", text);
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

enum dum_status cycle_settings_load(struct cycle_settings *out, struct db *db,
                                    int64_t location_id, int first_day,
                                    struct dum_error *err)
{
	struct cycle_settings found = {.plan.first_day = first_day};
	enum dum_status status = DUM_OK;

	if (location_id != 0)
		status = load(&found, db, location_id, err);
	if (status == DUM_OK && found.plan.count == 0)
		status = load(&found, db, 0, err);
	if (status != DUM_OK) {
		cycle_settings_release(&found);
		return status;
	}
	*out = found;
	return DUM_OK;
}

void cycle_settings_release(struct cycle_settings *settings)
{
	free(settings->list);
	*settings = (struct cycle_settings){.list = NULL};
}
