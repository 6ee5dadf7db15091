#ifndef DUM_STORE_JOB_SLOT_H
#define DUM_STORE_JOB_SLOT_H
/*
 * job_slot - does somebody work on a job, and how far has he come?
 *
 * The file DATABASE_PATH-jobs has a slot for each job: a locked byte and a
 * number. The lock (Linux's open-file-description lock) belongs to an open
 * file, which the program that starts a job hands down to the one that does
 * it; the kernel lets go of it when the last of them ends, however it ends. A
 * process id would not do: it may be another's by now, and says nothing
 * between the row of a job and the start of its process.
 *
 * The number is not in the database because a job that changes much does so
 * in one transaction: nobody could see, and nobody else write, a row meanwhile.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { JOB_SLOT_WHOLE = 1000 }; /* the progress of one that is done */

struct job_sign {
	bool held;    /* somebody works on it */
	int progress; /* 0..JOB_SLOT_WHOLE */
};

/*
 * Take the slot of a new job. *fd_out is closed by the caller once another
 * process has it. DUM_EBUSY: it is taken.
 */
DUM_MUST_CHECK enum dum_status job_slot_take(int *fd_out,
                                             const char *database_path,
                                             int64_t id, struct dum_error *err);

DUM_MUST_CHECK enum dum_status job_slot_look(struct job_sign *out,
                                             const char *database_path,
                                             int64_t id, struct dum_error *err);

/* Open the file to say how far one has come. */
DUM_MUST_CHECK enum dum_status job_slot_open(int *fd_out,
                                             const char *database_path,
                                             struct dum_error *err);

/* Nothing hangs on it but what people see, so it can not fail. */
void job_slot_tell(int fd, int64_t id, int progress);

#endif
