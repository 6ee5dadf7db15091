#ifndef DUM_APP_RES_JOB_PARTS_H
#define DUM_APP_RES_JOB_PARTS_H
/* job_parts - for resources whose work may outlive the request. */
#include "app.h"
#include "store/job.h"

/* What is to be done, and by which of the tools. */
struct job_wish {
	const char *kind;
	const char *request; /* a JSON object that the tool understands */
	const char *program;
	int input; /* its standard input; -1: nothing */
};

/*
 * Start it and answer 202: the job, which is queued, and where it is. With an
 * Idempotency-Key a repeat gets that answer, and no second job.
 */
DUM_MUST_CHECK enum dum_status job_answer(struct app *app, struct request *req,
                                          struct response *res,
                                          const struct job_wish *wish,
                                          struct dum_error *err);

/*
 * Start it, in a change of its own, for who answers by himself. An
 * Idempotency-Key is not looked at.
 */
DUM_MUST_CHECK enum dum_status job_begin(int64_t *id_out, struct app *app,
                                         const struct request *req,
                                         const struct job_wish *wish,
                                         struct dum_error *err);

/*
 * Wait for it, JOB_PATIENCE_MS at most, with nothing held: not the database,
 * nor a read of it. It may go on after; job_release() it.
 */
enum { JOB_PATIENCE_MS = 2000 };
DUM_MUST_CHECK enum dum_status job_wait(struct job *out, struct app *app,
                                        int64_t id, struct dum_error *err);

/* 202: the job as it is, and where it is. */
void job_tell(struct response *res, const struct job *job);

#endif
