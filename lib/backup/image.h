#ifndef DUM_BACKUP_IMAGE_H
#define DUM_BACKUP_IMAGE_H
/*
 * image - a backup unpacked into a scratch folder, to look at it as a database
 * without touching the live one. The folder's name ends in ".partial", so that
 * what a killed program leaves is cleared away (see backup/backup_dir.h).
 */
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "backup/backup_dir.h"
#include "base/error.h"

struct image;

/* Make the folder and an empty file in it. DUM_EFULL: not bytes free. */
DUM_MUST_CHECK enum dum_status image_new(struct image **out,
                                         const struct backup_dir *dir,
                                         int64_t bytes, struct dum_error *err);
/* Removes the folder and what is in it. */
void image_free(struct image *image);

const char *image_path(const struct image *image);

/* Append to the file. */
DUM_MUST_CHECK enum dum_status image_write(struct image *image,
                                           const void *data, size_t len,
                                           struct dum_error *err);

/*
 * A handle to read it, once it is written; borrowed until image_close() or
 * image_free().
 */
DUM_MUST_CHECK enum dum_status image_open(sqlite3 **out, struct image *image,
                                          struct dum_error *err);
void image_close(struct image *image);

/* integrity_check and foreign_key_check. DUM_EDAMAGED: the first complaint. */
DUM_MUST_CHECK enum dum_status image_check(sqlite3 *handle, const char *path,
                                           struct dum_error *err);

#endif
