/* What a change of the cycle day does: worked out before anything is stored. */
#include <stdlib.h>
#include <string.h>

#include "store/cycle_setting.h"
#include "store/location.h"

enum { YEARS_AHEAD = 10 };

static enum dum_status check_location(struct db *db, int64_t id,
                                      struct dum_error *err)
{
	struct location location;
	enum dum_status status;

	if (id == 0)
		return DUM_OK;
	status = location_get(&location, db, id, err);
	if (status == DUM_ENOTFOUND && err != NULL)
		err->status = DUM_EINVAL;
	return status == DUM_ENOTFOUND ? DUM_EINVAL : status;
}

/* The first one from `at` on that is not before a date. */
static size_t find_place(const struct cycle_settings *settings, size_t at,
                         struct date date)
{
	while (at < settings->plan.count &&
	       date_cmp(settings->list[at].valid_from, date) < 0)
		at++;
	return at;
}

static size_t own_from(const struct cycle_settings *settings, bool is_own)
{
	return is_own ? settings->plan.count - settings->own : 0;
}

static bool is_there(const struct cycle_settings *settings, bool is_own,
                     const struct cycle_setting *setting)
{
	size_t at = find_place(settings, own_from(settings, is_own),
	                       setting->valid_from);

	return at < settings->plan.count &&
	       date_cmp(settings->list[at].valid_from, setting->valid_from) ==
	           0 &&
	       settings->list[at].cycle_day == setting->cycle_day;
}

static enum dum_status check(const struct cycle_settings *settings, bool is_own,
                             const struct cycle_setting *setting,
                             struct date today, struct dum_error *err)
{
	char start[DATE_TEXT_MAX];
	struct cycle now;

	if (setting->cycle_day < CYCLE_DAY_MIN ||
	    setting->cycle_day > CYCLE_DAY_MAX)
		return error_field(err, DUM_EINVAL, "cycle_day",
		                   "cycle_day must be from %d to %d",
		                   CYCLE_DAY_MIN, CYCLE_DAY_MAX);
	if (setting->valid_from.year > today.year + YEARS_AHEAD)
		return error_field(err, DUM_EINVAL, "valid_from",
		                   "valid_from is more than %d years ahead",
		                   YEARS_AHEAD);
	now = cycle_of(&settings->plan, today);
	if (date_cmp(setting->valid_from, now.start) >= 0 ||
	    is_there(settings, is_own, setting)) /* which changes nothing */
		return DUM_OK;
	date_format(start, now.start);
	return error_field(
	    err, DUM_EINVAL, "valid_from",
	    "cycles that are over stay as they were: valid_from "
	    "must not be before %s, when the current one started",
	    start);
}

/* Add a setting to a plan as if it were stored; *place_out is where it is. */
static enum dum_status add_setting(struct cycle_settings *settings,
                                   size_t *place_out, bool is_own,
                                   const struct cycle_setting *setting,
                                   struct dum_error *err)
{
	size_t count = settings->plan.count;
	size_t first = own_from(settings, is_own);
	size_t at = find_place(settings, first, setting->valid_from);
	size_t end = at; /* what lies between `at` and it makes room */
	struct cycle_setting *list = realloc(settings->list,
	                                     (count + 1) * sizeof(*list));

	if (list == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	settings->list = list;
	settings->plan.settings = list;
	if (end < count &&
	    date_cmp(list[end].valid_from, setting->valid_from) == 0)
		end++;
	/* The location's first one: those for all hold up to it alone. */
	if (is_own && at == first)
		at = find_place(settings, 0, setting->valid_from);
	memmove(list + at + 1, list + end, (count - end) * sizeof(*list));
	list[at] = *setting;
	settings->plan.count = count + 1 - (end - at);
	*place_out = at;
	return DUM_OK;
}

/* Does a cycle of that day start on the date? */
static bool is_start(struct date date, int cycle_day)
{
	int days = date_days_in_month(date.year, date.month);

	return date.day == (cycle_day < days ? cycle_day : days);
}

/* The old day's last cycle, and the new day's first. */
static struct cycle_change look_around(const struct cycle_plan *whole,
                                       size_t place)
{
	const struct cycle_setting *setting = &whole->settings[place];
	/* Up to this one: a later one may take over before it starts. */
	struct cycle_plan plan = {whole->first_day, whole->settings, place + 1};
	struct cycle_change change;

	/* Cycles of the old day go on until the new day gives a start. */
	change.first = cycle_of(&plan, setting->valid_from);
	while (date_cmp(change.first.start, setting->valid_from) < 0 ||
	       !is_start(change.first.start, setting->cycle_day))
		change.first = cycle_after(&plan, change.first);
	change.last = cycle_before(&plan, change.first);
	change.is_stub = cycle_is_stub(&plan, change.last);
	return change;
}

static void list_cycles(struct cycle_preview *out,
                        const struct cycle_plan *plan)
{
	struct cycle c = cycle_of(plan, out->change.last.start);

	c = cycle_before(plan, c);
	for (out->count = 0; out->count < CYCLE_PREVIEW_MAX; out->count++) {
		out->cycles[out->count] = c;
		out->stubs[out->count] = cycle_is_stub(plan, c);
		if (date_cmp(c.start, out->change.first.start) >= 0) {
			out->count++;
			break;
		}
		c = cycle_after(plan, c);
	}
}

enum dum_status cycle_setting_preview(struct cycle_preview *out, struct db *db,
                                      int64_t location_id,
                                      const struct cycle_setting *setting,
                                      int first_day, struct date today,
                                      struct dum_error *err)
{
	struct cycle_settings settings;
	enum dum_status status;
	size_t place = 0;

	status = check_location(db, location_id, err);
	if (status == DUM_OK)
		status = cycle_settings_load(&settings, db, location_id,
		                             first_day, err);
	if (status != DUM_OK)
		return status;
	status = check(&settings, location_id != 0, setting, today, err);
	if (status == DUM_OK)
		status = add_setting(&settings, &place, location_id != 0,
		                     setting, err);
	if (status == DUM_OK) {
		out->change = look_around(&settings.plan, place);
		out->holds = cycle_setting_holds(&settings.plan, place);
		list_cycles(out, &settings.plan);
	}
	cycle_settings_release(&settings);
	return status;
}
