/*
 * POST /api/imports: take in a table. A small one is taken in by the worker, a
 * larger one by dum-import as a job; both by the same code of lib/exchange.
 */
#include "res/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/fsutil.h"
#include "change.h"
#include "exchange/table_request.h"
#include "problem.h"
#include "res/import_parts.h"
#include "res/job_parts.h"
#include "store/usage.h"

enum {
	FILENAME,
	FORMAT,
	DATE_FORMAT,
	YEAR,
	DECIMAL,
	UNIT,
	EMPTY,
	MAX_DAILY_GB,
	ALLOW_FUTURE,
	SKIP_REJECTED,
	DRY_RUN,
	IMPORT_PARAMS
};

static const char *const formats[] = {"wide", "long", NULL};
static const char *const date_formats[] = {"iso", "dmy", "mdy", "dd-mmm", NULL};
static const char *const decimals[] = {"point", "comma", NULL};
static const char *const units[] = {"MB", "GB", "GiB", "bytes", NULL};
static const char *const empties[] = {"zero", "skip", "overwrite", NULL};

const struct param import_params[] = {
    [FILENAME] = {.name = "filename", .type = PARAM_TEXT, .max = 200},
    [FORMAT] = {.name = "format", .type = PARAM_CHOICE, .choices = formats},
    [DATE_FORMAT] = {.name = "date_format",
                     .type = PARAM_CHOICE,
                     .choices = date_formats},
    [YEAR] = {.name = "year",
              .type = PARAM_INT,
              .min = DATE_YEAR_MIN,
              .max = DATE_YEAR_MAX},
    [DECIMAL] = {.name = "decimal", .type = PARAM_CHOICE, .choices = decimals},
    [UNIT] = {.name = "unit", .type = PARAM_CHOICE, .choices = units},
    [EMPTY] = {.name = "empty", .type = PARAM_CHOICE, .choices = empties},
    [MAX_DAILY_GB] = {.name = "max_daily_gb",
                      .type = PARAM_INT,
                      .min = 1,
                      .max = USAGE_BYTES_MAX / BYTES_PER_GB},
    [ALLOW_FUTURE] = {.name = "allow_future", .type = PARAM_BOOL},
    [SKIP_REJECTED] = {.name = "skip_rejected", .type = PARAM_BOOL},
    [DRY_RUN] = {.name = "dry_run", .type = PARAM_BOOL},
    [IMPORT_PARAMS] = {.name = NULL},
};

/* The word that was chosen; NULL: none was. */
static const char *chosen(const struct request *req, int which)
{
	const struct param_value *value = &req->params[which];

	return value->given ? import_params[which].choices[value->number]
	                    : NULL;
}

static void read_wish(struct table_request *out, const struct app *app,
                      const struct request *req)
{
	const struct param_value *values = req->params;
	const char *name = fs_base_name(values[FILENAME].text), *word;

	table_request_init(out);
	snprintf(out->file_name, sizeof(out->file_name), "%s",
	         *name != '\0' ? name : "upload.csv");
	word = chosen(req, FORMAT);
	if (word != NULL)
		out->kind = (enum table_kind)table_kind_find(word);
	word = chosen(req, DATE_FORMAT);
	if (word != NULL)
		out->csv.date_format = day_format_find(word);
	word = chosen(req, DECIMAL);
	if (word != NULL)
		out->csv.decimal = csv_decimal_find(word);
	word = chosen(req, UNIT);
	if (word != NULL)
		out->csv.unit = (enum byte_unit)byte_unit_find(word);
	word = chosen(req, EMPTY);
	if (word != NULL)
		out->csv.empty = (enum csv_empty)csv_empty_find(word);
	out->csv.year = (int)values[YEAR].number;
	out->take = (struct import_options){
	    .max_bytes = BYTES_PER_GB * (values[MAX_DAILY_GB].given
	                                     ? values[MAX_DAILY_GB].number
	                                     : app->config->max_daily_gb),
	    .allow_future = values[ALLOW_FUTURE].number != 0,
	    .skip_rejected = values[SKIP_REJECTED].number != 0,
	    .dry_run = values[DRY_RUN].number != 0,
	    .today = app_today(app)};
}

