#ifndef DUM_BACKUP_SEGMENT_PRUNE_H
#define DUM_BACKUP_SEGMENT_PRUNE_H
/*
 * segment_prune - what of the journal may go: sealed segments behind the
 * oldest backup that is kept, since no way leads from any backup through them;
 * and of the live journal what is older than it has to be, once every entry of
 * it was read back from sealed segments.
 */
#include "backup/backup_dir.h"
#include "backup/retention.h"
#include "backup/segment_file.h"

/*
 * The measure of it, without any files: gone has room for list->count and gets
 * which may go, verdicts are those of the catalog. Entries behind live_upto
 * are in the live journal and stay; INT64_MAX: that does not matter.
 */
void segment_plan(bool *gone, const struct segment_list *list,
                  const struct catalog *catalog,
                  const struct retention_verdict *verdicts, int64_t live_upto);

typedef void (*segment_gone_fn)(void *arg, const char *name);

/*
 * Which backups are kept is what the settings say of those that are there.
 * Without a proven one of a database nothing of it goes. Where entries are to
 * leave the live journal one day (JOURNAL_RETENTION_DAYS), a segment stays as
 * long as they are in it. tell may be NULL; dry_run: only that. *removed_out:
 * how many. DUM_EBUSY: dum-backup ship is at work. DUM_ECONFLICT: as of
 * retention_plan().
 */
DUM_MUST_CHECK enum dum_status segment_prune(int *removed_out,
                                             const struct config *config,
                                             bool dry_run, segment_gone_fn tell,
                                             void *arg, struct dum_error *err);

struct journal_gone {
	int64_t entries; /* that went, or would */
	int64_t upto_id; /* 0: none */
	int64_t held;    /* old enough, and not in sealed segments yet */
};

/*
 * Let go of live entries that are older than days. DUM_EDAMAGED: a segment, or
 * the journal itself, is damaged; then none goes.
 */
DUM_MUST_CHECK enum dum_status journal_let_go(
    struct journal_gone *out, const struct config *config,
    const struct origin *who, const struct segment_access *access, int64_t days,
    bool dry_run, struct dum_error *err);

#endif
