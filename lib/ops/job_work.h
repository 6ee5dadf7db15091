#ifndef DUM_OPS_JOB_WORK_H
#define DUM_OPS_JOB_WORK_H
/*
 * job_work - the part of a program that does a job: take it, tell how far it
 * has come, close it.
 *
 *	job_work_open(&work, &job, db, id, err);
 *	... job_work_progress(&work, done, all) ...
 *	job_set_done() in the change that is the work, or job_work_close()
 *	job_work_release(&work);		always
 *
 * Others who change much of the database are waited for: nobody sits in front
 * of a job.
 */
#include "store/job.h"

/* Starts as {0}. */
struct job_work {
	struct db *db;
	int64_t id;
	int fd;          /* for its progress; 0: none */
	int64_t told_ms; /* when that was told last */
	struct origin who;
};

/*
 * Take a job that waits to be started; *job_out ends with job_release() and
 * lends its texts to work->who. The program is the first to go from now on
 * where memory runs out. DUM_ECONFLICT: it was not dum-api that started this
 * process, or somebody else has taken the job.
 */
DUM_MUST_CHECK enum dum_status job_work_open(struct job_work *work,
                                             struct job *job_out, struct db *db,
                                             int64_t id, const char *program,
                                             struct dum_error *err);
void job_work_release(struct job_work *work);

/* At most once a second; fits import_options.progress. */
void job_work_progress(void *work, long long done, long long all);

/*
 * Close it in a change of its own. result may be NULL. A job that is closed
 * stays as it is.
 */
DUM_MUST_CHECK enum dum_status job_work_close(struct job_work *work,
                                              enum job_state state,
                                              const char *message,
                                              const char *result,
                                              struct dum_error *err);

/* Say more of one that is done, in a change of its own. */
DUM_MUST_CHECK enum dum_status job_work_amend(struct job_work *work,
                                              const char *message,
                                              const char *result,
                                              struct dum_error *err);

/* Wait a moment before something is tried again; false: that is long enough. */
bool job_work_wait(int *tries);

#endif
