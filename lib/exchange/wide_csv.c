#include "exchange/wide_csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/wide_csv_plan.h"

static const char *const empty_names[] = {
    [WIDE_CSV_ZERO] = "zero",
    [WIDE_CSV_SKIP] = "skip",
    [WIDE_CSV_OVERWRITE] = "overwrite",
};

int wide_csv_empty_find(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(name, empty_names[i]) == 0)
			return i;
	return -1;
}

const char *wide_csv_empty_name(enum wide_csv_empty empty)
{
	return empty_names[empty];
}

static void complain(struct wide_csv_report *report, int line, int column,
                     const char *fmt, va_list args)
{
	struct wide_csv_complaint *c;

	if (report->complaints++ >= WIDE_CSV_COMPLAINTS_MAX)
		return;
	c = &report->complaint[report->complaints - 1];
	c->line = line;
	c->column = column;
	vsnprintf(c->text, sizeof(c->text), fmt, args);
}

void wide_csv_complain(struct wide_csv_report *report, int line, int column,
                       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(report, line, column, fmt, args);
	va_end(args);
}

enum dum_status wide_csv_refuse(struct wide_csv_report *report, int line,
                                int column, struct dum_error *err,
                                const char *fmt, ...)
{
	char text[sizeof(report->complaint[0].text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	wide_csv_complain(report, line, column, "%s", text);
	error_set(err, DUM_EINVAL, "%s", text);
	if (line > 0)
		error_at(err, line);
	return DUM_EINVAL;
}

void wide_csv_blame(struct wide_csv_report *report, int column,
                    const struct dum_error *err)
{
	if (report->complaints == 0)
		wide_csv_complain(report, err->line, column, "%s", err->text);
}

/* The complaints stop it, unless they may be left out. */
static enum dum_status check_complaints(const struct wide_csv *csv,
                                        const struct wide_csv_report *report,
                                        struct dum_error *err)
{
	const struct wide_csv_complaint *first = &report->complaint[0];

	if (report->complaints == 0 || csv->options.skip_rejected)
		return DUM_OK;
	error_set(err, DUM_EINVAL, "%s", first->text);
	error_at(err, first->line);
	return DUM_EINVAL;
}

static enum dum_status read_text(struct wide_csv *csv,
                                 struct wide_csv_report *report,
                                 const void *data, size_t len,
                                 struct dum_error *err)
{
	struct csv_text text;
	enum dum_status status;

	status = csv_text_open(&text, data, len, err);
	if (status != DUM_OK)
		return status;
	report->encoding = text.encoding;
	report->separator = text.separator;
	status = wide_csv_scan(csv, report, &text, err);
	if (status == DUM_OK)
		status = wide_csv_take(csv, report, &text, err);
	csv_text_release(&text);
	if (status == DUM_OK)
		status = wide_csv_settle(csv, report, err);
	if (status == DUM_OK)
		status = check_complaints(csv, report, err);
	if (status == DUM_OK)
		status = hash_sha256_hex(csv->hash, data, len, err);
	return status;
}

enum dum_status wide_csv_read(struct wide_csv **out,
                              struct wide_csv_report *report, const void *data,
                              size_t len,
                              const struct wide_csv_options *options,
                              struct dum_error *err)
{
	struct dum_error own = {0};
	enum dum_status status;
	struct wide_csv *csv;

	memset(report, 0, sizeof(*report));
	if (err == NULL)
		err = &own;
	csv = calloc(1, sizeof(*csv));
	if (csv == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	csv->options = *options;
	status = read_text(csv, report, data, len, err);
	if (status == DUM_OK) {
		*out = csv;
		return DUM_OK;
	}
	if (status == DUM_EINVAL)
		wide_csv_blame(report, 0, err);
	wide_csv_free(csv);
	return status;
}

void wide_csv_free(struct wide_csv *csv)
{
	if (csv == NULL)
		return;
	for (size_t i = 0; i < csv->ncolumns; i++)
		free(csv->columns[i].name);
	free(csv->columns);
	free(csv->rows);
	free(csv->cells);
	free(csv->order);
	free(csv);
}
