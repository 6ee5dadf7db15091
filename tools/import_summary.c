#include "import_summary.h"

#include <string.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "calc/csv_quote.h"

enum { SUMMARY_COMPLAINTS = 10 };

static void print_json(const struct import_report *report, bool dry_run)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	import_report_json(&w, report, dry_run);
	printf("%s\n", sb.buf);
	strbuf_release(&sb);
}

static void print_complaints(FILE *to, const char *before,
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

	if (r->last.year == 0) {
		printf("  days       none\n");
		return;
	}
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

static void print_takeover(const struct import_takeover *t)
{
	printf("             %lld merged with those of the same name, %lld "
	       "refused\n",
	       (long long)t->locations_merged, (long long)t->locations_refused);
	printf("  summaries  %lld new, %lld changed, %lld the same, %lld "
	       "refused\n",
	       (long long)t->summaries_new, (long long)t->summaries_changed,
	       (long long)t->summaries_same, (long long)t->summaries_refused);
}

static void print_inactive(const struct import_report *r)
{
	char name[CSV_QUOTE_MAX];

	if (r->locations_inactive > 0)
		printf("             %d not active, and in no list until "
		       "'dum-admin location activate NAME': %s%s\n",
		       r->locations_inactive,
		       csv_quote(name, r->first_inactive,
		                 strlen(r->first_inactive)),
		       r->locations_inactive > 1 ? ", ..." : "");
}

static void print_summary(const struct import_report *r, const char *file,
                          bool dry_run)
{
	char name[CSV_QUOTE_MAX];
	const struct import_counts *n = &r->counts;
	const struct import_complaint *skipped = &r->first_skipped;

	printf("%s: %lld row%s of %d location%s\n",
	       csv_quote(name, file, strlen(file)), (long long)n->rows,
	       plural_s(n->rows), r->locations, plural_s(r->locations));
	print_reading(r);
	printf("  cells      %lld number%s, %lld empty, %lld no number, %lld "
	       "rejected\n",
	       (long long)n->cells, plural_s(n->cells), (long long)n->empty,
	       (long long)n->skipped, (long long)n->rejected);
	if (skipped->line > 0)
		printf("             first that is no number: '%s' (line %d, "
		       "column %d)\n",
		       skipped->text, skipped->line, skipped->column);
	printf("  records    %lld new, %lld changed, %lld the same\n",
	       (long long)n->new, (long long)n->changed, (long long)n->same);
	printf("  locations  %lld new\n", (long long)n->locations_created);
	print_inactive(r);
	if (r->takeover.any)
		print_takeover(&r->takeover);
	if (r->complaints > 0) {
		printf("  left out:\n");
		print_complaints(stdout, "    ", r);
	}
	if (dry_run)
		printf("  dry run: nothing was stored\n");
	else
		printf("  import     %lld\n", (long long)r->import_id);
}

/* The file was refused, for the reasons in the report. */
enum tool_exit import_show_refused(const struct import_command *c,
                                   const struct import_report *report)
{
	char name[CSV_QUOTE_MAX];

	if (c->json)
		print_json(report, c->take.dry_run);
	print_complaints(stderr, IMPORT_PROGRAM ": ", report);
	fprintf(stderr, IMPORT_PROGRAM ": %s: nothing was imported%s\n",
	        csv_quote(name, c->name, strlen(c->name)),
	        report->counts.rejected > 0
	            ? "; correct the file, or --skip-rejected leaves out "
	              "what is named above"
	            : "");
	return tool_finish(IMPORT_PROGRAM, TOOL_USAGE);
}

enum tool_exit import_show(const struct import_command *c,
                           const struct import_report *report)
{
	if (c->csv.year != 0 && report->csv.date_format != DAY_DD_MMM)
		fprintf(stderr,
		        IMPORT_PROGRAM
		        ": --year %d was not needed: the dates have years of "
		        "their own\n",
		        c->csv.year);
	if (c->json)
		print_json(report, c->take.dry_run);
	else
		print_summary(report, c->name, c->take.dry_run);
	return tool_finish(IMPORT_PROGRAM, TOOL_DONE);
}

void import_show_progress(void *arg, long long done, long long all)
{
	tool_progress_step(arg, done, all);
}
