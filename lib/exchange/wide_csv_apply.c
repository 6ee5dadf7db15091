/*
 * The change itself: locations, then days in the order in which the table of
 * days is sorted, so that neighbours are written together.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "exchange/wide_csv_plan.h"
#include "store/usage_batch.h"

/* So many records take longer than other writers should wait. */
enum { LONG_CHANGE = 20000, PROGRESS_EVERY = 4096 };

/* A column, and the location that its cells belong to. */
struct target {
	int64_t location_id;
	size_t column;
};

struct apply {
	struct wide_csv *csv;
	struct wide_csv_report *report;
	struct db *db;
	struct usage_batch *batch;
	struct target *targets; /* the columns used, by location id */
	size_t ntargets;
	long long done;
};

static enum dum_status find_location(int64_t *id_out, struct apply *a,
                                     const char *name, struct dum_error *err)
{
	struct location location;
	struct dum_error missing = {0};
	enum dum_status status;

	status = location_find(&location, a->db, name, &missing);
	if (status == DUM_ENOTFOUND) {
		status = location_add(&location, a->db, name, NULL, err);
		a->report->counts.locations_created += status == DUM_OK;
	} else if (status != DUM_OK) {
		error_set(err, status, "%s", missing.text);
	}
	if (status == DUM_OK)
		*id_out = location.id;
	return status;
}

static int by_location(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return (x->location_id > y->location_id) -
	       (x->location_id < y->location_id);
}

static enum dum_status find_locations(struct apply *a, struct dum_error *err)
{
	const struct wide_csv *csv = a->csv;
	enum dum_status status = DUM_OK;

	a->targets = calloc(csv->ncolumns, sizeof(*a->targets));
	if (a->targets == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < csv->ncolumns && status == DUM_OK; i++) {
		struct target *target = &a->targets[a->ntargets];

		if (!csv->columns[i].used)
			continue;
		target->column = i;
		status = find_location(&target->location_id, a,
		                       csv->columns[i].name, err);
		a->ntargets++;
	}
	if (status == DUM_OK)
		qsort(a->targets, a->ntargets, sizeof(*a->targets),
		      by_location);
	return status;
}

static void step(struct apply *a)
{
	const struct wide_csv_options *o = &a->csv->options;
	long long all = (long long)a->csv->nrows * (long long)a->ntargets;

	if (++a->done % PROGRESS_EVERY == 0 && o->progress != NULL)
		o->progress(o->progress_arg, a->done, all);
}

static enum dum_status put(struct apply *a, struct date date,
                           int64_t location_id, int64_t cell,
                           struct dum_error *err)
{
	struct import_counts *counts = &a->report->counts;
	enum wide_csv_empty empty = a->csv->options.empty;
	enum usage_put_mode mode = USAGE_REPLACE;
	enum usage_change change = USAGE_SAME;
	enum dum_status status;

	if (cell == CELL_EMPTY) {
		if (empty == WIDE_CSV_SKIP)
			return DUM_OK;
		if (empty == WIDE_CSV_ZERO)
			mode = USAGE_KEEP;
		cell = 0;
	}
	status = usage_batch_put(&change, a->batch, date, location_id, cell,
	                         mode, err);
	if (status != DUM_OK)
		return status;
	counts->new += change == USAGE_NEW;
	counts->changed += change == USAGE_CHANGED;
	counts->same += change == USAGE_SAME;
	return DUM_OK;
}

static enum dum_status put_all(struct apply *a, struct dum_error *err)
{
	const struct wide_csv *csv = a->csv;
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < csv->nrows; i++) {
		size_t row = (size_t)csv->order[i];
		const int64_t *cells = csv->cells + row * csv->ncolumns;
		struct date date = date_from_days(csv->rows[row].day);

		for (size_t t = 0; t < a->ntargets; t++) {
			int64_t cell = cells[a->targets[t].column];

			step(a);
			if (cell != CELL_NONE)
				status = put(a, date, a->targets[t].location_id,
				             cell, err);
			if (status != DUM_OK)
				return status;
		}
	}
	return DUM_OK;
}

/* How the file was understood, for the list of imports. */
static void write_options(struct strbuf *out, const struct apply *a)
{
	const struct wide_csv_options *o = &a->csv->options;
	const struct wide_csv_report *r = a->report;
	struct json_writer w = {.out = out};
	char separator[2] = {r->separator, '\0'};

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "encoding", r->encoding);
	jsonw_member_string(&w, "separator", separator);
	jsonw_member_string(&w, "date_format", day_format_name(r->date_format));
	if (o->year != 0)
		jsonw_member_int(&w, "year", o->year);
	jsonw_member_string(&w, "decimal", csv_decimal_name(r->decimal));
	jsonw_member_string(&w, "unit", byte_unit_name(o->unit));
	jsonw_member_string(&w, "empty", wide_csv_empty_name(o->empty));
	jsonw_member_gb(&w, "max_daily_gb", o->max_bytes);
	jsonw_member_bool(&w, "allow_future", o->allow_future);
	jsonw_member_bool(&w, "skip_rejected", o->skip_rejected);
	jsonw_object_end(&w);
}

/* Everything between begin and commit. */
static enum dum_status change(int64_t *id_out, struct apply *a,
                              struct import_record *record,
                              struct dum_error *err)
{
	enum dum_status status;

	status = find_locations(a, err);
	if (status == DUM_OK)
		status = import_start(id_out, a->db, record, err);
	if (status == DUM_OK)
		status = usage_batch_open(&a->batch, a->db, *id_out, err);
	if (status == DUM_OK)
		status = put_all(a, err);
	if (status == DUM_OK)
		status = usage_batch_finish(a->batch, err);
	record->counts = a->report->counts;
	if (status == DUM_OK)
		status = import_finish(a->db, *id_out, record, err);
	return status;
}

static enum dum_status begin(struct apply *a, const struct origin *who,
                             struct dum_error *err)
{
	const struct import_counts *counts = &a->report->counts;

	if (counts->cells + counts->empty > LONG_CHANGE)
		return db_begin_long(a->db, who, err);
	return db_begin(a->db, who, err);
}

enum dum_status wide_csv_apply(struct wide_csv *csv,
                               struct wide_csv_report *report, struct db *db,
                               const struct origin *who, const char *file_name,
                               struct dum_error *err)
{
	struct apply a = {.csv = csv, .report = report, .db = db};
	struct import_record record = {
	    .kind = "wide_csv", .file_name = file_name, .file_hash = csv->hash};
	struct strbuf options = STRBUF_INIT;
	enum dum_status status;
	int64_t id = 0;

	write_options(&options, &a);
	record.options = options.buf;
	if (!strbuf_ok(&options)) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	status = begin(&a, who, err);
	if (status != DUM_OK)
		goto out;
	status = change(&id, &a, &record, err);
	if (status == DUM_OK && !csv->options.dry_run)
		status = db_commit(db, err);
	if (status == DUM_OK && !csv->options.dry_run)
		report->import_id = id;
out:
	db_rollback(db); /* does nothing after a commit */
	if (status != DUM_OK) {
		struct import_counts *counts = &report->counts;

		counts->new = counts->changed = counts->same = 0;
		counts->locations_created = 0;
	}
	usage_batch_free(a.batch);
	free(a.targets);
	strbuf_release(&options);
	return status;
}
