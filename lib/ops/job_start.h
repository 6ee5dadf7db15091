#ifndef DUM_OPS_JOB_START_H
#define DUM_OPS_JOB_START_H
/*
 * job_start - have one of the tools do a job, in a process of its own that
 * does not end with whoever started it:
 *
 *	PROGRAM --config FILE --job ID
 *
 * It has a session of its own, so that no signal for the worker's group meets
 * it, its input, nothing as output, the standard error of the worker, and no
 * other open file but the slot of the job (store/job_slot.h), which it holds
 * until it ends. Whoever starts one ignores SIGCHLD, or waits for it.
 */
#include "store/job.h"

struct job_start {
	const char *program;     /* in TOOLS_DIR of the settings */
	const char *config_path; /* of the settings */
	int input;               /* its standard input; -1: nothing */
};

/*
 * Start it, inside of the db_begin() in which job_add() gave the id: it waits
 * for the commit, and ends when there was none. DUM_ESYS: there is no such
 * program, or it could not be started.
 */
DUM_MUST_CHECK enum dum_status job_start(struct db *db, int64_t id,
                                         const struct job_start *start,
                                         struct dum_error *err);

#endif
