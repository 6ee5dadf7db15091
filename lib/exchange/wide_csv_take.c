/* Second time over the file: each cell becomes an amount or a reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/wide_csv_plan.h"

struct take {
	struct wide_csv *csv;
	struct wide_csv_report *report;
	bool header;  /* has been passed */
	size_t row;   /* index of the next one */
	int last_day; /* later ones are refused */
};

/* A cell, and where it stands. */
struct place {
	const struct csv_cell *cell;
	int line;
	int column; /* of the file */
	int day;
	const char *name; /* of the location */
};

static void reject(struct take *t, const struct place *at, const char *why)
{
	char text[CSV_QUOTE_MAX], name[CSV_QUOTE_MAX], day[DATE_TEXT_MAX];

	date_format(day, date_from_days(at->day));
	t->report->counts.rejected++;
	wide_csv_complain(
	    t->report, at->line, at->column, "'%s' for %s on %s is %s",
	    csv_quote(text, at->cell->text, at->cell->len),
	    csv_quote(name, at->name, strlen(at->name)), day, why);
}

static void note_skipped(struct take *t, const struct place *at)
{
	struct wide_csv_complaint *first = &t->report->first_skipped;

	if (t->report->counts.skipped++ > 0)
		return;
	first->line = at->line;
	first->column = at->column;
	csv_quote(first->text, at->cell->text, at->cell->len);
}

/* The amount of a cell with text in it, or CELL_NONE. */
static int64_t take_cell(struct take *t, const struct place *at, bool future)
{
	const struct wide_csv_options *options = &t->csv->options;
	struct import_counts *counts = &t->report->counts;
	char limit[BYTES_GB_MAX], why[120];
	enum bytes_parsed got;
	int64_t bytes = 0;

	got = csv_number_read(&bytes, at->cell->text, at->cell->len,
	                      t->report->decimal, options->unit);
	if (got == BYTES_NO_NUMBER) {
		note_skipped(t, at);
	} else if (got == BYTES_NEGATIVE) {
		reject(t, at, "below zero");
	} else if (got == BYTES_TOO_LARGE || bytes > options->max_bytes) {
		bytes_format_gb(limit, options->max_bytes);
		snprintf(
		    why, sizeof(why),
		    "in %s and above the limit of %s GB a day (MAX_DAILY_GB or "
		    "--max-daily-gb)",
		    byte_unit_name(options->unit), limit);
		reject(t, at, why);
	} else if (future) {
		counts->rejected++; /* the row has its complaint already */
	} else {
		counts->cells++;
		return bytes;
	}
	return CELL_NONE;
}

static bool check_day(struct take *t, const struct day_years_row *row)
{
	char day[DATE_TEXT_MAX], today[DATE_TEXT_MAX];

	if (t->csv->options.allow_future || row->day <= t->last_day)
		return true;
	date_format(day, date_from_days(row->day));
	date_format(today, t->csv->options.today);
	wide_csv_complain(t->report, row->line, 1,
	                  "the day %s is later than tomorrow (today is %s): "
	                  "--allow-future takes it",
	                  day, today);
	return false;
}

static enum dum_status take_row(void *arg, const struct csv_row *row,
                                struct dum_error *err)
{
	struct take *t = arg;
	struct wide_csv *csv = t->csv;
	const struct day_years_row *plan;
	struct place at;
	int64_t *cells;
	bool future;

	(void)err;
	if (wide_csv_blank_row(row))
		return DUM_OK;
	if (!t->header) {
		t->header = true;
		return DUM_OK;
	}
	plan = &csv->rows[t->row];
	cells = csv->cells + t->row++ * csv->ncolumns;
	future = !check_day(t, plan);
	for (size_t i = 0; i < csv->ncolumns; i++) {
		cells[i] = CELL_NONE;
		if (csv->columns[i].name[0] == '\0')
			continue;
		if (i + 1 >= row->count || row->cells[i + 1].len == 0) {
			t->report->counts.empty++;
			cells[i] = future ? CELL_NONE : CELL_EMPTY;
			continue;
		}
		at = (struct place){&row->cells[i + 1], row->line, (int)i + 2,
		                    plan->day, csv->columns[i].name};
		cells[i] = take_cell(t, &at, future);
	}
	return DUM_OK;
}

enum dum_status wide_csv_take(struct wide_csv *csv,
                              struct wide_csv_report *report,
                              const struct csv_text *text,
                              struct dum_error *err)
{
	struct take t = {.csv = csv, .report = report};

	t.last_day = date_to_days(csv->options.today) + 1;
	csv->cells = malloc(csv->nrows * csv->ncolumns * sizeof(*csv->cells));
	if (csv->cells == NULL)
		return error_set(err, DUM_ENOMEM,
		                 "no memory for a table of %zu rows and %zu "
		                 "locations",
		                 csv->nrows, csv->ncolumns);
	return csv_rows_each(text, take_row, &t, err);
}
