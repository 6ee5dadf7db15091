#include "exchange/import_place.h"

#include <stdio.h>
#include <string.h>

#include "calc/csv_quote.h"

bool import_check_day(struct import_report *report,
                      const struct import_options *options, int day, int line,
                      int column)
{
	char text[DATE_TEXT_MAX], today[DATE_TEXT_MAX];

	if (options->allow_future || day <= date_to_days(options->today) + 1)
		return true;
	date_format(text, date_from_days(day));
	date_format(today, options->today);
	import_complain_option(
	    report, line, column, "allow_future",
	    "the day %s is later than tomorrow (today is %s)", text, today);
	return false;
}

static void reject(struct import_report *report, const struct import_place *at,
                   const char *option, const char *why)
{
	char text[CSV_QUOTE_MAX], name[CSV_QUOTE_MAX], day[DATE_TEXT_MAX];

	date_format(day, date_from_days(at->day));
	report->counts.rejected++;
	import_complain_option(
	    report, at->line, at->column, option, "'%s' for %s on %s is %s",
	    csv_quote(text, at->text, at->len),
	    csv_quote(name, at->name, strlen(at->name)), day, why);
}

void import_reject(struct import_report *report, const struct import_place *at,
                   const char *why)
{
	reject(report, at, "", why);
}

void import_reject_large(struct import_report *report,
                         const struct import_options *options,
                         const struct import_place *at, enum byte_unit unit)
{
	char limit[BYTES_GB_MAX], why[120];

	bytes_format_gb(limit, options->max_bytes);
	snprintf(why, sizeof(why), "in %s and above the limit of %s GB a day",
	         byte_unit_name(unit), limit);
	reject(report, at, "max_daily_gb", why);
}

void import_skip(struct import_report *report, const struct import_place *at)
{
	struct import_complaint *first = &report->first_skipped;

	if (report->counts.skipped++ > 0)
		return;
	first->line = at->line;
	first->column = at->column;
	csv_quote(first->text, at->text, at->len);
}

int64_t import_amount(struct import_report *report,
                      const struct import_options *options,
                      const struct import_place *at, enum byte_unit unit,
                      bool future)
{
	enum bytes_parsed got;
	int64_t bytes = 0;

	got = csv_number_read(&bytes, at->text, at->len, report->csv.decimal,
	                      unit);
	if (got == BYTES_NO_NUMBER)
		import_skip(report, at);
	else if (got == BYTES_NEGATIVE)
		import_reject(report, at, "below zero");
	else if (got == BYTES_TOO_LARGE || bytes > options->max_bytes)
		import_reject_large(report, options, at, unit);
	else if (future)
		report->counts.rejected++;
	else {
		report->counts.cells++;
		return bytes;
	}
	return -1;
}
