#ifndef DUM_STORE_JOB_H
#define DUM_STORE_JOB_H
/*
 * job - rows of the table jobs: work that outlives the request that asked for
 * it. Not journalled, and no page is made of it: what the work itself changes
 * is. See ops/job_start.h for how one begins and store/job_slot.h for how it
 * is known that nobody does it any more.
 */
#include "store/db.h"
#include "store/job_slot.h"

enum {
	JOB_KIND_MAX = 32,
	JOBS_AT_WORK_MAX = 4,          /* each may need a lot of memory */
	JOB_LIFE_S = 30 * 24 * 60 * 60 /* a job is remembered for so long */
};

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED };

/* Ends with job_release(). Texts are owned; NULL where there is none. */
struct job {
	int64_t id;
	char kind[JOB_KIND_MAX];
	enum job_state state;
	int progress;                    /* 0..JOB_SLOT_WHOLE */
	char *actor;                     /* who asked for it */
	char *viewer;                    /* of db_see_as() */
	char *address;                   /* of the network */
	char *request_id;                /* of the request that asked */
	char *request;                   /* what to do: a JSON object */
	char *message;                   /* one line for people; "" */
	char started_at[CLOCK_TEXT_MAX]; /* "": not yet */
	char finished_at[CLOCK_TEXT_MAX];
	char *result; /* JSON */
};

/* "queued", "running", "done" or "failed". */
const char *job_state_name(enum job_state state);

struct job_new {
	const char *kind;
	const char *viewer;
	const char *request; /* a JSON object */
};

/*
 * Enter a job of the change's origin, inside db_begin(); forgets the old ones
 * and closes those that died. DUM_EBUSY: JOBS_AT_WORK_MAX others are not done.
 */
DUM_MUST_CHECK enum dum_status job_add(int64_t *id_out, struct db *db,
                                       const struct job_new *new,
                                       struct dum_error *err);

/*
 * Read one. It is failed where nobody works on it any more; then finished_at
 * may be "". Not inside of db_read_begin(): only a row that is read after the
 * look at its slot tells that it was left unfinished. DUM_ENOTFOUND.
 */
DUM_MUST_CHECK enum dum_status job_get(struct job *out, struct db *db,
                                       int64_t id, struct dum_error *err);
void job_release(struct job *job);

/* Inside db_begin(). DUM_ECONFLICT: it is not waiting to be started. */
DUM_MUST_CHECK enum dum_status job_set_running(struct db *db, int64_t id,
                                               struct dum_error *err);

/*
 * Close it, inside db_begin(): that of the change which it made, where it
 * made one. DUM_ECONFLICT: it is closed.
 */
DUM_MUST_CHECK enum dum_status job_set_done(struct db *db, int64_t id,
                                            const char *message,
                                            const char *result,
                                            struct dum_error *err);
/* result may be NULL. */
DUM_MUST_CHECK enum dum_status job_set_failed(struct db *db, int64_t id,
                                              const char *message,
                                              const char *result,
                                              struct dum_error *err);

/*
 * Say more of one that is done, inside db_begin(): what came after the change
 * that closed it. DUM_ECONFLICT: it is not done.
 */
DUM_MUST_CHECK enum dum_status job_amend(struct db *db, int64_t id,
                                         const char *message,
                                         const char *result,
                                         struct dum_error *err);

#endif
