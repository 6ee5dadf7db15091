#ifndef DUM_APP_RES_JOB_PARTS_H
#define DUM_APP_RES_JOB_PARTS_H
/* job_parts - for resources whose work may outlive the request. */
#include "app.h"

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

#endif
