#ifndef DUM_BACKUP_BACKUP_REQUEST_H
#define DUM_BACKUP_BACKUP_REQUEST_H
/*
 * backup_request - what dum-backup is to do as a job, as one JSON object: the
 * API writes it, the program reads it.
 */
#include "backup/backup_name.h"
#include "base/error.h"
#include "base/strbuf.h"

/* Kinds of jobs (store/job.h) that dum-backup does. */
#define JOB_KIND_BACKUP  "backup"
#define JOB_KIND_VERIFY  "backup_verify"
#define JOB_KIND_RESTORE "backup_restore"

/* What a kind has no use for is "" or 0. */
struct backup_request {
	char label[BACKUP_LABEL_MAX]; /* "": none */
	char file[BACKUP_NAME_MAX];   /* which one, in the folder of all */
	int level;                    /* of verification */
};

void backup_request_write(struct strbuf *out,
                          const struct backup_request *request);

/* DUM_EDAMAGED: it is not of backup_request_write(). */
DUM_MUST_CHECK enum dum_status backup_request_read(struct backup_request *out,
                                                   const char *text,
                                                   struct dum_error *err);

#endif
