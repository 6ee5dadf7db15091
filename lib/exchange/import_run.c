#include "exchange/import_run.h"

#include <stdio.h>

#include "store/location.h"

/* So many records take longer than other writers should wait. */
enum { LONG_CHANGE = 20000, PROGRESS_EVERY = 4096 };

struct import_run {
	const struct import_job *job;
	struct import_report *report;
	struct db *db;
	struct usage_batch *batch;
	long long done;
};

struct db *import_run_db(struct import_run *run)
{
	return run->db;
}

enum dum_status import_run_location(int64_t *id_out, struct import_run *run,
                                    const char *name, const char *display_name,
                                    struct dum_error *err)
{
	return import_run_location_as(id_out, run, name, display_name, true, "",
	                              err);
}

/*
 * Its days are taken, but lists leave it out and coverage expects none of it:
 * whoever thought it active should hear so.
 */
static void note_inactive(struct import_report *report,
                          const struct location *location)
{
	if (report->locations_inactive++ == 0)
		snprintf(report->first_inactive, sizeof(report->first_inactive),
		         "%s", location->name);
}

enum dum_status import_run_location_as(int64_t *id_out, struct import_run *run,
                                       const char *name,
                                       const char *display_name, bool is_active,
                                       const char *created_at,
                                       struct dum_error *err)
{
	struct location location;
	struct dum_error missing = {0};
	enum dum_status status;

	status = location_find(&location, run->db, name, &missing);
	if (status == DUM_OK && !location.is_active)
		note_inactive(run->report, &location);
	if (status == DUM_ENOTFOUND && !db_sees_all(run->db)) {
		/* Whether it is there is not for this caller to know. */
		status = error_set(err, DUM_EINVAL,
		                   "there is no location '%s' that you may "
		                   "enter days of",
		                   name);
	} else if (status == DUM_ENOTFOUND) {
		status = location_add_as(&location, run->db, name, display_name,
		                         is_active, created_at, err);
		run->report->counts.locations_created += status == DUM_OK;
	} else if (status != DUM_OK) {
		error_set(err, status, "%s", missing.text);
	}
	if (status == DUM_OK)
		*id_out = location.id;
	return status;
}

/* One more cell for the list of a dry run. */
static enum dum_status list_change(struct import_run *run, struct date date,
                                   int64_t location_id, int64_t bytes,
                                   struct dum_error *err)
{
	struct import_report *report = run->report;
	struct json_writer w = {.out = &report->changes,
	                        .comma = report->changes_listed > 0};
	int64_t before = usage_batch_before(run->batch);
	struct location location;
	char day[DATE_TEXT_MAX];
	enum dum_status status;

	status = location_get(&location, run->db, location_id, err);
	if (status != DUM_OK)
		return status;
	date_format(day, date);
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "date", day);
	jsonw_member_string(&w, "location", location.name);
	if (before >= 0)
		jsonw_member_gb(&w, "before_gb", before);
	else
		jsonw_member_null(&w, "before_gb");
	jsonw_member_gb(&w, "after_gb", bytes);
	jsonw_object_end(&w);
	report->changes_listed++;
	if (!strbuf_ok(&report->changes))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return DUM_OK;
}

enum dum_status import_run_put(struct import_run *run, struct date date,
                               int64_t location_id, int64_t bytes,
                               enum usage_put_mode mode, struct dum_error *err)
{
	const struct import_options *take = run->job->take;
	struct import_counts *counts = &run->report->counts;
	enum usage_change change = USAGE_SAME;
	enum dum_status status;

	if (++run->done % PROGRESS_EVERY == 0 && take->progress != NULL)
		take->progress(take->progress_arg, run->done,
		               run->job->records);
	status = usage_batch_put(&change, run->batch, date, location_id, bytes,
	                         mode, err);
	if (status != DUM_OK)
		return status;
	counts->new += change == USAGE_NEW;
	counts->changed += change == USAGE_CHANGED;
	counts->same += change == USAGE_SAME;
	if (take->dry_run && change != USAGE_SAME &&
	    run->report->changes_listed < IMPORT_CHANGES_MAX)
		status = list_change(run, date, location_id, bytes, err);
	return status;
}

/* Everything between begin and commit. */
static enum dum_status change(int64_t *id_out, struct import_run *run,
                              struct dum_error *err)
{
	const struct import_job *job = run->job;
	struct import_record record = {.kind = job->kind,
	                               .file_name = job->file_name,
	                               .file_hash = job->file_hash,
	                               .options = job->options};
	enum dum_status status;

	status = import_start(id_out, run->db, &record, err);
	if (status == DUM_OK)
		status = usage_batch_open(&run->batch, run->db, *id_out, err);
	if (status == DUM_OK)
		status = job->fill(job->arg, run, err);
	if (status == DUM_OK)
		status = usage_batch_finish(run->batch, err);
	record.counts = run->report->counts;
	if (status == DUM_OK)
		status = import_finish(run->db, *id_out, &record, err);
	return status;
}

static void forget_records(struct import_report *report)
{
	struct import_counts *counts = &report->counts;

	counts->new = counts->changed = counts->same = 0;
	counts->locations_created = 0;
}

enum dum_status import_run(struct import_report *report, struct db *db,
                           const struct origin *who,
                           const struct import_job *job, struct dum_error *err)
{
	struct import_run run = {.job = job, .report = report, .db = db};
	enum dum_status status;
	int64_t id = 0;

	if (report->changes.buf == NULL)
		strbuf_init(&report->changes);
	if (job->take->in_change)
		status = DUM_OK;
	else if (job->records > LONG_CHANGE)
		status = db_begin_long(db, who, err);
	else
		status = db_begin(db, who, err);
	if (status == DUM_OK)
		status = change(&id, &run, err);
	if (!job->take->in_change) {
		if (status == DUM_OK && !job->take->dry_run)
			status = db_commit(db, err);
		db_rollback(db); /* does nothing after a commit */
	}
	if (status == DUM_OK && !job->take->dry_run)
		report->import_id = id;
	if (status != DUM_OK)
		forget_records(report);
	usage_batch_free(run.batch);
	return status;
}
