#ifndef DUM_BACKUP_BACKUP_DIR_H
#define DUM_BACKUP_BACKUP_DIR_H
/*
 * backup_dir - the folder of the backups: one program at a time works in it,
 * and what a killed one left half done is cleared away by the next.
 *
 * Whoever has it open holds its lock, so every file of ours named .partial in
 * it is of a program that is gone.
 */
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

struct backup_dir;

/*
 * Take the folder (made 0700 when it is not there) for a program; who is told
 * to others. DUM_EBUSY: another has it, and the text says who.
 */
DUM_MUST_CHECK enum dum_status backup_dir_open(struct backup_dir **out,
                                               const char *path,
                                               const char *who,
                                               struct dum_error *err);
void backup_dir_close(struct backup_dir *dir);

/*
 * Remove what was begun and has no final name yet, also of this program: for
 * one that is about to end. From another thread, too.
 */
void backup_dir_clear(const struct backup_dir *dir);

const char *backup_dir_path(const struct backup_dir *dir);

/*
 * What has to be free for so many bytes to be written: something stays for the
 * live database and its log.
 */
int64_t backup_dir_room_for(int64_t bytes);

/* DUM_EFULL: there is no room for bytes; says for what, and how much. */
DUM_MUST_CHECK enum dum_status backup_dir_need(const struct backup_dir *dir,
                                               int64_t bytes, const char *what,
                                               struct dum_error *err);

/* Bytes that are free there for us. */
DUM_MUST_CHECK enum dum_status backup_dir_free_bytes(int64_t *out,
                                                     const char *path,
                                                     struct dum_error *err);

/*
 * A file of the folder by its name alone, for reading: no link is followed,
 * and it must be a regular file. The caller closes *fd_out. DUM_ENOTFOUND.
 */
DUM_MUST_CHECK enum dum_status backup_dir_read(int *fd_out, int64_t *bytes_out,
                                               const char *dir,
                                               const char *name,
                                               struct dum_error *err);

/* Remove a file and flush the folder; one that is not there is fine. */
DUM_MUST_CHECK enum dum_status backup_dir_remove(const struct backup_dir *dir,
                                                 const char *name,
                                                 struct dum_error *err);

/* Give a finished file its final name, for good. */
DUM_MUST_CHECK enum dum_status backup_dir_publish(const struct backup_dir *dir,
                                                  const char *partial,
                                                  const char *name,
                                                  struct dum_error *err);

/* A new file, 0600. The caller closes *fd_out. */
DUM_MUST_CHECK enum dum_status backup_dir_create(int *fd_out,
                                                 const struct backup_dir *dir,
                                                 const char *name,
                                                 struct dum_error *err);

/*
 * The whole of a small file in a folder, at most limit bytes (appended).
 * DUM_ENOTFOUND. DUM_EINVAL: it is longer.
 */
DUM_MUST_CHECK enum dum_status backup_dir_text(struct strbuf *out,
                                               const char *dir,
                                               const char *name, size_t limit,
                                               struct dum_error *err);

/* Such a file, 0600, in place of the one that is there: the old or the new. */
DUM_MUST_CHECK enum dum_status backup_dir_put_text(const char *dir,
                                                   const char *name,
                                                   const struct strbuf *text,
                                                   struct dum_error *err);

#endif
