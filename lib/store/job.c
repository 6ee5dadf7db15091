#include "store/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/query.h"

static const char *const states[] = {[JOB_QUEUED] = "queued",
                                     [JOB_RUNNING] = "running",
                                     [JOB_DONE] = "done",
                                     [JOB_FAILED] = "failed"};

#define DIED "the program ended before the work was done"

const char *job_state_name(enum job_state state)
{
	return states[state];
}

static enum dum_status finish(struct db *db, int64_t id, enum job_state state,
                              const char *message, const char *result,
                              struct dum_error *err)
{
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_JOB_FINISH, err);
	query_bind_int(&q, ":id", id);
	query_bind_text(&q, ":state", states[state]);
	query_bind_text(&q, ":message", message);
	query_bind_text(&q, ":result", result);
	query_bind_text(&q, ":at", db_change_at(db));
	while (query_row(&q))
		found = true;
	status = query_end(&q);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ECONFLICT, "job %lld is closed",
		                   (long long)id);
	return status;
}

enum dum_status job_set_done(struct db *db, int64_t id, const char *message,
                             const char *result, struct dum_error *err)
{
	return finish(db, id, JOB_DONE, message, result, err);
}

enum dum_status job_set_failed(struct db *db, int64_t id, const char *message,
                               const char *result, struct dum_error *err)
{
	return finish(db, id, JOB_FAILED, message, result, err);
}

enum dum_status job_amend(struct db *db, int64_t id, const char *message,
                          const char *result, struct dum_error *err)
{
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_JOB_AMEND, err);
	query_bind_int(&q, ":id", id);
	query_bind_text(&q, ":message", message);
	query_bind_text(&q, ":result", result);
	while (query_row(&q))
		found = true;
	status = query_end(&q);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ECONFLICT, "job %lld is not done",
		                   (long long)id);
	return status;
}

enum dum_status job_set_running(struct db *db, int64_t id,
                                struct dum_error *err)
{
	enum dum_status status;
	bool found = false;
	struct query q;

	query_start(&q, db, SQL_JOB_START, err);
	query_bind_int(&q, ":id", id);
	query_bind_text(&q, ":at", db_change_at(db));
	while (query_row(&q))
		found = true;
	status = query_end(&q);
	if (status == DUM_OK && !found)
		status = error_set(err, DUM_ECONFLICT,
		                   "job %lld does not wait to be started",
		                   (long long)id);
	return status;
}

/* The first unfinished job after an id; 0: there is none. */
static enum dum_status next_unfinished(int64_t *id, struct db *db,
                                       struct dum_error *err)
{
	int64_t found = 0;
	enum dum_status status;
	struct query q;

	query_start(&q, db, SQL_JOB_UNFINISHED, err);
	query_bind_int(&q, ":id", *id);
	while (query_row(&q))
		found = query_int(&q, 0);
	status = query_end(&q);
	if (status == DUM_OK)
		*id = found;
	return status;
}

/*
 * What a job commits it has committed before this change could begin. DUM_EBUSY
 * where enough others live.
 */
static enum dum_status close_dead(struct db *db, struct dum_error *err)
{
	struct job_sign sign = {.held = true};
	enum dum_status status;
	int64_t id = 0;
	int at_work = 0;

	status = next_unfinished(&id, db, err);
	while (status == DUM_OK && id != 0) {
		status = job_slot_look(&sign, db_path(db), id, err);
		at_work += sign.held;
		if (status == DUM_OK && !sign.held)
			status = job_set_failed(db, id, DIED, NULL, err);
		if (status == DUM_OK)
			status = next_unfinished(&id, db, err);
	}
	if (status == DUM_OK && at_work >= JOBS_AT_WORK_MAX)
		status = error_set(err, DUM_EBUSY,
		                   "%d jobs are at work; try again when one of "
		                   "them is done",
		                   at_work);
	return status;
}

