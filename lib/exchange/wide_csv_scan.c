/*
 * First time over the file: its header, its shape, and what its dates and
 * numbers look like. Nothing is stored for a cell here, so that what a file
 * may cost is known before it costs it.
 */
#include <stdlib.h>
#include <string.h>

#include "calc/csv_guard.h"
#include "exchange/wide_csv_plan.h"

struct scan {
	struct wide_csv *csv;
	struct import_report *report;
	bool header; /* has been seen */
	struct day_guess days;
	struct csv_decimal_guess numbers;
};

static bool is_date(const struct csv_cell *cell)
{
	struct day_text text = day_text_read(cell->text, cell->len);
	struct date date;

	for (int i = 0; i < DAY_FORMAT__MAX; i++)
		if (day_text_date(&date, text, (enum day_format)i, 0))
			return true;
	return false;
}

/* A name may have been broken over two lines to make a column narrow. */
static char *copy_name(struct csv_cell cell)
{
	char *name = strndup(cell.text, cell.len);
	size_t used = 0;

	if (name == NULL)
		return NULL;
	for (const char *c = name; *c != '\0'; c++) {
		if (strchr("\r\n\t", *c) == NULL)
			name[used++] = *c;
		else if (used > 0 && name[used - 1] != ' ')
			name[used++] = ' ';
	}
	name[used] = '\0';
	return name;
}

struct key {
	const char *name;
	int column; /* of the file */
};

static int by_name(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : x->column - y->column;
}

static enum dum_status check_twice(struct scan *s, int line,
                                   struct dum_error *err)
{
	size_t n = s->csv->ncolumns;
	struct key *keys = malloc(n * sizeof(*keys));
	enum dum_status status = DUM_OK;
	char quoted[CSV_QUOTE_MAX];

	if (keys == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct key){s->csv->columns[i].name, (int)i + 2};
	qsort(keys, n, sizeof(*keys), by_name);
	for (size_t i = 1; i < n && status == DUM_OK; i++) {
		const char *name = keys[i].name;

		if (*name == '\0' || strcmp(name, keys[i - 1].name) != 0)
			continue;
		status = import_refuse(
		    s->report, line, keys[i].column, err,
		    "the columns %d and %d have the same name '%s': rename or "
		    "remove one",
		    keys[i - 1].column, keys[i].column,
		    csv_quote(quoted, name, strlen(name)));
	}
	free(keys);
	return status;
}

static enum dum_status scan_header(struct scan *s, const struct csv_row *row,
                                   struct dum_error *err)
{
	struct wide_csv *csv = s->csv;
	enum dum_status status = DUM_OK;
	size_t n = row->count;

