/* /api/jobs: work that outlives the request that asked for it. */
#include "res/job_parts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "change.h"
#include "ops/job_start.h"
#include "res/parts.h"
#include "res/resources.h"

/* How often somebody who waits looks whether a job is over. */
enum { WAIT_STEP_MS = 20 };

static void write_job(struct json_writer *w, const struct job *job)
{
	char progress[32];

	jsonw_object_begin(w);
	jsonw_member_int(w, "id", job->id);
	jsonw_member_string(w, "kind", job->kind);
	jsonw_member_string(w, "state", job_state_name(job->state));
	snprintf(progress, sizeof(progress), "%d.%03d",
	         job->progress / JOB_SLOT_WHOLE,
	         job->progress % JOB_SLOT_WHOLE);
	jsonw_key(w, "progress");
	jsonw_raw(w, progress, strlen(progress));
	parts_write_text(w, "message", job->message);
	parts_write_text(w, "started_at", job->started_at);
	parts_write_text(w, "finished_at", job->finished_at);
	if (job->result != NULL) {
		jsonw_key(w, "result");
		jsonw_raw(w, job->result, strlen(job->result));
	} else {
		jsonw_member_null(w, "result");
	}
	jsonw_object_end(w);
}

/* Who asked for it, and those who may know everything. */
static bool may_see(const struct caller *caller, const struct job *job)
{
	if (strcmp(caller->actor, job->actor) == 0)
		return true;
	return *caller->viewer == '\0' &&
	       (caller->role == ROLE_ADMIN ||
	        (caller->scopes & (unsigned)SCOPE_ADMIN) != 0);
}

enum dum_status jobs_get_one(struct app *app, struct request *req,
                             struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	enum dum_status status;
	struct job job;

	status = job_get(&job, app->db, req->path_id, err);
	if (status != DUM_OK)
		return status;
	if (may_see(&req->caller, &job))
		write_job(&w, &job);
	else
		status = error_set(err, DUM_ENOTFOUND, "there is no job %lld",
		                   (long long)job.id);
	job_release(&job);
	return status;
}

void job_tell(struct response *res, const struct job *job)
{
	struct json_writer w = {.out = &res->body};
	char place[64];

	write_job(&w, job);
	res->status = 202;
	snprintf(place, sizeof(place), "/api/jobs/%lld", (long long)job->id);
	response_header(res, "Location", place);
}

static void tell_queued(struct response *res, int64_t id, const char *kind)
{
	struct job job = {
	    .id = id, .state = JOB_QUEUED, .message = (char[]){""}};

	snprintf(job.kind, sizeof(job.kind), "%s", kind);
	job_tell(res, &job);
}

/* Inside of a change: the tool waits for its end. */
static enum dum_status enter(int64_t *id_out, struct app *app,
                             const struct request *req,
                             const struct job_wish *wish, struct dum_error *err)
{
	const struct job_new new = {.kind = wish->kind,
	                            .viewer = req->caller.viewer,
	                            .request = wish->request};
	const struct job_start start = {.program = wish->program,
	                                .config_path = app->config_path,
	                                .input = wish->input};
	enum dum_status status;

	status = job_add(id_out, app->db, &new, err);
	if (status == DUM_OK)
		status = job_start(app->db, *id_out, &start, err);
	return status;
}

enum dum_status job_answer(struct app *app, struct request *req,
                           struct response *res, const struct job_wish *wish,
                           struct dum_error *err)
{
	enum dum_status status;
	int64_t id = 0;

	if (!change_begin(app, req, res, &status, err))
		return status;
	status = enter(&id, app, req, wish, err);
	if (status != DUM_OK)
		return status;
	tell_queued(res, id, wish->kind);
	return change_commit(app, req, res, err);
}

enum dum_status job_begin(int64_t *id_out, struct app *app,
                          const struct request *req,
                          const struct job_wish *wish, struct dum_error *err)
{
	enum dum_status status = app_begin(app, req, err);

	if (status == DUM_OK)
		status = enter(id_out, app, req, wish, err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status job_wait(struct job *out, struct app *app, int64_t id,
                         struct dum_error *err)
{
	const struct timespec moment = {.tv_nsec = WAIT_STEP_MS * 1000000L};
	int64_t until_ms = clock_monotonic_ms() + JOB_PATIENCE_MS;
	enum dum_status status;
	struct job job;

	for (;;) {
		status = job_get(&job, app->db, id, err);
		if (status != DUM_OK)
			return status;
		if (job.state == JOB_DONE || job.state == JOB_FAILED ||
		    clock_monotonic_ms() >= until_ms)
			break;
		job_release(&job);
		nanosleep(&moment, NULL);
	}
	*out = job;
	return DUM_OK;
}
