/* Read a file of any kind, store it, and tell what came of it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "calc/csv_quote.h"
#include "exchange/vnstat.h"
#include "exchange/wide_csv.h"
#include "import_command.h"
#include "import_summary.h"
#include "store/checkpoint.h"

/* What was read, whatever it is. */
struct source {
	struct wide_csv *wide;
	struct vnstat *vnstat;
};

/*
 * Not by opening /dev/stdin: that fails for a socket, and for a file that
 * only whoever started this program may open.
 */
static enum dum_status read_stdin(struct strbuf *out, size_t limit,
                                  struct dum_error *err)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, DUM_ESYS,
			                 "cannot read the standard input: %s",
			                 strerror(errno));
		strbuf_add(out, chunk, (size_t)n);
		if (out->len > limit)
			return error_set(err, DUM_EINVAL,
			                 "the standard input is longer than "
			                 "%zu bytes: split it",
			                 limit);
	}
	if (!strbuf_ok(out))
		return error_set(err, DUM_ENOMEM, "no memory for the input");
	return DUM_OK;
}

static enum dum_status load(struct strbuf *out, const struct import_command *c,
                            struct dum_error *err)
{
	size_t limit = c->mode == IMPORT_VNSTAT ? VNSTAT_BYTES_MAX
	                                        : WIDE_CSV_BYTES_MAX;

	return c->path == NULL ? read_stdin(out, limit, err)
	                       : fs_read_file(out, c->path, limit, err);
}

static enum dum_status parse(struct source *out, struct import_report *report,
                             const struct strbuf *file,
                             const struct import_command *c,
                             struct dum_error *err)
{
	if (c->mode == IMPORT_VNSTAT)
		return vnstat_read(&out->vnstat, report, file->buf, file->len,
		                   &c->vnstat, &c->take, err);
	return wide_csv_read(&out->wide, report, file->buf, file->len, &c->csv,
	                     &c->take, err);
}

static enum dum_status store(struct source *source,
                             struct import_report *report,
                             const struct import_command *c,
                             const struct config *config, struct dum_error *err)
{
	enum dum_status status;
	struct db *db = NULL;
	struct origin who;
	char actor[128];

	who = tool_origin(IMPORT_PROGRAM, actor, sizeof(actor));
	status = db_open(&db, config, err);
	if (status != DUM_OK)
		return status;
	if (source->vnstat != NULL)
		status = vnstat_apply(source->vnstat, report, db, &who, c->name,
		                      err);
	else
		status = wide_csv_apply(source->wide, report, db, &who, c->name,
		                        err);
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	db_free(db);
	return status;
}

/* The file was refused, for the reasons in the report. */
static enum tool_exit refuse(const struct import_command *c,
                             const struct import_report *report)
{
	char name[CSV_QUOTE_MAX];

	if (c->json)
		import_print_json(report, c->take.dry_run);
	import_print_complaints(stderr, IMPORT_PROGRAM ": ", report);
	fprintf(stderr, IMPORT_PROGRAM ": %s: nothing was imported%s\n",
	        csv_quote(name, c->name, strlen(c->name)),
	        report->counts.rejected > 0
	            ? "; correct the file, or --skip-rejected leaves out "
	              "what is named above"
	            : "");
	return tool_finish(IMPORT_PROGRAM, TOOL_USAGE);
}

static enum tool_exit show(const struct import_command *c,
                           const struct import_report *report)
{
	if (c->csv.year != 0 && report->csv.date_format != DAY_DD_MMM)
		fprintf(stderr,
		        IMPORT_PROGRAM
		        ": --year %d was not needed: the dates have years of "
		        "their own\n",
		        c->csv.year);
	if (c->json)
		import_print_json(report, c->take.dry_run);
	else
		import_print_summary(report, c->name, c->take.dry_run);
	return tool_finish(IMPORT_PROGRAM, TOOL_DONE);
}

static void show_progress(void *arg, long long done, long long all)
{
	tool_progress_step(arg, done, all);
}

static enum tool_exit run(struct import_command *c, struct config *config,
                          struct import_report *report,
                          struct tool_progress *progress)
{
	struct strbuf file = STRBUF_INIT;
	struct source source = {.wide = NULL};
	struct dum_error err = {0};
	enum tool_exit exit_status;
	enum dum_status status;

	status = load(&file, c, &err);
	if (status != DUM_OK) {
		exit_status = tool_fail(IMPORT_PROGRAM, &err);
		goto out;
	}
	status = parse(&source, report, &file, c, &err);
	strbuf_release(&file); /* no need to hold it any longer */
	if (status == DUM_EINVAL) {
		exit_status = refuse(c, report);
		goto out;
	}
	if (status == DUM_OK)
		status = store(&source, report, c, config, &err);
	tool_progress_end(progress);
	if (status == DUM_OK)
		exit_status = show(c, report);
	else
		exit_status = tool_fail(IMPORT_PROGRAM, &err);
out:
	strbuf_release(&file);
	wide_csv_free(source.wide);
	vnstat_free(source.vnstat);
	return exit_status;
}

enum tool_exit import_run_file(struct import_command *command,
                               struct config *config)
{
	static struct import_report report;
	struct tool_progress progress = {.what = ""};
	enum tool_exit status;

	tool_progress_start(&progress, "importing");
	command->take.progress = show_progress;
	command->take.progress_arg = &progress;
	status = run(command, config, &report, &progress);
	tool_progress_end(&progress);
	command->take.progress_arg = NULL;
	import_report_release(&report);
	return status;
}
