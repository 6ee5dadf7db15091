#ifndef DUM_BACKUP_REMOTE_H
#define DUM_BACKUP_REMOTE_H
/*
 * remote - the place that backups are copied to: a folder of another disk, or
 * of whatever rclone reaches. Files in it are named as in DATABASE_BACKUP_DIR,
 * those of the journal "journal/NAME".
 *
 * A file gets its name there only when all of it has arrived: it is written
 * under another one that ends in .partial, read back, and renamed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "config/config.h"
#include "crypto/hash.h"

enum { REMOTE_NAME_MAX = 192, REMOTE_FILES_MAX = 2000000 };

/* What tells that a folder is the one that was meant, and its disk mounted. */
#define REMOTE_SENTINEL "data-usage-monitor-copies"

struct remote;

struct remote_file {
	char name[REMOTE_NAME_MAX];
	int64_t bytes;
};

struct remote_list {
	struct remote_file *list; /* by name */
	size_t count;
};

/*
 * The place that SYNC_TARGET names. DUM_ENOTFOUND: there is no such folder, or
 * no sentinel in it: its disk is not mounted. DUM_EINVAL: rclone can not rename
 * there. Nothing is written.
 */
DUM_MUST_CHECK enum dum_status remote_open(struct remote **out,
                                           const struct config *config,
                                           struct dum_error *err);
void remote_free(struct remote *remote);

/*
 * Make a folder ready to be one, with its sentinel; once, by a person.
 * *same_disk_out: it is on the disk of the backups.
 */
DUM_MUST_CHECK enum dum_status remote_prepare(bool *same_disk_out,
                                              const struct config *config,
                                              struct dum_error *err);

/* All files. An empty place has none. Owns memory: remote_list_release(). */
DUM_MUST_CHECK enum dum_status remote_list_read(struct remote_list *out,
                                                struct remote *remote,
                                                struct dum_error *err);
void remote_list_release(struct remote_list *list);
/* NULL: there is none. */
const struct remote_file *remote_list_find(const struct remote_list *list,
                                           const char *name);

/* Gets how many bytes went by since the last call. */
typedef void (*remote_progress_fn)(void *arg, int64_t bytes);

struct remote_copy {
	const char *name;
	int fd;             /* from its first byte on */
	int64_t bytes;      /* so many; what is behind them stays here */
	const char *sha256; /* that they have to have; NULL: is told */
	const char *mark;   /* of whose it is, for the name meanwhile */
	remote_progress_fn progress; /* of writing and reading back; or NULL */
	void *arg;
};

/*
 * Copy a file, in place of one of its name. sha256_out gets the hash of what is
 * there now. DUM_EDAMAGED: the file here has another hash than it should, or
 * what was read back is not what was written; DUM_EFULL. Then the one that was
 * there is still there.
 */
DUM_MUST_CHECK enum dum_status remote_put(char sha256_out[static HASH_HEX_MAX],
                                          struct remote *remote,
                                          const struct remote_copy *copy,
                                          struct dum_error *err);

/* Is it a name that a copy has until it is whole, and of that mark? */
bool remote_is_partial(const char *name, const char *mark);

/* Read all of a file, and hash it. DUM_ENOTFOUND. */
DUM_MUST_CHECK enum dum_status remote_hash(char sha256_out[static HASH_HEX_MAX],
                                           int64_t *bytes_out,
                                           struct remote *remote,
                                           const char *name,
                                           remote_progress_fn progress,
                                           void *arg, struct dum_error *err);

/* A small file, appended to out. DUM_ENOTFOUND. DUM_EDAMAGED: it is longer. */
DUM_MUST_CHECK enum dum_status remote_get(struct strbuf *out,
                                          struct remote *remote,
                                          const char *name, size_t limit,
                                          struct dum_error *err);

/* One that is not there is fine. */
DUM_MUST_CHECK enum dum_status remote_remove(struct remote *remote,
                                             const char *name,
                                             struct dum_error *err);

#endif
