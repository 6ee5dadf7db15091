#include "ops/job_work.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	TELL_EVERY_MS = 1000,
	WAIT_MS = 250,
	WAITS = 4 * 3600, /* an hour */
};

bool job_work_wait(int *tries)
{
	struct timespec moment = {.tv_nsec = WAIT_MS * 1000000L};

	if (++*tries > WAITS)
		return false;
	nanosleep(&moment, NULL);
	return true;
}

/* db_begin(), which others may keep from beginning for long. */
static enum dum_status begin(struct job_work *work, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	int tries = 0;

	do {
		error_clear(&inner);
		status = db_begin(work->db, &work->who, &inner);
	} while (status == DUM_EBUSY && job_work_wait(&tries));
	if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	return status;
}

/* Whoever needs memory then gets it from here, and not from the workers. */
static void go_first(void)
{
	static const char most[] = "1000";
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, most, sizeof(most) - 1);
	close(fd);
}

static enum dum_status check_slot(struct job_work *work, struct dum_error *err)
{
	struct job_sign sign = {.held = false};
	enum dum_status status;

	status = job_slot_look(&sign, db_path(work->db), work->id, err);
	if (status == DUM_OK && !sign.held)
		status = error_set(err, DUM_ECONFLICT,
		                   "jobs are started by dum-api; nobody waits "
		                   "for job %lld",
		                   (long long)work->id);
	return status;
}

enum dum_status job_work_open(struct job_work *work, struct job *job_out,
                              struct db *db, int64_t id, const char *program,
                              struct dum_error *err)
{
	enum dum_status status;
	struct job job;
	int fd = -1;

	*work = (struct job_work){
	    .db = db, .id = id, .who = {.actor = program, .source = program}};
	status = check_slot(work, err);
	if (status != DUM_OK)
		return status;
	go_first();
	/*
	 * Behind whoever started it: then its row is there, or never will be.
	 */
	status = begin(work, err);
	if (status == DUM_OK)
		status = job_set_running(db, id, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	if (status == DUM_OK)
		status = job_get(&job, db, id, err);
	if (status != DUM_OK)
		return status;
	status = job_slot_open(&fd, db_path(db), err);
	if (status != DUM_OK) {
		job_release(&job);
		return status;
	}
	work->fd = fd;
	work->who = (struct origin){.actor = job.actor,
	                            .address = job.address,
	                            .source = program,
	                            .request_id = job.request_id};
	*job_out = job;
	return DUM_OK;
}

void job_work_release(struct job_work *work)
{
	if (work->fd > 0)
		close(work->fd);
	work->fd = 0;
}

void job_work_progress(void *arg, long long done, long long all)
{
	struct job_work *work = arg;
	int64_t now_ms = clock_monotonic_ms();

	if (now_ms - work->told_ms < TELL_EVERY_MS || all <= 0)
		return;
	work->told_ms = now_ms;
	if (done > all)
		done = all;
	job_slot_tell(work->fd, work->id, (int)(done * JOB_SLOT_WHOLE / all));
}

enum dum_status job_work_close(struct job_work *work, enum job_state state,
                               const char *message, const char *result,
                               struct dum_error *err)
{
	enum dum_status status = begin(work, err);

	if (status != DUM_OK)
		return status;
	if (state == JOB_DONE)
		status = job_set_done(work->db, work->id, message, result, err);
	else
		status = job_set_failed(work->db, work->id, message, result,
		                        err);
	if (status == DUM_OK)
		status = db_commit(work->db, err);
	db_rollback(work->db);
	return status;
}

enum dum_status job_work_amend(struct job_work *work, const char *message,
                               const char *result, struct dum_error *err)
{
	enum dum_status status = begin(work, err);

	if (status != DUM_OK)
		return status;
	status = job_amend(work->db, work->id, message, result, err);
	if (status == DUM_OK)
		status = db_commit(work->db, err);
	db_rollback(work->db);
	return status;
}