	s->header = true;
	if (is_date(&row->cells[0]))
		return import_refuse(s->report, row->line, 1, err,
		                     "the first row has a date in it: it "
		                     "must be the header, with the names of "
		                     "the locations");
	while (n > 1 && row->cells[n - 1].len == 0)
		n--;
	if (n == 1)
		return import_refuse(s->report, row->line, 0, err,
		                     "the header names no location: it needs "
		                     "'Date' and a column for each location, "
		                     "with commas, semicolons or tabs between");
	csv->columns = calloc(n - 1, sizeof(*csv->columns));
	if (csv->columns == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	csv->ncolumns = n - 1;
	for (size_t i = 0; i < n - 1; i++) {
		csv->columns[i].name = copy_name(
		    csv_guard_remove(row->cells[i + 1]));
		if (csv->columns[i].name == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		s->report->locations += csv->columns[i].name[0] != '\0';
	}
	for (size_t i = 0; i < n - 1 && status == DUM_OK; i++)
		if (csv->columns[i].name[0] != '\0')
			status = import_check_name(s->report, row->line,
			                           (int)i + 2,
			                           csv->columns[i].name, err);
	return status == DUM_OK ? check_twice(s, row->line, err) : status;
}

static enum dum_status add_row(struct scan *s, const struct csv_row *row,
                               struct dum_error *err)
{
	const struct csv_cell *date = &row->cells[0];
	struct wide_csv *csv = s->csv;

	if ((csv->nrows + 1) * csv->ncolumns > WIDE_CSV_CELLS_MAX)
		return import_refuse(s->report, row->line, 0, err,
		                     "the table has more than %d cells: "
		                     "split the file",
		                     WIDE_CSV_CELLS_MAX);
	if (csv->nrows == WIDE_CSV_ROWS_MAX)
		return import_refuse(s->report, row->line, 0, err,
		                     "the table has more than %d rows: split "
		                     "the file",
		                     WIDE_CSV_ROWS_MAX);
	if (csv->nrows == csv->rows_room) {
		size_t room = csv->rows_room == 0 ? 512 : csv->rows_room * 2;
		struct day_years_row *rows = realloc(csv->rows,
		                                     room * sizeof(*rows));

		if (rows == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		csv->rows = rows;
		csv->rows_room = room;
	}
	csv->rows[csv->nrows] = (struct day_years_row){
	    .text = day_text_read(date->text, date->len), .line = row->line};
	day_guess_add(&s->days, csv->rows[csv->nrows].text, date->text,
	              date->len, row->line);
	s->report->counts.rows = (int64_t)++csv->nrows;
	return DUM_OK;
}

static enum dum_status scan_row(void *arg, const struct csv_row *row,
                                struct dum_error *err)
{
	struct scan *s = arg;
	const struct wide_column *columns;
	char quoted[CSV_QUOTE_MAX];

	if (csv_row_is_blank(row))
		return DUM_OK;
	if (!s->header)
		return scan_header(s, row, err);
	if (row->cells[0].len == 0)
		return import_refuse(s->report, row->line, 1, err,
		                     "the row has cells but no date");
	columns = s->csv->columns;
	for (size_t i = 1; i < row->count; i++) {
		const struct csv_cell *cell = &row->cells[i];

		if (cell->len == 0)
			continue;
		if (i > s->csv->ncolumns || columns[i - 1].name[0] == '\0')
			return import_refuse(
			    s->report, row->line, (int)i + 1, err,
			    "'%s' stands in column %zu, which has no name in "
			    "the header",
			    csv_quote(quoted, cell->text, cell->len), i + 1);
		csv_decimal_add(&s->numbers, cell->text, cell->len, row->line);
	}
	return add_row(s, row, err);
}

/* What the rows come to: their days. */
static enum dum_status find_days(struct scan *s, struct dum_error *err)
{
	const struct csv_options *options = &s->csv->options;
	struct wide_csv *csv = s->csv;
	enum dum_status status;
	struct date date;

	status = day_guess_decide(&s->report->csv.date_format, &s->days,
	                          options->date_format, err);
	if (status != DUM_OK)
		return status;
	if (s->report->csv.date_format == DAY_DD_MMM)
		return day_years_find(&s->report->csv.descending, csv->rows,
		                      csv->nrows, options->year,
		                      csv->take.today, err);
	for (size_t i = 0; i < csv->nrows; i++)
		if (day_text_date(&date, csv->rows[i].text,
		                  s->report->csv.date_format, 0))
			csv->rows[i].day = date_to_days(date);
	return DUM_OK;
}

enum dum_status wide_csv_scan(struct wide_csv *csv,
                              struct import_report *report,
                              const struct csv_text *text,
                              struct dum_error *err)
{
	struct scan s = {.csv = csv, .report = report};
	enum dum_status status;

	status = csv_rows_each(text, scan_row, &s, err);
	if (status != DUM_OK)
		return status;
	if (csv->nrows == 0)
		return import_refuse(report, 0, 0, err,
		                     "the file has a header but no rows");
	status = find_days(&s, err);
	if (status != DUM_OK) {
		import_blame(report, 1, err);
		return status;
	}
	report->csv.decimal = csv->options.decimal;
	if (report->csv.decimal == CSV_DECIMAL_UNKNOWN)
		status = csv_decimal_decide(&report->csv.decimal, &s.numbers,
		                            report->csv.separator, err);
	return status;
}
