#include "import_summary.h"

#include <string.h>

#include "base/json_writer.h"
#include "calc/csv_quote.h"

enum { SUMMARY_COMPLAINTS = 10 };

static void print_error(struct json_writer *w,
                        const struct wide_csv_complaint *c)
{
	jsonw_object_begin(w);
	if (c->line > 0)
		jsonw_member_int(w, "line", c->line);
	else
		jsonw_member_null(w, "line");
	if (c->column > 0)
		jsonw_member_int(w, "column", c->column);
	else
		jsonw_member_null(w, "column");
	jsonw_member_string(w, "text", c->text);
	jsonw_object_end(w);
}

void import_print_json(const struct wide_csv_report *report, bool dry_run)
{
	const struct import_counts *n = &report->counts;
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	jsonw_object_begin(&w);
	if (report->import_id != 0)
		jsonw_member_int(&w, "import_id", report->import_id);
	else
		jsonw_member_null(&w, "import_id");
	jsonw_member_int(&w, "rows", n->rows);
	jsonw_member_int(&w, "cells", n->cells);
	jsonw_member_int(&w, "empty", n->empty);
	jsonw_member_int(&w, "skipped", n->skipped);
	jsonw_member_int(&w, "rejected", n->rejected);
	jsonw_member_int(&w, "new", n->new);
	jsonw_member_int(&w, "changed", n->changed);
	jsonw_member_int(&w, "same", n->same);
	jsonw_member_int(&w, "locations_created", n->locations_created);
	jsonw_member_bool(&w, "dry_run", dry_run);
	jsonw_key(&w, "errors");
	jsonw_array_begin(&w);
	for (int i = 0; i < report->complaints && i < WIDE_CSV_COMPLAINTS_MAX;
	     i++)
		print_error(&w, &report->complaint[i]);
	jsonw_array_end(&w);
	jsonw_member_int(&w, "errors_total", report->complaints);
	jsonw_object_end(&w);
	printf("%s\n", sb.buf);
	strbuf_release(&sb);
}

void import_print_complaints(FILE *to, const char *before,
                             const struct wide_csv_report *report)
{
	long long more = report->complaints - SUMMARY_COMPLAINTS;

	for (int i = 0; i < report->complaints && i < SUMMARY_COMPLAINTS; i++) {
		const struct wide_csv_complaint *c = &report->complaint[i];

		fputs(before, to);
		if (c->line > 0)
			fprintf(to, "line %d", c->line);
		if (c->line > 0 && c->column > 0)
			fprintf(to, ", column %d", c->column);
		fprintf(to, "%s%s\n", c->line > 0 ? ": " : "", c->text);
	}
	if (more > 0)
		fprintf(to, "%s... and %lld more\n", before, more);
}

/* How the file was read: a wrong guess has to meet the eye. */
static void print_reading(const struct wide_csv_report *r)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	const char *order = "";

	date_format(first, r->first);
	date_format(last, r->last);
	if (r->date_format == DAY_DD_MMM)
		order = r->descending ? ", newest first" : ", oldest first";
	printf("  days       %s to %s (read as %s%s)\n", first, last,
	       day_format_shape(r->date_format), order);
}

void import_print_summary(const struct wide_csv_report *r, const char *file,
                          bool dry_run)
{
	char name[CSV_QUOTE_MAX];
	const struct import_counts *n = &r->counts;
	const struct wide_csv_complaint *skipped = &r->first_skipped;

	printf("%s: %lld rows of %d locations\n",
	       csv_quote(name, file, strlen(file)), (long long)n->rows,
	       r->locations);
	print_reading(r);
	printf("  cells      %lld numbers, %lld empty, %lld no number, %lld "
	       "rejected\n",
	       (long long)n->cells, (long long)n->empty, (long long)n->skipped,
	       (long long)n->rejected);
	if (skipped->line > 0)
		printf("             first that is no number: '%s' (line %d, "
		       "column %d)\n",
		       skipped->text, skipped->line, skipped->column);
	printf("  records    %lld new, %lld changed, %lld the same\n",
	       (long long)n->new, (long long)n->changed, (long long)n->same);
	printf("  locations  %lld new\n", (long long)n->locations_created);
	if (r->complaints > 0) {
		printf("  left out:\n");
		import_print_complaints(stdout, "    ", r);
	}
	if (dry_run)
		printf("  dry run: nothing was stored\n");
	else
		printf("  import     %lld\n", (long long)r->import_id);
}
