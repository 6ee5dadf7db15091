/* What dum-backup does with a backup that there is: verify it, restore it. */
#include "res/resources.h"

#include <string.h>

#include "backup/verify.h"
#include "res/backup_parts.h"

enum { LEVEL, VERIFY_MEMBERS };
enum { CONFIRM, RESTORE_MEMBERS };

/* As of dum-backup verify. */
enum { VERIFY_LEVEL = 2 };

const struct member backup_verify_members[] = {
    [LEVEL] = {.name = "level",
               .type = MEMBER_INT,
               .min = 0,
               .max = VERIFY_LEVEL_MAX},
    [VERIFY_MEMBERS] = {.name = NULL},
};

const struct member backup_restore_members[] = {
    [CONFIRM] = {.name = "confirm",
                 .type = MEMBER_TEXT,
                 .required = true,
                 .min = 1,
                 .max = BACKUP_NAME_MAX},
    [RESTORE_MEMBERS] = {.name = NULL},
};

enum dum_status backup_job_begin(int64_t *id_out, struct app *app,
                                 const struct request *req, const char *kind,
                                 const struct backup_request *wish,
                                 struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	backup_request_write(&text, wish);
	if (!strbuf_ok(&text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = job_begin(id_out, app, req,
		                   &(struct job_wish){.kind = kind,
		                                      .request = text.buf,
		                                      .program = "dum-backup",
		                                      .input = -1},
		                   err);
	strbuf_release(&text);
	return status;
}

static enum dum_status answer_job(struct app *app, const struct request *req,
                                  struct response *res, const char *kind,
                                  const struct backup_request *wish,
                                  struct dum_error *err)
{
	enum dum_status status;
	struct job job;
	int64_t id = 0;

	status = backup_job_begin(&id, app, req, kind, wish, err);
	if (status == DUM_OK)
		status = job_get(&job, app->db, id, err);
	if (status != DUM_OK)
		return status;
	job_tell(res, &job);
	job_release(&job);
	return DUM_OK;
}

enum dum_status backups_verify(struct app *app, struct request *req,
                               struct response *res, struct dum_error *err)
{
	const struct member_value *level = &req->members[LEVEL];
	struct backup_request wish = {.level = level->given ? (int)level->number
	                                                    : VERIFY_LEVEL};
	enum dum_status status = backup_named(&wish, app, req, err);

	return status == DUM_OK
	           ? answer_job(app, req, res, JOB_KIND_VERIFY, &wish, err)
	           : status;
}

enum dum_status backups_restore(struct app *app, struct request *req,
                                struct response *res, struct dum_error *err)
{
	struct backup_request wish = {.level = 0};
	enum dum_status status = backup_named(&wish, app, req, err);

	if (status != DUM_OK)
		return status;
	if (strcmp(req->members[CONFIRM].text, wish.file) != 0)
		return error_field(err, DUM_EINVAL, "confirm",
		                   "confirm must be the name of the backup, "
		                   "%s",
		                   wish.file);
	return answer_job(app, req, res, JOB_KIND_RESTORE, &wish, err);
}