static enum dum_status forget_old(struct db *db, struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_JOB_FORGET, err);
	query_bind_int(&q, ":before", db_now(db) - JOB_LIFE_S);
	return query_run(&q);
}

enum dum_status job_add(int64_t *id_out, struct db *db,
                        const struct job_new *new, struct dum_error *err)
{
	const struct origin *who = db_change_origin(db);
	enum dum_status status;
	struct query q;

	status = close_dead(db, err);
	if (status == DUM_OK)
		status = forget_old(db, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOB_INSERT, err);
	query_bind_text(&q, ":kind", new->kind);
	query_bind_text(&q, ":actor", who->actor);
	query_bind_text(&q, ":viewer", new->viewer);
	query_bind_text(&q, ":address", who->address);
	query_bind_text(&q, ":request_id", who->request_id);
	query_bind_text(&q, ":request", new->request);
	query_bind_int(&q, ":now", db_now(db));
	return query_insert(id_out, &q);
}

static char *take_text(struct query *q, int column, bool *no_memory)
{
	char *text;

	if (query_is_null(q, column))
		return NULL;
	text = strdup(query_text(q, column));
	*no_memory = *no_memory || text == NULL;
	return text;
}

/* False: out of memory. */
static bool read_row(struct job *out, struct query *q)
{
	const char *state = query_text(q, 2);
	bool no_memory = false;

	out->id = query_int(q, 0);
	snprintf(out->kind, sizeof(out->kind), "%s", query_text(q, 1));
	for (int i = JOB_QUEUED; i <= JOB_FAILED; i++)
		if (strcmp(states[i], state) == 0)
			out->state = (enum job_state)i;
	out->actor = take_text(q, 3, &no_memory);
	out->viewer = take_text(q, 4, &no_memory);
	out->address = take_text(q, 5, &no_memory);
	out->request_id = take_text(q, 6, &no_memory);
	out->request = take_text(q, 7, &no_memory);
	out->message = take_text(q, 8, &no_memory);
	snprintf(out->started_at, sizeof(out->started_at), "%s",
	         query_text(q, 9));
	snprintf(out->finished_at, sizeof(out->finished_at), "%s",
	         query_text(q, 10));
	out->result = take_text(q, 11, &no_memory);
	return !no_memory;
}

static void judge(struct job *job, const struct job_sign *sign)
{
	char *died;

	job->progress = job->state == JOB_DONE ? JOB_SLOT_WHOLE
	                                       : sign->progress;
	if (job->state == JOB_DONE || job->state == JOB_FAILED || sign->held)
		return;
	job->state = JOB_FAILED;
	died = strdup(DIED);
	if (died == NULL)
		return;
	free(job->message);
	job->message = died;
}

enum dum_status job_get(struct job *out, struct db *db, int64_t id,
                        struct dum_error *err)
{
	struct job_sign sign = {.held = false};
	struct job job = {.id = 0};
	enum dum_status status;
	struct query q;

	if (db->reading)
		return error_set(err, DUM_ESYS,
		                 "a job is not read inside of a read");
	status = job_slot_look(&sign, db_path(db), id, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOB_GET, err);
	query_bind_int(&q, ":id", id);
	while (query_row(&q))
		if (!read_row(&job, &q))
			query_fail(&q,
			           error_set(err, DUM_ENOMEM, "out of memory"));
	status = query_end(&q);
	if (status == DUM_OK && job.id == 0)
		status = error_set(err, DUM_ENOTFOUND, "there is no job %lld",
		                   (long long)id);
	if (status != DUM_OK) {
		job_release(&job);
		return status;
	}
	judge(&job, &sign);
	*out = job;
	return DUM_OK;
}

void job_release(struct job *job)
{
	free(job->actor);
	free(job->viewer);
	free(job->address);
	free(job->request_id);
	free(job->request);
	free(job->message);
	free(job->result);
	*job = (struct job){.id = 0};
}
