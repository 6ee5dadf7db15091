/*
 * Do what a request to the API asked for and would have taken too long: take
 * in a table, which is the standard input, or take an import back. The job is
 * closed in the transaction of the change, so it is done if and only if that
 * is.
 */
#include <string.h>

#include "exchange/table_request.h"
#include "import_command.h"
#include "ops/job_work.h"
#include "store/checkpoint.h"
#include "store/import_undo.h"

/* What one job needs, whichever it is. */
struct doing {
	struct job_work work;
	struct job job;
	struct db *db;
	struct strbuf result; /* JSON */
};

static void write_report(struct doing *d, const struct import_report *report,
                         bool dry_run)
{
	struct json_writer w = {.out = &d->result};

	strbuf_reset(&d->result);
	import_report_json(&w, report, dry_run);
}

/* Others who change much are waited for, as in ops/job_work.h. */
static enum dum_status begin_long(struct doing *d, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	int tries = 0;

	do {
		error_clear(&inner);
		status = db_begin_long(d->db, &d->work.who, &inner);
	} while (status == DUM_EBUSY && job_work_wait(&tries));
	if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	return status;
}

/* The end of a change; after it the job is done. */
static enum dum_status finish(struct doing *d, struct dum_error *err)
{
	enum dum_status status;

	if (!strbuf_ok(&d->result))
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = job_set_done(d->db, d->work.id, "", d->result.buf, err);
	return status == DUM_OK ? db_commit(d->db, err) : status;
}

static enum dum_status store_table(struct doing *d, struct table *table,
                                   struct table_request *request,
                                   struct import_report *report,
                                   struct dum_error *err)
{
	enum dum_status status = begin_long(d, err);

	if (status == DUM_OK)
		status = table_apply(table, report, d->db, &d->work.who,
		                     request->file_name, err);
	if (status == DUM_EINVAL)
		import_blame(report, 0, err);
	write_report(d, report, request->take.dry_run);
	if (status != DUM_OK)
		return status;
	if (!request->take.dry_run)
		return finish(d, err);
	db_rollback(d->db);
	return job_work_close(&d->work, JOB_DONE, "", d->result.buf, err);
}

static enum dum_status read_and_store(struct doing *d,
                                      struct table_request *request,
                                      struct import_report *report,
                                      struct dum_error *err)
{
	struct strbuf file = STRBUF_INIT;
	struct table *table = NULL;
	enum dum_status status;

	status = import_read_stdin(&file, TABLE_BYTES_MAX, err);
	if (status == DUM_OK)
		status = table_read(&table, report, request->kind, file.buf,
		                    file.len, &request->csv, &request->take,
		                    err);
	strbuf_release(&file); /* no need to hold it any longer */
	if (status == DUM_EINVAL)
		write_report(d, report, request->take.dry_run);
	if (status == DUM_OK)
		status = store_table(d, table, request, report, err);
	table_free(table);
	return status;
}

static enum dum_status do_import(struct doing *d, struct dum_error *err)
{
	static struct import_report report;
	struct table_request request;
	enum dum_status status;

	status = table_request_read(&request, d->job.request, err);
	if (status != DUM_OK)
		return status;
	clock_civil(clock_now(), &request.take.today.year,
	            &request.take.today.month, &request.take.today.day);
	request.take.in_change = true;
	request.take.progress = job_work_progress;
	request.take.progress_arg = &d->work;
	status = read_and_store(d, &request, &report, err);
	import_report_release(&report);
	return status;
}

static enum dum_status do_undo(struct doing *d, struct dum_error *err)
{
	static struct import_undone undone;
	struct json_writer w = {.out = &d->result};
	enum dum_status status;
	int64_t id = 0;

	status = undo_request_read(&id, d->job.request, err);
	if (status == DUM_OK)
		status = begin_long(d, err);
	if (status == DUM_OK)
		status = import_undo(&undone, d->db, id, err);
	if (status == DUM_OK || undone.touched > 0)
		import_undone_json(&w, id, &undone);
	return status == DUM_OK ? finish(d, err) : status;
}

/* It failed: say so in the job, where one reads why. */
static void tell(struct doing *d, const struct dum_error *err)
{
	const char *result = d->result.len > 0 && strbuf_ok(&d->result)
	                         ? d->result.buf
	                         : NULL;
	struct dum_error ignored = {0};

	db_rollback(d->db);
	/* What can not be told now is found by the lock that is let go of. */
	(void)!job_work_close(&d->work, JOB_FAILED, err->text, result,
	                      &ignored);
}

static enum dum_status do_job(struct doing *d, struct dum_error *err)
{
	enum dum_status status;

	db_see_as(d->db, d->job.viewer);
	if (strcmp(d->job.kind, JOB_KIND_IMPORT) == 0)
		status = do_import(d, err);
	else if (strcmp(d->job.kind, JOB_KIND_UNDO) == 0)
		status = do_undo(d, err);
	else
		status = error_set(err, DUM_EINVAL,
		                   IMPORT_PROGRAM " does no job of kind '%s'",
		                   d->job.kind);
	if (status != DUM_OK && status != DUM_EUNKNOWN)
		tell(d, err);
	if (status == DUM_OK)
		db_checkpoint_if_long(d->db);
	return status;
}

enum tool_exit import_run_job(const struct import_command *command,
                              struct config *config)
{
	struct doing d = {.db = NULL};
	struct dum_error err = {0};
	enum dum_status status;

	strbuf_init(&d.result);
	status = db_open(&d.db, config, &err);
	if (status == DUM_OK)
		status = job_work_open(&d.work, &d.job, d.db, command->job_id,
		                       IMPORT_PROGRAM, &err);
	if (status == DUM_OK)
		status = do_job(&d, &err);
	job_work_release(&d.work);
	job_release(&d.job);
	db_free(d.db);
	strbuf_release(&d.result);
	if (status != DUM_OK)
		return tool_fail(IMPORT_PROGRAM, &err);
	return tool_finish(IMPORT_PROGRAM, TOOL_DONE);
}
