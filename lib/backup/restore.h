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
 *
 * To an instant: the newest proven backup before it is unpacked, and what the
 * shipped journal says was done from there on is done once more; the rest is
 * the same, or it is written to a file of its own.
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

struct restore_result;

/* The restore is done in db, and not committed; what it came to so far. */
typedef enum dum_status (*restore_change_fn)(
    void *arg, struct db *db, const struct restore_result *result,
    struct dum_error *err);

struct restore_request {
	const char
	    *folder;      /* where the backup is; NULL: in the folder of all */
	const char *name; /* NULL: by the instant */
	int64_t at;       /* the instant, in seconds; its own are in */
	const char *to;   /* a new file instead of the database; NULL */
	const struct container_key *key; /* that opens it; NULL: none */
	bool whole;
	/* How the safety backup and the fresh one are made; label and progress
	 * are ignored. */
	const struct backup_options *options;
	backup_progress_fn progress; /* up to the change; may be NULL */
	void *progress_arg;
	/* Called at the end of the change of a sound database, to become a part
	 * of it; may be NULL. */
	restore_change_fn in_change;
	void *in_change_arg;
};

struct restore_result {
	struct manifest manifest; /* of what was restored; no id: it had none */
	bool whole;
	int schema_from, schema_to; /* equal: nothing to migrate */
	int64_t timeline;           /* that began */
	/* To an instant: */
	char name[BACKUP_NAME_MAX];   /* of the backup that it started from */
	int64_t replayed;             /* entries of the journal */
	int64_t last_id;              /* of the last one that is in it */
	char last_at[CLOCK_TEXT_MAX]; /* its time; "": none was replayed */
	bool open_end; /* no later entry is known: the journal ends there */
	int checked;   /* other backups on the way that it was held against */
	char not_shipped[RESTORE_PATH_MAX]; /* why the end may be missing; "" */
	char safety[BACKUP_NAME_MAX];       /* "": there was nothing to keep */
	int64_t codes_dropped; /* recovery codes that are no longer valid */
	char aside[RESTORE_PATH_MAX]; /* where damaged files were copied; "" */
	char fresh[BACKUP_NAME_MAX];  /* the backup after it; "": it failed */
	struct dum_error fresh_error; /* why, then */
	size_t table_count;
	struct restore_table tables[RESTORE_TABLES_MAX];
};

/*
 * DUM_ENOTFOUND: no proven backup is of before the instant. DUM_EBUSY: others
 * hold the lock. DUM_ESCHEMA: the backup is of a newer
 * program. DUM_ECONFLICT: it is of another database, which only `whole` takes
 * over; or an entry of the journal does not fit. DUM_EDAMAGED: the backup, or
 * the database, then told so in the text.
 */
DUM_MUST_CHECK enum dum_status backup_restore(
    struct restore_result *out, const struct config *config,
    const struct backup_dir *dir, const struct origin *who,
    const struct restore_request *request, struct dum_error *err);

#endif
