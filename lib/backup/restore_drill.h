#ifndef DUM_BACKUP_RESTORE_DRILL_H
#define DUM_BACKUP_RESTORE_DRILL_H
/*
 * restore_drill - restore a backup for practice: by the code of a real restore
 * (see backup/restore.h), into an empty database in the scratch folder.
 */
#include "backup/backup_dir.h"
#include "crypto/container_key.h"
#include "store/db.h"

struct drill_result {
	size_t tables;
	int64_t rows;
};

/* DUM_OK: every value of the tables of data came back. Errors as of a restore. */
DUM_MUST_CHECK enum dum_status restore_drill(
    struct drill_result *out, const struct config *config,
    const struct backup_dir *dir, const struct origin *who, const char *name,
    const struct container_key *key, struct dum_error *err);

#endif
