/*
 * The change itself: locations, then days in the order in which the table of
 * days is sorted, so that neighbours are written together.
 */
#include <stdlib.h>

#include "exchange/wide_csv_plan.h"

/* A column, and the location that its cells belong to. */
struct target {
	int64_t location_id;
	size_t column;
};

struct apply {
	struct wide_csv *csv;
	struct target *targets; /* the columns used, by location id */
	size_t ntargets;
};

static int by_location(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return (x->location_id > y->location_id) -
	       (x->location_id < y->location_id);
}

static enum dum_status find_locations(struct apply *a, struct import_run *run,
                                      struct dum_error *err)
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
		status = import_run_location(&target->location_id, run,
		                             csv->columns[i].name, NULL, err);
		a->ntargets++;
	}
	if (status == DUM_OK)
		qsort(a->targets, a->ntargets, sizeof(*a->targets),
		      by_location);
	return status;
}

static enum dum_status put(struct apply *a, struct import_run *run,
                           struct date date, int64_t location_id, int64_t cell,
                           struct dum_error *err)
{
	enum csv_empty empty = a->csv->options.empty;
	enum usage_put_mode mode = USAGE_REPLACE;

	if (cell == CELL_EMPTY) {
		if (empty == CSV_SKIP)
			return DUM_OK;
		if (empty == CSV_ZERO)
			mode = USAGE_KEEP;
		cell = 0;
	}
	return import_run_put(run, date, location_id, cell, mode, err);
}

static enum dum_status put_all(struct apply *a, struct import_run *run,
                               struct dum_error *err)
{
	const struct wide_csv *csv = a->csv;
	enum dum_status status = DUM_OK;

	for (size_t i = 0; i < csv->nrows; i++) {
		size_t row = (size_t)csv->order[i];
		const int64_t *cells = csv->cells + row * csv->ncolumns;
		struct date date = date_from_days(csv->rows[row].day);

		for (size_t t = 0; t < a->ntargets; t++) {
			int64_t cell = cells[a->targets[t].column];

			if (cell != CELL_NONE)
				status = put(a, run, date,
				             a->targets[t].location_id, cell,
				             err);
			if (status != DUM_OK)
				return status;
		}
	}
	return DUM_OK;
}

static enum dum_status fill(void *arg, struct import_run *run,
                            struct dum_error *err)
{
	struct apply *a = arg;
	enum dum_status status = find_locations(a, run, err);

	return status == DUM_OK ? put_all(a, run, err) : status;
}

enum dum_status wide_csv_apply(struct wide_csv *csv,
                               struct import_report *report, struct db *db,
                               const struct origin *who, const char *file_name,
                               struct dum_error *err)
{
	struct apply a = {.csv = csv};
	struct strbuf options = STRBUF_INIT;
	struct import_job job = {.kind = "wide_csv",
	                         .file_name = file_name,
	                         .file_hash = csv->hash,
	                         .take = &csv->take,
	                         .records = report->counts.cells +
	                                    report->counts.empty,
	                         .fill = fill,
	                         .arg = &a};
	enum dum_status status;

	csv_options_write(&options, &csv->options, &csv->take, &report->csv);
	job.options = options.buf;
	if (strbuf_ok(&options))
		status = import_run(report, db, who, &job, err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	free(a.targets);
	strbuf_release(&options);
	return status;
}
