/* Second time over the file: each cell becomes an amount or a reason. */
#include <stdlib.h>

#include "exchange/import_place.h"
#include "exchange/wide_csv_plan.h"

struct take {
	struct wide_csv *csv;
	struct import_report *report;
	bool header; /* has been passed */
	size_t row;  /* index of the next one */
};

static enum dum_status take_row(void *arg, const struct csv_row *row,
                                struct dum_error *err)
{
	struct take *t = arg;
	struct wide_csv *csv = t->csv;
	const struct day_years_row *plan;
	struct import_place at;
	int64_t bytes;
	int64_t *cells;
	bool future;

	(void)err;
	if (csv_row_is_blank(row))
		return DUM_OK;
	if (!t->header) {
		t->header = true;
		return DUM_OK;
	}
	plan = &csv->rows[t->row];
	cells = csv->cells + t->row++ * csv->ncolumns;
	future = !import_check_day(t->report, &csv->take, plan->day, plan->line,
	                           1);
	for (size_t i = 0; i < csv->ncolumns; i++) {
		cells[i] = CELL_NONE;
		if (csv->columns[i].name[0] == '\0')
			continue;
		if (i + 1 >= row->count || row->cells[i + 1].len == 0) {
			t->report->counts.empty++;
			cells[i] = future ? CELL_NONE : CELL_EMPTY;
			continue;
		}
		at = (struct import_place){row->cells[i + 1].text,
		                           row->cells[i + 1].len,
		                           row->line,
		                           (int)i + 2,
		                           plan->day,
		                           csv->columns[i].name};
		bytes = import_amount(t->report, &csv->take, &at,
		                      csv->options.unit, future);
		if (bytes >= 0)
			cells[i] = bytes;
	}
	return DUM_OK;
}

enum dum_status wide_csv_take(struct wide_csv *csv,
                              struct import_report *report,
                              const struct csv_text *text,
                              struct dum_error *err)
{
	struct take t = {.csv = csv, .report = report};

	csv->cells = malloc(csv->nrows * csv->ncolumns * sizeof(*csv->cells));
	if (csv->cells == NULL)
		return error_set(err, DUM_ENOMEM,
		                 "no memory for a table of %zu rows and %zu "
		                 "locations",
		                 csv->nrows, csv->ncolumns);
	return csv_rows_each(text, take_row, &t, err);
}
