#ifndef DUM_BACKUP_RETENTION_H
#define DUM_BACKUP_RETENTION_H
/*
 * retention - which backups may go?
 *
 * Those older than so many days, and of the others those beyond a number. Of
 * each of the last days, weeks (from Monday) and months that have one, in UTC,
 * the last proven backup can be kept however old it is (grandfather, father,
 * son). What has a label stays, and so does the newest proven one, always.
 *
 * Pure: no files, no clock.
 */
#include "backup/catalog.h"

struct retention_policy {
	int64_t days;
	int64_t max_count;
	int64_t keep_daily, keep_weekly, keep_monthly; /* 0: none */
};

struct retention_verdict {
	bool keep;
	const char *why; /* in a few words; a constant */
};

struct retention_policy retention_policy(const struct config *config);

/*
 * verdicts has room for catalog->count and stands in its order. DUM_ECONFLICT:
 * the clock stands before the newest backup, so that ages mean nothing; then
 * nothing may go.
 */
DUM_MUST_CHECK enum dum_status retention_plan(
    struct retention_verdict *verdicts, const struct catalog *catalog,
    const struct retention_policy *policy, int64_t now, struct dum_error *err);

/*
 * Remove what may go from a folder; *removed_out: how many. tell, which may be
 * NULL, is called for each that goes; dry_run: only that.
 */
typedef void (*retention_fn)(void *arg, const struct catalog_entry *entry,
                             const char *why);
DUM_MUST_CHECK enum dum_status retention_apply(
    int *removed_out, const struct backup_dir *dir,
    const struct retention_policy *policy, bool dry_run, retention_fn tell,
    void *arg, struct dum_error *err);

#endif
