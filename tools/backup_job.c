/*
 * Do what a request to the API asked for: make a backup, verify one, restore
 * one. A restore closes its job in the transaction of the change, so it is done
 * if and only if that is.
 */
#include <stdlib.h>
#include <string.h>

#include "backup/backup_json.h"
#include "backup/backup_request.h"
#include "backup_commands.h"
#include "ops/job_work.h"
#include "store/checkpoint.h"

/*
 * Those who hold the folder for a moment, as who ships the journal does, are
 * waited for; others are told of, while somebody still waits for the answer.
 */
enum { FOLDER_WAITS = 4 };

/* What one job needs, whichever it is. */
struct doing {
	struct backup *backup;
	struct job_work work;
	struct job job;
	struct db *db;
	struct backup_request request;
	struct container_key key;
	bool has_key;
	struct strbuf result; /* JSON */
};

/* Why one failed, for programs; people read its message. */
static const char *reason_of(enum dum_status status)
{
	switch (status) {
	case DUM_EBUSY:
		return "busy";
	case DUM_EKEY:
		return "wrong_key";
	case DUM_EDAMAGED:
		return "damaged";
	case DUM_ETRUNCATED:
		return "truncated";
	case DUM_ENOTFOUND:
		return "not_found";
	case DUM_EFULL:
		return "disk_full";
	case DUM_EREADONLY:
		return "read_only";
	case DUM_EINVAL:
	case DUM_ECONFLICT:
	case DUM_EAUTH:
	case DUM_ESCHEMA:
		return "refused";
	case DUM_OK:
	case DUM_EUNKNOWN:
	case DUM_ENOMEM:
	case DUM_ESYS:
		break;
	}
	return "error";
}

static void show_progress(void *arg, int64_t done, int64_t all)
{
	job_work_progress(arg, done, all);
}

static enum dum_status take_dir(struct doing *d, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	int tries = 0;

	do {
		error_clear(&inner);
		status = backup_take_dir(d->backup, &inner);
	} while (status == DUM_EBUSY && tries < FOLDER_WAITS &&
	         job_work_wait(&tries));
	if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	return status;
}

static struct backup_options options_of(struct doing *d)
{
	return (struct backup_options){
	    .label = d->request.label,
	    .key = d->has_key ? &d->key : NULL,
	    .packed = d->backup->config.backup_compression,
	    .level = 1,
	    .pace = {.progress = show_progress, .arg = &d->work}};
}

static enum dum_status check_result(const struct doing *d,
                                    struct dum_error *err)
{
	if (!strbuf_ok(&d->result))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return DUM_OK;
}

static enum dum_status close_done(struct doing *d, struct dum_error *err)
{
	enum dum_status status = check_result(d, err);

	return status == DUM_OK
	           ? job_work_close(&d->work, JOB_DONE, "", d->result.buf, err)
	           : status;
}

static enum dum_status do_create(struct doing *d, struct dum_error *err)
{
	const struct backup_options options = options_of(d);
	struct json_writer w = {.out = &d->result};
	enum dum_status status;
	struct manifest m;

	status = backup_create(&m, &d->backup->config, d->backup->dir, &options,
	                       err);
	if (status != DUM_OK)
		return status;
	backup_make_room(d->backup);
	backup_json_made(&w, &m);
	return close_done(d, err);
}

static enum dum_status do_verify(struct doing *d, struct dum_error *err)
{
	const struct verify_request request = {.dir = d->backup->dir,
	                                       .name = d->request.file,
	                                       .level = d->request.level,
	                                       .config = true,
	                                       .key = d->has_key ? &d->key
	                                                         : NULL,
	                                       .progress = show_progress,
	                                       .arg = &d->work};
	struct json_writer w = {.out = &d->result};
	enum dum_status status;
	struct manifest m;

	status = verify_backup(&m, NULL, &request, err);
	if (status != DUM_OK)
		return status;
	backup_json_verified(&w, &m, request.level);
	return close_done(d, err);
}

static void write_restored(struct doing *d, const struct restore_result *r)
{
	struct json_writer w = {.out = &d->result};

	strbuf_reset(&d->result);
	backup_json_restored(&w, r, NULL, NULL);
}

/* The fresh backup is still to come; see say_more(). */
static enum dum_status close_restored(void *arg, struct db *db,
                                      const struct restore_result *r,
                                      struct dum_error *err)
{
	struct doing *d = arg;
	enum dum_status status;

