/*
 * The rows by day, and what to do where a file has a day twice: equal amounts
 * count once, different ones are a complaint against the later row. A cell
 * without an amount says nothing against one that has it.
 */
#include <stdlib.h>
#include <string.h>

#include "exchange/wide_csv_plan.h"

struct settle {
	struct wide_csv *csv;
	struct import_report *report;
	int *owner; /* of each column: the row whose cell holds; -1 none */
};

struct key {
	int day;
	int row;
};

static int by_day(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->row < y->row ? -1 : 1;
}

static enum dum_status sort_rows(struct wide_csv *csv, struct dum_error *err)
{
	struct key *keys = malloc(csv->nrows * sizeof(*keys));

	csv->order = calloc(csv->nrows, sizeof(*csv->order));
	if (keys == NULL || csv->order == NULL) {
		free(keys);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < csv->nrows; i++)
		keys[i] = (struct key){csv->rows[i].day, (int)i};
	qsort(keys, csv->nrows, sizeof(*keys), by_day);
	for (size_t i = 0; i < csv->nrows; i++)
		csv->order[i] = keys[i].row;
	free(keys);
	return DUM_OK;
}

static int64_t *cell_at(const struct wide_csv *csv, int row, size_t column)
{
	return &csv->cells[(size_t)row * csv->ncolumns + column];
}

/* The cell says that it is zero, even against what is there. */
static bool is_claim(const struct wide_csv *csv, int64_t cell)
{
	return cell >= 0 ||
	       (cell == CELL_EMPTY && csv->options.empty == CSV_OVERWRITE);
}

static void complain_twice(struct settle *s, int row, size_t column,
                           int64_t amount, int64_t other)
{
	const struct wide_csv *csv = s->csv;
	const char *name = csv->columns[column].name;
	char quoted[CSV_QUOTE_MAX], day[DATE_TEXT_MAX];
	char gb[BYTES_GB_MAX], other_gb[BYTES_GB_MAX];

	date_format(day, date_from_days(csv->rows[row].day));
	bytes_format_gb(gb, amount);
	bytes_format_gb(other_gb, other);
	import_complain(s->report, csv->rows[row].line, (int)column + 2,
	                "%s on %s is %s GB here, but %s GB on line %d",
	                csv_quote(quoted, name, strlen(name)), day, gb,
	                other_gb, csv->rows[s->owner[column]].line);
}

/* One more cell of a day that has rows before it. */
static void settle_cell(struct settle *s, int row, size_t column)
{
	struct import_counts *counts = &s->report->counts;
	int64_t *cell = cell_at(s->csv, row, column), *held;
	bool was_empty = *cell == CELL_EMPTY;

	if (*cell == CELL_NONE)
		return;
	if (s->owner[column] < 0) {
		s->owner[column] = row;
		return;
	}
	held = cell_at(s->csv, s->owner[column], column);
	if (!is_claim(s->csv, *cell)) {
		counts->empty -= *held == CELL_EMPTY;
		*cell = CELL_NONE;
		return;
	}
	if (!is_claim(s->csv, *held)) {
		*held = CELL_NONE;
		s->owner[column] = row;
		return;
	}
	*(was_empty ? &counts->empty : &counts->cells) -= 1;
	if ((was_empty ? 0 : *cell) != (*held < 0 ? 0 : *held)) {
		counts->rejected++;
		complain_twice(s, row, column, was_empty ? 0 : *cell,
		               *held < 0 ? 0 : *held);
	}
	*cell = CELL_NONE;
}

/* count rows of one day, from order[first] on. */
static void settle_day(struct settle *s, size_t first, size_t count)
{
	size_t ncolumns = s->csv->ncolumns;

	for (size_t c = 0; c < ncolumns; c++)
		s->owner[c] = -1;
	for (size_t i = first; i < first + count; i++)
		for (size_t c = 0; c < ncolumns; c++)
			settle_cell(s, s->csv->order[i], c);
}

static int day_at(const struct wide_csv *csv, size_t i)
{
	return csv->rows[csv->order[i]].day;
}

static void mark_used(struct wide_csv *csv)
{
	bool empty_too = csv->options.empty != CSV_SKIP;
	const int64_t *cell = csv->cells;

	for (size_t r = 0; r < csv->nrows; r++)
		for (size_t c = 0; c < csv->ncolumns; c++, cell++)
			if (*cell >= 0 || (*cell == CELL_EMPTY && empty_too))
				csv->columns[c].used = true;
}

enum dum_status wide_csv_settle(struct wide_csv *csv,
                                struct import_report *report,
                                struct dum_error *err)
{
	struct settle s = {.csv = csv, .report = report};
	enum dum_status status = sort_rows(csv, err);

	if (status != DUM_OK)
		return status;
	s.owner = malloc(csv->ncolumns * sizeof(*s.owner));
	if (s.owner == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0, n; i < csv->nrows; i += n) {
		for (n = 1; i + n < csv->nrows; n++)
			if (day_at(csv, i + n) != day_at(csv, i))
				break;
		if (n > 1)
			settle_day(&s, i, n);
	}
	free(s.owner);
	mark_used(csv);
	report->first = date_from_days(day_at(csv, 0));
	report->last = date_from_days(day_at(csv, csv->nrows - 1));
	return DUM_OK;
}
