#ifndef DUM_BACKUP_OFFSITE_H
#define DUM_BACKUP_OFFSITE_H
/*
 * offsite - keep copies of the backups, and of the journal's segments, in
 * another place (SYNC_TARGET), so that what takes this machine does not take
 * them along.
 *
 * What is there already is not sent again. Each file is read back before it
 * gets its name, and a manifest goes after what it describes: whatever moment
 * ends a run, all that can be seen there is whole. Which copies are kept there
 * is decided by the same rules as here, with numbers of their own (SYNC_*),
 * over what is here and what is only there.
 *
 * What is known of the place lies in the folder "offsite" of that of the
 * backups: the manifests as they are there, and sync.json. To lose it costs
 * time, not copies.
 */
#include "backup/catalog.h"
#include "backup/remote.h"

enum offsite_action { OFFSITE_COPY, OFFSITE_REMOVE };

/* One file that is copied or removed. */
struct offsite_step {
	enum offsite_action action;
	char name[REMOTE_NAME_MAX];
	char backup[BACKUP_NAME_MAX]; /* which it is a part of; "": a segment */
	int64_t bytes;
	char sha256[HASH_HEX_MAX]; /* of it; of a manifest: of the backup */
	const char *why;           /* it is removed; a constant */
	bool done;
};

/* Gets each step when it is done; in a dry run, each that would be. */
typedef void (*offsite_step_fn)(void *arg, const struct offsite_step *step);
/* Gets what is wrong with one file, while the others go on. */
typedef void (*offsite_problem_fn)(void *arg, const struct dum_error *problem);

struct offsite_options {
	const char *who; /* told to others while it works */
	bool dry_run;
	bool verify; /* read all back that is there, too */
	offsite_step_fn tell;
	offsite_problem_fn problem;
	backup_progress_fn progress; /* may be NULL */
	void *arg;
};

struct offsite_result {
	int64_t copied, removed; /* files */
	int64_t copied_bytes;
	int64_t backups;  /* that are there after */
	int64_t verified; /* files that were read back at the end */
	int64_t problems;
	enum dum_status problem; /* the first one's */
};

/*
 * Bring the copies up to date. DUM_ENOTFOUND: the place is not there (a disk
 * that is not mounted), or there is no backup here; DUM_ECONFLICT: backups of
 * another database lie there; DUM_EBUSY: another run, and the text says whose;
 * DUM_EFULL. What is wrong with single files is in the result, and told.
 */
DUM_MUST_CHECK enum dum_status offsite_sync(
    struct offsite_result *out, const struct config *config,
    const struct offsite_options *options, struct dum_error *err);

/* When it was last done to its end; 0: never, or to another place. */
DUM_MUST_CHECK enum dum_status offsite_last(int64_t *at_out,
                                            const struct config *config,
                                            struct dum_error *err);

#endif
