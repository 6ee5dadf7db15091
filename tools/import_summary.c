#include "import_summary.h"

#include <string.h>

#include "base/json_writer.h"
#include "calc/csv_quote.h"

enum { SUMMARY_COMPLAINTS = 10 };

void import_print_json(const struct import_report *report, bool dry_run)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	import_report_json(&w, report, dry_run);
	printf("%s\n", sb.buf);
	strbuf_release(&sb);
}

void import_print_complaints(FILE *to, const char *before,
                             const struct import_report *report)
{
	long long more = report->complaints - SUMMARY_COMPLAINTS;

	for (int i = 0; i < report->complaints && i < SUMMARY_COMPLAINTS; i++) {
		const struct import_complaint *c = &report->complaint[i];

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
static void print_reading(const struct import_report *r)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	const char *order = "";

	date_format(first, r->first);
	date_format(last, r->last);
	if (r->csv.encoding == NULL) {
		printf("  days       %s to %s\n", first, last);
		return;
	}
	if (r->csv.date_format == DAY_DD_MMM)
		order = r->csv.descending ? ", newest first" : ", oldest first";
	printf("  days       %s to %s (read as %s%s)\n", first, last,
	       day_format_shape(r->csv.date_format), order);
}

void import_print_summary(const struct import_report *r, const char *file,
                          bool dry_run)
{
	char name[CSV_QUOTE_MAX];
	const struct import_counts *n = &r->counts;
	const struct import_complaint *skipped = &r->first_skipped;

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
