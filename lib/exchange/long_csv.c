/*
 * Two times over the file, as for a wide table: what its dates and numbers
 * look like first, then what they are.
 */
#include "base/plural.h"
#include "calc/csv_guard.h"
#include "calc/csv_quote.h"
#include "exchange/import_place.h"
#include "exchange/long_table_plan.h"

enum { DATE_AT, NAME_AT, AMOUNT_AT, COLUMNS };

struct reader {
	struct long_table *table;
	struct import_report *report;
	bool header; /* has been seen */
	struct day_guess days;
	struct csv_decimal_guess numbers;
};

static enum dum_status check_header(struct reader *r, const struct csv_row *row,
                                    struct dum_error *err)
{
	const struct csv_cell *first = &row->cells[0];

	r->header = true;
	if (row->count < COLUMNS)
		return import_refuse(
		    r->report, row->line, 0, err,
		    "the header has %zu column%s: a long table "
		    "has date, location and usage_gb",
		    row->count, plural_s((int64_t)row->count));
	if (day_text_read(first->text, first->len).shape != DAY_SHAPE_NONE)
		return import_refuse(r->report, row->line, 1, err,
		                     "the first row has a date in it: it must "
		                     "be the header");
	return DUM_OK;
}

static enum dum_status check_row(struct reader *r, const struct csv_row *row,
                                 struct dum_error *err)
{
	char quoted[CSV_QUOTE_MAX];

	if (row->cells[DATE_AT].len == 0)
		return import_refuse(r->report, row->line, 1, err,
		                     "the row has cells but no date");
	if (row->count <= NAME_AT || row->cells[NAME_AT].len == 0)
		return import_refuse(r->report, row->line, 2, err,
		                     "the row names no location");
	for (size_t i = COLUMNS; i < row->count; i++)
		if (row->cells[i].len > 0)
			return import_refuse(
			    r->report, row->line, (int)i + 1, err,
			    "'%s' stands behind the amount: a long table has "
			    "three columns",
			    csv_quote(quoted, row->cells[i].text,
			              row->cells[i].len));
	return DUM_OK;
}

static enum dum_status scan_row(void *arg, const struct csv_row *row,
                                struct dum_error *err)
{
	const struct csv_cell *cells = row->cells;
	struct reader *r = arg;
	enum dum_status status;

	if (csv_row_is_blank(row))
		return DUM_OK;
	if (!r->header)
		return check_header(r, row, err);
	status = check_row(r, row, err);
	if (status != DUM_OK)
		return status;
	r->report->counts.rows++;
	day_guess_add(&r->days,
	              day_text_read(cells[DATE_AT].text, cells[DATE_AT].len),
	              cells[DATE_AT].text, cells[DATE_AT].len, row->line);
	if (row->count > AMOUNT_AT)
		csv_decimal_add(&r->numbers, cells[AMOUNT_AT].text,
		                cells[AMOUNT_AT].len, row->line);
	return DUM_OK;
}

static enum dum_status scan(struct reader *r, const struct csv_text *text,
                            struct dum_error *err)
{
	const struct csv_options *options = &r->table->options;
	struct csv_reading *reading = &r->report->csv;
	enum dum_status status;

	status = csv_rows_each(text, scan_row, r, err);
	if (status != DUM_OK)
		return status;
	if (r->report->counts.rows == 0)
		return import_refuse(r->report, 0, 0, err,
		                     "the file has a header but no rows");
	status = day_guess_decide(&reading->date_format, &r->days,
	                          options->date_format, err);
	if (status != DUM_OK) {
		import_blame(r->report, 1, err);
		return status;
	}
	if (reading->date_format == DAY_DD_MMM)
		return import_refuse(r->report, r->days.first.line, 1, err,
		                     "'%s' has no year: in a long table dates "
		                     "need one",
		                     r->days.first.text);
	reading->decimal = options->decimal;
	if (reading->decimal == CSV_DECIMAL_UNKNOWN)
		status = csv_decimal_decide(&reading->decimal, &r->numbers,
		                            reading->separator, err);
	return status;
}

static enum dum_status take_row(void *arg, const struct csv_row *row,
                                struct dum_error *err)
{
	struct reader *r = arg;
	struct csv_cell cell = row->cells[DATE_AT], name;
	struct import_place at = {.line = row->line, .column = AMOUNT_AT + 1};
	struct day_list *list = &r->table->list;
	enum dum_status status;
	struct date date = {.year = 0};
	int64_t bytes = DAY_EMPTY;
	bool future;
	int index;

	if (csv_row_is_blank(row))
		return DUM_OK;
	if (!r->header) {
		r->header = true;
		return DUM_OK;
	}
	name = csv_guard_remove(row->cells[NAME_AT]);
	status = long_table_name(&index, r->table, r->report, name.text,
	                         name.len, row->line, NAME_AT + 1, err);
	if (status != DUM_OK)
		return status;
	day_text_date(&date, day_text_read(cell.text, cell.len),
	              r->report->csv.date_format, 0);
	at.day = date_to_days(date);
	at.name = list->names[index]->name;
	future = !import_check_day(r->report, &r->table->take, at.day,
	                           row->line, 1);
	if (row->count > AMOUNT_AT && row->cells[AMOUNT_AT].len > 0) {
		at.text = row->cells[AMOUNT_AT].text;
		at.len = row->cells[AMOUNT_AT].len;
		bytes = import_amount(r->report, &r->table->take, &at,
		                      r->table->options.unit, future);
		if (bytes < 0)
			return DUM_OK;
	} else {
		r->report->counts.empty++;
		if (future)
			return DUM_OK;
	}
	return day_list_add(list, at.day, index, bytes, row->line, err);
}

static enum dum_status read_text(struct reader *r, const void *data, size_t len,
                                 struct dum_error *err)
{
	struct csv_text text;
	enum dum_status status;

	status = csv_text_open(&text, data, len, err);
	if (status != DUM_OK)
		return status;
	r->report->csv.encoding = text.encoding;
	r->report->csv.separator = text.separator;
	status = scan(r, &text, err);
	r->header = false;
	if (status == DUM_OK)
		status = csv_rows_each(&text, take_row, r, err);
	csv_text_release(&text);
	if (status == DUM_OK)
		status = long_table_settle(r->table, r->report, data, len, err);
	return status;
}

enum dum_status long_csv_read(struct long_table **out,
                              struct import_report *report, const void *data,
                              size_t len, const struct csv_options *options,
                              const struct import_options *take,
                              struct dum_error *err)
{
	struct reader r = {.report = report};
	struct dum_error own = {0};
	enum dum_status status;

	if (err == NULL)
		err = &own;
	r.table = long_table_new("long_csv", options, take);
	if (r.table == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = read_text(&r, data, len, err);
	if (status == DUM_OK) {
		*out = r.table;
		return DUM_OK;
	}
	if (status == DUM_EINVAL)
		import_blame(report, 0, err);
	long_table_free(r.table);
	return status;
}