	write_restored(d, r);
	status = check_result(d, err);
	if (status == DUM_OK)
		status = job_set_done(db, d->work.id, "", d->result.buf, err);
	return status;
}

/* The data is restored, and stays so, whatever becomes of this. */
static void say_more(struct doing *d, const struct restore_result *r)
{
	char message[sizeof(r->fresh_error.text) + 64] = "";
	struct dum_error err = {0};
	enum dum_status status;

	if (r->fresh[0] == '\0')
		snprintf(message, sizeof(message),
		         "a fresh backup could not be made: %s",
		         r->fresh_error.text);
	write_restored(d, r);
	status = check_result(d, &err);
	if (status == DUM_OK)
		status = job_work_amend(&d->work, message, d->result.buf, &err);
	if (status != DUM_OK)
		fprintf(stderr, "%s: %s\n", d->backup->who.source, err.text);
}

static enum dum_status do_restore(struct doing *d, struct dum_error *err)
{
	const struct backup_options options = options_of(d);
	const struct restore_request request = {.name = d->request.file,
	                                        .key = options.key,
	                                        .options = &options,
	                                        .progress = show_progress,
	                                        .progress_arg = &d->work,
	                                        .in_change = close_restored,
	                                        .in_change_arg = d};
	struct restore_result *r = calloc(1, sizeof(*r));
	enum dum_status status;

	if (r == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = backup_restore(r, &d->backup->config, d->backup->dir,
	                        &d->backup->who, &request, err);
	if (status == DUM_OK)
		say_more(d, r);
	free(r);
	return status;
}

/* It failed: say so in the job, where one reads why. */
static void tell(struct doing *d, const struct dum_error *err)
{
	struct json_writer w = {.out = &d->result};
	struct dum_error ignored = {0};

	strbuf_reset(&d->result);
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "reason", reason_of(err->status));
	jsonw_object_end(&w);
	/* What can not be told now is found by the lock that is let go of. */
	(void)!job_work_close(&d->work, JOB_FAILED, err->text,
	                      strbuf_ok(&d->result) ? d->result.buf : NULL,
	                      &ignored);
}

static const struct {
	const char *kind;
	const char *command; /* as others are told who holds the folder */
	enum dum_status (*fn)(struct doing *d, struct dum_error *err);
} kinds[] = {
    {JOB_KIND_BACKUP, "create", do_create},
    {JOB_KIND_VERIFY, "verify", do_verify},
    {JOB_KIND_RESTORE, "restore", do_restore},
};

static enum dum_status do_job(struct doing *d, struct dum_error *err)
{
	enum dum_status status;
	size_t i = 0;

	while (i < sizeof(kinds) / sizeof(kinds[0]) &&
	       strcmp(kinds[i].kind, d->job.kind) != 0)
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return error_set(err, DUM_EINVAL, "%s does no job of kind '%s'",
		                 d->backup->who.source, d->job.kind);
	d->backup->command = kinds[i].command;
	status = backup_request_read(&d->request, d->job.request, err);
	if (status == DUM_OK)
		status = backup_key(&d->key, &d->has_key, d->backup, false,
		                    err);
	if (status == DUM_OK)
		status = take_dir(d, err);
	if (status == DUM_OK)
		status = kinds[i].fn(d, err);
	return status;
}

enum dum_status backup_cmd_job(struct backup *backup, int *exit_out,
                               struct dum_error *err)
{
	struct doing d = {.backup = backup, .result = STRBUF_INIT};
	const char *program = backup->who.source;
	struct dum_error inner = {0};
	enum dum_status status;

	(void)exit_out;
	status = db_open(&d.db, &backup->config, err);
	if (status == DUM_OK)
		status = job_work_open(&d.work, &d.job, d.db, backup->job_id,
		                       program, err);
	if (status == DUM_OK) {
		backup->who = d.work.who;
		status = do_job(&d, &inner);
		if (status != DUM_OK && status != DUM_EUNKNOWN)
			tell(&d, &inner);
		if (status == DUM_OK)
			db_checkpoint_if_long(d.db);
		else
			error_set(err, status, "%s", inner.text);
	}
	container_key_wipe(&d.key);
	job_work_release(&d.work);
	/* Its texts go with the job. */
	backup->who = (struct origin){.actor = program, .source = program};
	job_release(&d.job);
	db_free(d.db);
	strbuf_release(&d.result);
	return status;
}
