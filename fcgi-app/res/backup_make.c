/*
 * POST /api/system/backup: dum-backup makes it, as for everybody else. Most are
 * made while the client waits; of the others it hears where to look.
 */
#include "res/resources.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "problem.h"
#include "res/backup_parts.h"

enum { NAME, BACKUP_MEMBERS };

/* Seconds: whoever is at work in the folder may be for minutes. */
#define TRY_AGAIN_S "30"

const struct member backup_members[] = {
    [NAME] = {.name = "name",
              .type = MEMBER_TEXT,
              .min = 1,
              .max = BACKUP_LABEL_MAX - 1},
    [BACKUP_MEMBERS] = {.name = NULL},
};

static enum dum_status read_label(struct backup_request *wish,
                                  const struct request *req,
                                  struct dum_error *err)
{
	const struct member_value *name = &req->members[NAME];

	if (!name->given)
		return DUM_OK;
	if (!backup_label_ok(name->text))
		return error_field(err, DUM_EINVAL, "name",
		                   "name must be letters, digits and hyphens, "
		                   "and not digits alone");
	snprintf(wish->label, sizeof(wish->label), "%s", name->text);
	return DUM_OK;
}

/* Megabytes of 10^6 bytes, exact. */
static void write_size(struct json_writer *w, json_int_t bytes)
{
	char text[32];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), "%lld.%06lld",
	                       (long long)bytes / 1000000,
	                       (long long)bytes % 1000000);
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	jsonw_key(w, "backup_size_mb");
	jsonw_raw(w, text, len);
}

/* The time in a name, as it stands there: 20261124_140000. */
static void write_timestamp(struct json_writer *w, const char *file)
{
	const char *at = strpbrk(file, "0123456789");

	jsonw_key(w, "timestamp");
	jsonw_string_n(w, at, sizeof("20261124_140000") - 1);
}

static enum dum_status answer_made(struct response *res, const struct job *job,
                                   struct dum_error *err)
{
	json_t *result = json_loads(job->result, 0, NULL);
	struct json_writer w = {.out = &res->body};
	char place[sizeof(BACKUPS_PATH) + BACKUP_NAME_MAX];
	struct backup_name parsed;
	json_int_t bytes = 0;
	const char *file;

	if (json_unpack(result, "{s:s, s:I}", "file", &file, "bytes", &bytes) !=
	        0 ||
	    !backup_name_parse(&parsed, file)) {
		json_decref(result);
		return error_set(err, DUM_ESYS,
		                 "the result of job %lld can not be read",
		                 (long long)job->id);
	}
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "message", "Backup created successfully");
	jsonw_member_string(&w, "backup_file", file);
	write_size(&w, bytes);
	write_timestamp(&w, file);
	jsonw_object_end(&w);
	snprintf(place, sizeof(place), BACKUPS_PATH "%s", file);
	response_header(res, "Location", place);
	res->status = 201;
	json_decref(result);
	return DUM_OK;
}

/* Whoever may ask for this may read why it failed. */
static void answer_failed(struct request *req, struct response *res,
                          const struct job *job)
{
	json_t *result = json_loads(job->result != NULL ? job->result : "", 0,
	                            NULL);
	const char *reason = json_string_value(
	    json_object_get(result, "reason"));
	bool busy = reason != NULL && strcmp(reason, "busy") == 0;
	bool full = reason != NULL && strcmp(reason, "disk_full") == 0;

	problem_http(res, req, busy ? 503 : full ? 507 : 500, job->message);
	if (busy)
		response_header(res, "Retry-After", TRY_AGAIN_S);
	else
		log_line(LOG_AT_ERROR, "%s: %d: no backup was made: %s",
		         req->id, res->status, job->message);
	json_decref(result);
}

enum dum_status backup_post(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	struct backup_request wish = {.level = 0};
	enum dum_status status;
	struct job job;
	int64_t id = 0;

	status = read_label(&wish, req, err);
	if (status == DUM_OK)
		status = backup_job_begin(&id, app, req, JOB_KIND_BACKUP, &wish,
		                          err);
	if (status == DUM_OK)
		status = job_wait(&job, app, id, err);
	if (status != DUM_OK)
		return status;
	if (job.state == JOB_DONE)
		status = answer_made(res, &job, err);
	else if (job.state == JOB_FAILED)
		answer_failed(req, res, &job);
	else
		job_tell(res, &job);
	job_release(&job);
	return status;
}
