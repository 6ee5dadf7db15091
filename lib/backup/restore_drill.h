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

/*
 * DUM_OK: every value of the tables of data came back. Errors as of a restore.
 */
DUM_MUST_CHECK enum dum_status restore_drill(
    struct drill_result *out, const struct config *config,
    const struct backup_dir *dir, const struct origin *who, const char *name,
    const struct container_key *key, struct dum_error *err);

/*
 * The same for the way to an instant: unpack a backup, replay the shipped
 * journal up to where a later one ends, and hold the tables against that one.
 */
struct replay_drill {
	const char *from; /* its name */
	int64_t upto_id;  /* the last entry of the later one */
};

/*
 * *entries_out: how many were replayed. DUM_EDAMAGED: it comes out otherwise.
 */
DUM_MUST_CHECK enum dum_status replay_drill(int64_t *entries_out,
                                            const struct config *config,
                                            const struct backup_dir *dir,
                                            const struct origin *who,
                                            const struct replay_drill *drill,
                                            const struct container_key *key,
                                            struct dum_error *err);

#endif
