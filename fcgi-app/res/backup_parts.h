#ifndef DUM_APP_RES_BACKUP_PARTS_H
#define DUM_APP_RES_BACKUP_PARTS_H
/* backup_parts - what the resources of the backups share. */
#include "backup/backup_request.h"
#include "res/job_parts.h"

#define BACKUPS_PATH "/api/system/backups/"

/* Have dum-backup do it. */
DUM_MUST_CHECK enum dum_status backup_job_begin(
    int64_t *id_out, struct app *app, const struct request *req,
    const char *kind, const struct backup_request *wish, struct dum_error *err);

/*
 * The backup that the path names: its name into wish, when there is such a
 * file. DUM_ENOTFOUND.
 */
DUM_MUST_CHECK enum dum_status backup_named(struct backup_request *wish,
                                            const struct app *app,
                                            const struct request *req,
                                            struct dum_error *err);

/*
 * The text of an error of lib/backup as one of the request: that a backup or
 * its folder is not as it should be says nothing of the database, which the
 * worker would give up otherwise.
 */
DUM_MUST_CHECK enum dum_status backup_error(struct dum_error *err,
                                            const struct dum_error *inner);

#endif
