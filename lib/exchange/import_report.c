#include "exchange/import_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "calc/csv_quote.h"
#include "store/location.h"

void import_report_release(struct import_report *report)
{
	if (report->changes.buf != NULL)
		strbuf_release(&report->changes);
}

static void complain(struct import_report *report, int line, int column,
                     const char *option, const char *text)
{
	bool hints = report->hint != NULL && *option != '\0';
	struct import_complaint *c;

	if (report->complaints++ >= IMPORT_COMPLAINTS_MAX)
		return;
	c = &report->complaint[report->complaints - 1];
	c->line = line;
	c->column = column;
	snprintf(c->option, sizeof(c->option), "%s", option);
	snprintf(c->text, sizeof(c->text), "%s%s", text,
	         hints ? report->hint(option) : "");
}

void import_complain(struct import_report *report, int line, int column,
                     const char *fmt, ...)
{
	char text[sizeof(report->complaint[0].text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	complain(report, line, column, "", text);
}

void import_complain_option(struct import_report *report, int line, int column,
                            const char *option, const char *fmt, ...)
{
	char text[sizeof(report->complaint[0].text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	complain(report, line, column, option, text);
}

enum dum_status import_refuse(struct import_report *report, int line,
                              int column, struct dum_error *err,
                              const char *fmt, ...)
{
	char text[sizeof(report->complaint[0].text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	complain(report, line, column, "", text);
	error_set(err, DUM_EINVAL, "%s", text);
	if (line > 0)
		error_at(err, line);
	return DUM_EINVAL;
}

/* What is wrong may also be of a field of the database. */
static const char *option_of(const struct dum_error *err)
{
	static const char *const told[] = {"date_format", "decimal", "year"};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (strcmp(err->field, told[i]) == 0)
			return told[i];
	return "";
}

void import_blame(struct import_report *report, int column,
                  const struct dum_error *err)
{
	if (report->complaints == 0)
		complain(report, err->line, column, option_of(err), err->text);
}

enum dum_status import_check(const struct import_report *report,
                             const struct import_options *options,
                             struct dum_error *err)
{
	const struct import_complaint *first = &report->complaint[0];

	if (report->complaints == 0 || options->skip_rejected)
		return DUM_OK;
	error_set(err, DUM_EINVAL, "%s", first->text);
	if (first->line > 0)
		error_at(err, first->line);
	return DUM_EINVAL;
}

enum dum_status import_check_name(struct import_report *report, int line,
                                  int column, const char *name,
                                  struct dum_error *err)
{
	size_t len = strlen(name);
	char quoted[CSV_QUOTE_MAX];

	csv_quote(quoted, name, len);
	if (len == 0)
		return import_refuse(report, line, column, err,
		                     "a location has no name");
	if (!utf8_printable(name, len))
		return import_refuse(report, line, column, err,
		                     "the name '%s' has characters that can "
		                     "not be shown: rename it",
		                     quoted);
	if (utf8_count(name, len) > LOCATION_NAME_CHARS)
		return import_refuse(report, line, column, err,
		                     "the name '%s' is longer than %d "
		                     "characters: shorten it",
		                     quoted, LOCATION_NAME_CHARS);
	if (name[0] == ' ' || name[len - 1] == ' ')
		return import_refuse(report, line, column, err,
		                     "the name '%s' starts or ends with a "
		                     "blank: rename it",
		                     quoted);
	return DUM_OK;
}

void import_options_members(struct json_writer *w,
                            const struct import_options *options)
{
	jsonw_member_gb(w, "max_daily_gb", options->max_bytes);
	jsonw_member_bool(w, "allow_future", options->allow_future);
	jsonw_member_bool(w, "skip_rejected", options->skip_rejected);
}

static void write_number(struct json_writer *w, const char *name, int64_t n)
{
	if (n > 0)
		jsonw_member_int(w, name, n);
	else
		jsonw_member_null(w, name);
}

static void write_errors(struct json_writer *w,
                         const struct import_report *report)
{
	jsonw_key(w, "errors");
	jsonw_array_begin(w);
	for (int i = 0; i < report->complaints && i < IMPORT_COMPLAINTS_MAX;
	     i++) {
		const struct import_complaint *c = &report->complaint[i];

		jsonw_object_begin(w);
		write_number(w, "line", c->line);
		write_number(w, "column", c->column);
		jsonw_member_string(w, "text", c->text);
		if (c->option[0] != '\0')
			jsonw_member_string(w, "option", c->option);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_member_int(w, "errors_total", report->complaints);
}

static void write_takeover(struct json_writer *w,
                           const struct import_takeover *t)
{
	jsonw_member_int(w, "locations_merged", t->locations_merged);
	jsonw_member_int(w, "locations_refused", t->locations_refused);
	jsonw_member_int(w, "summaries", t->summaries);
	jsonw_member_int(w, "summaries_new", t->summaries_new);
	jsonw_member_int(w, "summaries_changed", t->summaries_changed);
	jsonw_member_int(w, "summaries_same", t->summaries_same);
	jsonw_member_int(w, "summaries_refused", t->summaries_refused);
}

void import_report_json(struct json_writer *w,
                        const struct import_report *report, bool dry_run)
{
	const struct import_counts *n = &report->counts;

	jsonw_object_begin(w);
	write_number(w, "import_id", report->import_id);
	jsonw_member_int(w, "rows", n->rows);
	jsonw_member_int(w, "cells", n->cells);
	jsonw_member_int(w, "empty", n->empty);
	jsonw_member_int(w, "skipped", n->skipped);
	jsonw_member_int(w, "rejected", n->rejected);
	jsonw_member_int(w, "new", n->new);
	jsonw_member_int(w, "changed", n->changed);
	jsonw_member_int(w, "same", n->same);
	jsonw_member_int(w, "locations_created", n->locations_created);
	if (report->locations_inactive > 0)
		jsonw_member_int(w, "locations_inactive",
		                 report->locations_inactive);
	if (report->takeover.any)
		write_takeover(w, &report->takeover);
	jsonw_member_bool(w, "dry_run", dry_run);
	if (dry_run) {
		jsonw_key(w, "changes");
		jsonw_array_begin(w);
		if (report->changes_listed > 0)
			jsonw_raw(w, report->changes.buf, report->changes.len);
		jsonw_array_end(w);
	}
	write_errors(w, report);
	jsonw_object_end(w);
}
