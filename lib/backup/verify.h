#ifndef DUM_BACKUP_VERIFY_H
#define DUM_BACKUP_VERIFY_H
/*
 * verify - is a backup what its manifest says? By levels:
 *
 *	0  its size and the hash of its bytes
 *	1  all of it decoded, and the hash of the image held against what was
 *	   read from the database when the backup was made
 *	2  unpacked into a scratch file: integrity, foreign keys, row counts
 *	3  and the content of every table, value by value, by its hash
 */
#include "backup/backup_dir.h"
#include "backup/image.h"
#include "backup/manifest.h"
#include "backup/progress.h"

enum { VERIFY_LEVEL_MAX = 3 };

struct verify_request {
	const struct backup_dir *dir; /* for the scratch file, too */
	const char *folder;           /* where the backup is; NULL: in dir */
	const char *name;             /* without its folder */
	int level;
	const struct container_key *key; /* NULL: none */
	backup_progress_fn progress;     /* of decoding; may be NULL */
	void *arg;
	bool config; /* also the configuration that went along with it */
};

/*
 * Verify a backup; its manifest takes up the result, also of a failure, where
 * it stands in dir. Without a manifest nothing is held against anything: it is
 * decoded (and checked from level 2 on), and *manifest_out has no id. DUM_EKEY,
 * DUM_EDAMAGED, DUM_ETRUNCATED, DUM_ENOTFOUND, DUM_EFULL. image_out: see below.
 */
DUM_MUST_CHECK enum dum_status verify_backup(
    struct manifest *manifest_out, struct image **image_out,
    const struct verify_request *request, struct dum_error *err);

/*
 * The work of it, on an open file: m says what it has to be, and where
 * m->stored_sha256 is "" the stored bytes are told and not held against it.
 * *image_out, when it is not NULL, gets the unpacked image (level 2 and up);
 * the caller frees it.
 */
DUM_MUST_CHECK enum dum_status verify_file(struct manifest *m,
                                           struct image **image_out, int fd,
                                           const struct verify_request *request,
                                           struct dum_error *err);

/* Text of a level, for people. */
const char *verify_level_text(int level);

#endif
