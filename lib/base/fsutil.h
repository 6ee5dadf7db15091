#ifndef DUM_BASE_FSUTIL_H
#define DUM_BASE_FSUTIL_H
/*
 * fsutil - files as this product wants them: private, whole or not there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

/*
 * Read a whole file of at most limit bytes into out (appended).
 * DUM_ENOTFOUND: no such file. DUM_EINVAL: longer than the limit.
 */
DUM_MUST_CHECK enum dum_status fs_read_file(struct strbuf *out,
                                            const char *path, size_t limit,
                                            struct dum_error *err);

/*
 * Publish data under path: written to path.partial, flushed, renamed, and the
 * directory flushed. A reader sees the old file or the new one, whole.
 */
DUM_MUST_CHECK enum dum_status fs_write_atomic(const char *path,
                                               const void *data, size_t len,
                                               mode_t mode,
                                               struct dum_error *err);

/*
 * The same in steps, for what is written piece by piece: a file that has its
 * name only when it is whole.
 */
struct fs_partial {
	int fd;             /* to write to; -1: none */
	struct strbuf path; /* where it is until then: PATH.partial */
};

#define FS_PARTIAL_INIT                       \
	{                                     \
		.fd = -1, .path = STRBUF_INIT \
	}

/* One left behind by a killed run is replaced. mode as of open(2). */
DUM_MUST_CHECK enum dum_status fs_partial_open(struct fs_partial *out,
                                               const char *path, mode_t mode,
                                               struct dum_error *err);

/*
 * Flush it, give it the name path, in place of a file that is there, and flush
 * the directory.
 */
DUM_MUST_CHECK enum dum_status fs_partial_publish(struct fs_partial *partial,
                                                  const char *path,
                                                  struct dum_error *err);

/* The same where nothing is there. DUM_ECONFLICT: something is, and stays. */
DUM_MUST_CHECK enum dum_status fs_partial_publish_new(
    struct fs_partial *partial, const char *path, struct dum_error *err);

/* What was not published is removed. */
void fs_partial_release(struct fs_partial *partial);

/* Make a directory and its missing parents, 0700. One that exists is kept. */
DUM_MUST_CHECK enum dum_status fs_make_dir(const char *path,
                                           struct dum_error *err);

/*
 * Open, or make, the file path + suffix, for reading and writing. It gets
 * owner and mode of the file path where root makes it, so that others who may
 * use that one can use it too. A link in its place is not followed.
 * DUM_EREADONLY: the file system can not be written.
 */
DUM_MUST_CHECK enum dum_status fs_open_beside(int *fd_out, const char *path,
                                              const char *suffix,
                                              struct dum_error *err);

/*
 * Make a file in a folder that has no name, 0600: it is gone when the last who
 * has it open closes it. DUM_EFULL: there is no room for it.
 */
DUM_MUST_CHECK enum dum_status fs_open_nameless(int *fd_out, const char *folder,
                                                struct dum_error *err);

/* Flush the directory that holds path, so that a new name in it lasts. */
DUM_MUST_CHECK enum dum_status fs_sync_parent(const char *path,
                                              struct dum_error *err);

/*
 * The directory part of path: "." when it has none. Caller frees; NULL: memory.
 */
char *fs_parent(const char *path);

/* The last part of path; borrowed from it. */
const char *fs_base_name(const char *path);

bool fs_exists(const char *path);

/* read(2) until len bytes or the end. Returns how many, or -1 with errno. */
ssize_t fs_read_all(int fd, void *out, size_t len);

/* write(2) until all of it is written. Returns 0, or -1 with errno. */
int fs_write_all(int fd, const void *data, size_t len);

/*
 * Of a write that failed, by its errno: DUM_EFULL where there is no room, or
 * not for this user or in one file; else DUM_ESYS.
 */
enum dum_status fs_write_status(int error);

/*
 * All that is left to read of one into the other. Returns 0, or -1 with errno.
 */
int fs_copy_all(int to, int from);

#endif
