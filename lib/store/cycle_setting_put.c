/* Change the cycle day: the only place that writes cycle_settings. */
#include <stdio.h>

#include "base/json_writer.h"
#include "store/cycle_setting.h"
#include "store/journal.h"
#include "store/query.h"

/* The row of a setting, as it is stored; id 0: there is none. */
struct row {
	int64_t id;
	int64_t location_id;
	struct cycle_setting setting;
	char created_at[CLOCK_TEXT_MAX];
};

static enum dum_status find(struct row *out, struct db *db, int64_t location_id,
                            struct date valid_from, struct dum_error *err)
{
	struct row row = {.location_id = location_id,
	                  .setting.valid_from = valid_from};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_CYCLE_SETTING_FIND, err);
	query_bind_int(&q, ":location_id", location_id);
	query_bind_date(&q, ":valid_from", valid_from);
	while (query_row(&q)) {
		row.id = query_int(&q, 0);
		row.setting.cycle_day = (int)query_int(&q, 1);
		snprintf(row.created_at, sizeof(row.created_at), "%s",
		         query_text(&q, 2));
	}
	status = query_end(&q);
	if (status == DUM_OK)
		*out = row;
	return status;
}

static void write_json(struct strbuf *out, const struct row *row)
{
	struct json_writer w = {.out = out};
	char valid_from[DATE_TEXT_MAX];

	date_format(valid_from, row->setting.valid_from);
	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", row->id);
	if (row->location_id != 0)
		jsonw_member_int(&w, "location_id", row->location_id);
	else
		jsonw_member_null(&w, "location_id");
	jsonw_member_int(&w, "cycle_day", row->setting.cycle_day);
	jsonw_member_string(&w, "valid_from", valid_from);
	jsonw_member_string(&w, "created_at", row->created_at);
	jsonw_object_end(&w);
}

static enum dum_status enter_journal(struct db *db, const struct row *before,
                                     const struct row *after,
                                     struct dum_error *err)
{
	struct strbuf old = STRBUF_INIT, new = STRBUF_INIT;
	struct journal_change change = {.table = "cycle_settings"};
	enum dum_status status;
	char pk[24];

	snprintf(pk, sizeof(pk), "%lld",
	         (long long)(before->id != 0 ? before->id : after->id));
	change.pk = pk;
	change.op = before->id == 0  ? "insert"
	            : after->id == 0 ? "delete"
	                             : "update";
	if (before->id != 0) {
		write_json(&old, before);
		change.before = old.buf;
	}
	if (after->id != 0) {
		write_json(&new, after);
		change.after = new.buf;
	}
	if (!strbuf_ok(&old) || !strbuf_ok(&new))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = journal_append(db, &change, err);
	strbuf_release(&old);
	strbuf_release(&new);
	return status;
}

static enum dum_status store(struct db *db, int64_t location_id,
                             const struct cycle_setting *setting,
                             struct dum_error *err)
{
	struct row before = {.id = 0}, after = {.id = 0};
	enum dum_status status;
	struct query q;

	status = find(&before, db, location_id, setting->valid_from, err);
	if (status != DUM_OK ||
	    (before.id != 0 && before.setting.cycle_day == setting->cycle_day))
		return status;
	query_start(&q, db, SQL_CYCLE_SETTING_PUT, err);
	if (location_id != 0)
		query_bind_int(&q, ":location_id", location_id);
	query_bind_int(&q, ":cycle_day", setting->cycle_day);
	query_bind_date(&q, ":valid_from", setting->valid_from);
	query_bind_text(&q, ":at", db_change_at(db));
	status = query_run(&q);
	if (status == DUM_OK)
		status = find(&after, db, location_id, setting->valid_from,
		              err);
	if (status == DUM_OK)
		status = enter_journal(db, &before, &after, err);
	return status;
}

enum dum_status cycle_setting_put(struct cycle_preview *out, struct db *db,
                                  int64_t location_id,
                                  const struct cycle_setting *setting,
                                  int first_day, struct date today,
                                  struct dum_error *err)
{
	struct cycle_preview preview;
	enum dum_status status;

	status = cycle_setting_preview(&preview, db, location_id, setting,
	                               first_day, today, err);
	if (status == DUM_OK)
		status = store(db, location_id, setting, err);
	if (status == DUM_OK)
		*out = preview;
	return status;
}

/* --- taking one away ------------------------------------------------------ */

/* Do both plans start the same cycles, up to the one that holds today? */
static bool same_until(const struct cycle_plan *a, const struct cycle_plan *b,
                       struct date from, struct date today)
{
	struct cycle x = cycle_of(a, today), y = cycle_of(b, today);

	while (date_cmp(x.start, y.start) == 0) {
		/* Before it, neither knows of the setting. */
		if (date_cmp(x.start, from) < 0)
			return true;
		x = cycle_before(a, x);
		y = cycle_before(b, y);
	}
	return false;
}

static enum dum_status remove_row(struct db *db, const struct row *row,
                                  struct dum_error *err)
{
	const struct row none = {.id = 0};
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_CYCLE_SETTING_DELETE, err);
	query_bind_int(&q, ":id", row->id);
	status = query_run(&q);
	return status == DUM_OK ? enter_journal(db, row, &none, err) : status;
}

/*
 * The plan without it is read from the database that no longer has it: the
 * caller rolls back where that is refused.
 */
enum dum_status cycle_setting_delete(struct db *db, int64_t id, int first_day,
                                     struct date today, struct dum_error *err)
{
	struct cycle_settings with = {.list = NULL}, without = {.list = NULL};
	struct cycle_setting_row found;
	struct row row = {.id = 0};
	enum dum_status status;

	status = cycle_setting_get(&found, db, id, err);
	if (status == DUM_OK)
		status = find(&row, db, found.location_id,
		              found.setting.valid_from, err);
	if (status == DUM_OK)
		status = cycle_settings_load(&with, db, found.location_id,
		                             first_day, err);
	if (status == DUM_OK)
		status = remove_row(db, &row, err);
	if (status == DUM_OK)
		status = cycle_settings_load(&without, db, found.location_id,
		                             first_day, err);
	if (status == DUM_OK && !same_until(&with.plan, &without.plan,
	                                    found.setting.valid_from, today))
		status = error_set(err, DUM_ECONFLICT,
		                   "cycles have started by this setting, and "
		                   "those stay as they were; set another day "
		                   "from now on instead");
	cycle_settings_release(&without);
	cycle_settings_release(&with);
	return status;
}
