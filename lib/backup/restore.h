#ifndef DUM_BACKUP_RESTORE_H
#define DUM_BACKUP_RESTORE_H
/*
 * restore - bring the data of a backup back.
 *
 * Into a sound database it is one change like any other, while the workers
 * serve: the tables of data (see content_is_data()) get the backup's rows, and
 * only rows that differ are touched. Journal, accounts, keys and what was
 * revoked go on. Where the database is damaged or absent (or `whole` is asked
 * for) all of it is replaced, through the engine, in one transaction.
 *
 * The backup is verified to the last value before anything is touched; what is
 * there is kept as a safety backup; a new timeline begins; a fresh backup
 * follows. Killed at any moment it leaves the old state or the new one.
 */
#include "backup/create.h"
#include "backup/verify.h"

enum { RESTORE_TABLES_MAX = 8, RESTORE_PATH_MAX = 512 };

/* What it came to, of one table. */
struct restore_table {
	char name[CONTENT_NAME_MAX];
	int64_t rows; /* now */
	int64_t removed, added;
};

struct restore_request {
	const char
	    *folder; /* where the backup is; NULL: in the folder of all */
	const char *name;
	const struct container_key *key; /* that opens it; NULL: none */
	bool whole;
	/* How the safety backup and the fresh one are made; label is ignored. */
	const struct backup_options *options;
};

struct restore_result {
	struct manifest manifest; /* of what was restored; no id: it had none */
	bool whole;
	int schema_from, schema_to;   /* equal: nothing to migrate */
	int64_t timeline;             /* that began */
	char safety[BACKUP_NAME_MAX]; /* "": there was nothing to keep */
	char aside[RESTORE_PATH_MAX]; /* where damaged files were copied; "" */
	char fresh[BACKUP_NAME_MAX];  /* the backup after it; "": it failed */
	struct dum_error fresh_error; /* why, then */
	size_t table_count;
	struct restore_table tables[RESTORE_TABLES_MAX];
};

/*
 * DUM_EBUSY: others hold the lock. DUM_ESCHEMA: the backup is of a newer
 * program. DUM_ECONFLICT: it is of another database, which only `whole` takes
 * over. DUM_EDAMAGED: the backup, or the database, then told so in the text.
 */
DUM_MUST_CHECK enum dum_status backup_restore(
    struct restore_result *out, const struct config *config,
    const struct backup_dir *dir, const struct origin *who,
    const struct restore_request *request, struct dum_error *err);

#endif
