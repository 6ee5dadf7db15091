/* Read a file of any kind, store it, and tell what came of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "exchange/foreign_db.h"
#include "exchange/vnstat.h"
#include "import_command.h"
#include "import_summary.h"
#include "store/checkpoint.h"

/* What was read, whatever it is. */
struct source {
	struct table *table;
	struct vnstat *vnstat;
};

/*
 * Not by opening /dev/stdin: that fails for a socket, and for a file that
 * only whoever started this program may open.
 */
enum dum_status import_read_stdin(struct strbuf *out, size_t limit,
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
	                                        : TABLE_BYTES_MAX;

	return c->path == NULL ? import_read_stdin(out, limit, err)
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
	return table_read(&out->table, report, c->kind, file->buf, file->len,
	                  &c->csv, &c->take, err);
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
		status = table_apply(source->table, report, db, &who, c->name,
		                     err);
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	db_free(db);
	return status;
}

/* A database is not read into memory: it is judged while it is stored. */
static enum tool_exit take_over(struct import_command *c, struct config *config,
                                struct import_report *report,
                                struct tool_progress *progress)
{
	struct dum_error err = {0};
	enum dum_status status;
	struct db *db = NULL;
	struct origin who;
	char actor[128];

	who = tool_origin(IMPORT_PROGRAM, actor, sizeof(actor));
	status = db_open(&db, config, &err);
	if (status == DUM_OK)
		status = foreign_db_import(report, db, &who, c->path, c->name,
		                           &c->take, &err);
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	db_free(db);
	tool_progress_end(progress);
	if (status == DUM_OK)
		return import_show(c, report);
	if (status == DUM_EINVAL && report->complaints > 0)
		return import_show_refused(c, report);
	return tool_fail(IMPORT_PROGRAM, &err);
}

static enum tool_exit run(struct import_command *c, struct config *config,
                          struct import_report *report,
                          struct tool_progress *progress)
{
	struct strbuf file = STRBUF_INIT;
	struct source source = {.table = NULL};
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
		exit_status = import_show_refused(c, report);
		goto out;
	}
	if (status == DUM_OK)
		status = store(&source, report, c, config, &err);
	tool_progress_end(progress);
	if (status == DUM_OK)
		exit_status = import_show(c, report);
	else
		exit_status = tool_fail(IMPORT_PROGRAM, &err);
out:
	strbuf_release(&file);
	table_free(source.table);
	vnstat_free(source.vnstat);
	return exit_status;
}

/* Which format was asked for, or that one may be. */
static char date_hint[64] = ": say --date-format dmy or --date-format mdy";

/* How the options of an import are said here. */
static const char *hint(const char *option)
{
	static const struct {
		const char *option, *words;
	} hints[] = {
	    {"date_format", date_hint},
	    {"decimal",
	     ": say --decimal comma or --decimal point, or correct the file"},
	    {"year",
	     ": say --year YEAR for the first row, or write the dates with "
	     "their years"},
	    {"allow_future", ": --allow-future takes it"},
	    {"max_daily_gb", " (MAX_DAILY_GB or --max-daily-gb)"},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(hints[i].option, option) == 0)
			return hints[i].words;
	return "";
}

enum tool_exit import_run_file(struct import_command *command,
                               struct config *config)
{
	static struct import_report report;
	struct tool_progress progress = {.what = ""};
	enum tool_exit status;

	report.hint = hint;
	if (command->csv.date_format >= 0)
		snprintf(
		    date_hint, sizeof(date_hint), ": --date-format %s says so",
		    day_format_name((enum day_format)command->csv.date_format));
	tool_progress_start(&progress, "importing");
	command->take.progress = import_show_progress;
	command->take.progress_arg = &progress;
	if (command->mode == IMPORT_DATABASE)
		status = take_over(command, config, &report, &progress);
	else
		status = run(command, config, &report, &progress);
	tool_progress_end(&progress);
	command->take.progress_arg = NULL;
	import_report_release(&report);
	return status;
}