/* The cells that are wrong, by the fragments of RFC 7111, and the report. */
static void refuse(struct request *req, struct response *res,
                   const struct import_report *report, bool dry_run)
{
	struct strbuf members = STRBUF_INIT;
	struct json_writer w = {.out = &members};

	jsonw_key(&w, "errors");
	jsonw_array_begin(&w);
	for (int i = 0; i < report->complaints && i < IMPORT_COMPLAINTS_MAX;
	     i++) {
		const struct import_complaint *c = &report->complaint[i];
		char place[64] = "";

		if (c->line > 0 && c->column > 0)
			snprintf(place, sizeof(place), "#cell=%d,%d", c->line,
			         c->column);
		else if (c->line > 0)
			snprintf(place, sizeof(place), "#row=%d", c->line);
		jsonw_object_begin(&w);
		jsonw_member_string(&w, "pointer", place);
		jsonw_member_string(&w, "detail", c->text);
		if (c->option[0] != '\0')
			jsonw_member_string(&w, "option", c->option);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_key(&w, "report");
	import_report_json(&w, report, dry_run);
	problem_write(res, req,
	              &(struct problem){.status = 400,
	                                .detail = "Nothing was imported: the "
	                                          "file has errors.",
	                                .members = &members});
	strbuf_release(&members);
}

static enum dum_status start_job(struct app *app, struct request *req,
                                 struct response *res,
                                 const struct table_request *wish,
                                 struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	table_request_write(&text, wish);
	if (!strbuf_ok(&text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = job_answer(app, req, res,
		                    &(struct job_wish){.kind = JOB_KIND_IMPORT,
		                                       .request = text.buf,
		                                       .program = "dum-import",
		                                       .input = req->body_fd},
		                    err);
	strbuf_release(&text);
	return status;
}

/* Store it now. A dry run changes nothing, so its answer is not kept. */
static enum dum_status store(struct app *app, struct request *req,
                             struct response *res, struct table *table,
                             const struct table_request *wish,
                             struct import_report *report,
                             struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct origin who = app_origin(req);
	enum dum_status status;

	if (wish->take.dry_run)
		status = app_begin(app, req, err);
	else if (!change_begin(app, req, res, &status, err))
		return status;
	if (status != DUM_OK)
		return status;
	status = table_apply(table, report, app->db, &who, wish->file_name,
	                     err);
	if (status == DUM_EINVAL) {
		db_rollback(app->db);
		import_blame(report, 0, err);
		refuse(req, res, report, wish->take.dry_run);
		return DUM_OK;
	}
	if (status != DUM_OK)
		return status;
	import_report_json(&w, report, wish->take.dry_run);
	if (!wish->take.dry_run)
		return change_commit(app, req, res, err);
	db_rollback(app->db);
	return DUM_OK;
}

static enum dum_status move_to_file(const struct app *app, struct request *req,
                                    struct dum_error *err)
{
	char *folder = fs_parent(app->config->database_path);
	enum dum_status status;

	if (folder == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = request_move_body(req, folder, err);
	free(folder);
	return status;
}

/* The body is in memory: judge it, then it is known how much it is. */
static enum dum_status take_in(struct app *app, struct request *req,
                               struct response *res, struct table_request *wish,
                               struct import_report *report,
                               struct dum_error *err)
{
	const struct import_counts *n = &report->counts;
	struct table *table = NULL;
	enum dum_status status;

	wish->take.in_change = true;
	wish->take.cells_now = IMPORT_IN_WORKER;
	status = table_read(&table, report, wish->kind, req->body.buf,
	                    req->body.len, &wish->csv, &wish->take, err);
	if (status == DUM_EINVAL) {
		import_blame(report, 0, err);
		refuse(req, res, report, wish->take.dry_run);
		return DUM_OK;
	}
	if (report->put_off ||
	    (status == DUM_OK && n->cells + n->empty > IMPORT_IN_WORKER)) {
		if (status == DUM_OK)
			table_free(table);
		status = move_to_file(app, req, err);
		return status == DUM_OK ? start_job(app, req, res, wish, err)
		                        : status;
	}
	if (status == DUM_OK)
		status = store(app, req, res, table, wish, report, err);
	table_free(table);
	return status;
}

enum dum_status imports_post(struct app *app, struct request *req,
                             struct response *res, struct dum_error *err)
{
	struct import_report *report;
	struct table_request wish;
	enum dum_status status;

	read_wish(&wish, app, req);
	if (req->body_fd >= 0)
		return start_job(app, req, res, &wish, err);
	report = calloc(1, sizeof(*report));
	if (report == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = take_in(app, req, res, &wish, report, err);
	import_report_release(report);
	free(report);
	return status;
}
