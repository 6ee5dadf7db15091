#include "backup/retention.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400 };

struct retention_policy retention_policy(const struct config *config)
{
	return (struct retention_policy){
	    .days = config->backup_retention_days,
	    .max_count = config->backup_max_count,
	    .keep_daily = config->backup_keep_daily,
	    .keep_weekly = config->backup_keep_weekly,
	    .keep_monthly = config->backup_keep_monthly};
}

/* Periods are numbered, so that those of two backups can be compared. */
static int64_t day_of(int64_t at)
{
	return at / DAY_S;
}

/* Day 0 was a Thursday. */
static int64_t week_of(int64_t at)
{
	return (at / DAY_S + 3) / 7;
}

static int64_t month_of(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return 0;
	return (int64_t)tm.tm_year * 12 + tm.tm_mon;
}

static void keep(struct retention_verdict *v, const char *why)
{
	if (!v->keep)
		*v = (struct retention_verdict){.keep = true, .why = why};
}

/*
 * The last proven one of a period; where none is proven, the last. From the
 * newest to the oldest, and only so many periods that have any.
 */
static void keep_by_period(struct retention_verdict *verdicts,
                           const struct catalog *catalog,
                           int64_t (*period_of)(int64_t), int64_t count,
                           const char *why)
{
	int64_t period = INT64_MIN;
	size_t chosen = 0;
	bool proven = false;

	for (size_t i = catalog->count; i-- > 0;) {
		const struct catalog_entry *e = &catalog->list[i];

		if (e->state == BACKUP_MISSING)
			continue;
		if (period_of(e->parsed.at) != period) {
			if (period != INT64_MIN)
				keep(&verdicts[chosen], why);
			if (count-- <= 0)
				return;
			period = period_of(e->parsed.at);
			chosen = i;
			proven = e->state == BACKUP_PROVEN;
		} else if (!proven && e->state == BACKUP_PROVEN) {
			chosen = i;
			proven = true;
		}
	}
	if (period != INT64_MIN)
		keep(&verdicts[chosen], why);
}

/* Those that are young enough, the newest first, up to the number. */
static void keep_recent(struct retention_verdict *verdicts,
                        const struct catalog *catalog,
                        const struct retention_policy *policy, int64_t now)
{
	int64_t kept = 0;

	for (size_t i = catalog->count; i-- > 0;) {
		const struct catalog_entry *e = &catalog->list[i];

		if (e->parsed.label[0] != '\0')
			continue;
		if (now - e->parsed.at > policy->days * DAY_S) {
			verdicts[i].why = "older than the days that are kept";
		} else if (kept < policy->max_count) {
			keep(&verdicts[i], "recent");
			kept++;
		} else {
			verdicts[i].why = "more than the number that is kept";
		}
	}
}

enum dum_status retention_plan(struct retention_verdict *verdicts,
                               const struct catalog *catalog,
                               const struct retention_policy *policy,
                               int64_t now, struct dum_error *err)
{
	const struct catalog_entry *proven = catalog_newest_proven(catalog);

	for (size_t i = 0; i < catalog->count; i++) {
		const struct catalog_entry *e = &catalog->list[i];

		if (e->has_manifest && e->parsed.at > now)
			return error_set(err, DUM_ECONFLICT,
			                 "the clock stands before the newest "
			                 "backup, %s; nothing is removed until "
			                 "it is right",
			                 e->name);
		verdicts[i] = (struct retention_verdict){.keep = false};
	}
	keep_recent(verdicts, catalog, policy, now);
	for (size_t i = 0; i < catalog->count; i++) {
		if (catalog->list[i].parsed.label[0] != '\0')
			keep(&verdicts[i], "labelled");
		if (&catalog->list[i] == proven)
			keep(&verdicts[i], "the newest proven one");
	}
	keep_by_period(verdicts, catalog, day_of, policy->keep_daily,
	               "the last one of its day");
	keep_by_period(verdicts, catalog, week_of, policy->keep_weekly,
	               "the last one of its week");
	keep_by_period(verdicts, catalog, month_of, policy->keep_monthly,
	               "the last one of its month");
	return DUM_OK;
}

enum dum_status retention_apply(int *removed_out, const struct backup_dir *dir,
                                const struct retention_policy *policy,
                                bool dry_run, retention_fn tell, void *arg,
                                struct dum_error *err)
{
	struct retention_verdict *verdicts = NULL;
	struct catalog catalog;
	enum dum_status status;
	int removed = 0;

	status = catalog_read(&catalog, backup_dir_path(dir), err);
	if (status != DUM_OK)
		return status;
	verdicts = calloc(catalog.count + 1, sizeof(*verdicts));
	if (verdicts == NULL) {
		catalog_release(&catalog);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	status = retention_plan(verdicts, &catalog, policy, clock_now(), err);
	for (size_t i = 0; status == DUM_OK && i < catalog.count; i++) {
		if (verdicts[i].keep)
			continue;
		if (!dry_run)
			status = catalog_remove(&catalog, &catalog.list[i], dir,
			                        err);
		if (status == DUM_OK) {
			removed++;
			if (tell != NULL)
				tell(arg, &catalog.list[i], verdicts[i].why);
		}
	}
	free(verdicts);
	catalog_release(&catalog);
	if (status == DUM_OK)
		*removed_out = removed;
	return status;
}
