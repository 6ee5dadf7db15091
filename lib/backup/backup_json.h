#ifndef DUM_BACKUP_BACKUP_JSON_H
#define DUM_BACKUP_BACKUP_JSON_H
/*
 * backup_json - what is told of backups, as JSON objects: the same by
 * dum-backup --json, by the jobs it does and by the API.
 */
#include "backup/catalog.h"
#include "backup/restore.h"
#include "base/json_writer.h"

/* One of the folder. */
void backup_json_entry(struct json_writer *w, const struct catalog_entry *e);

/* One that was just made. */
void backup_json_made(struct json_writer *w, const struct manifest *m);

/* One that was verified at a level; a failure stands in its manifest, too. */
void backup_json_verified(struct json_writer *w, const struct manifest *m,
                          int level);

/* What a restore came to; at is the instant as it was asked for, or NULL. */
void backup_json_restored(struct json_writer *w, const struct restore_result *r,
                          const char *at, const char *to);

#endif
