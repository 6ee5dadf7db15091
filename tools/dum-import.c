/* dum-import - take in a file with the use of many locations and days. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "calc/csv_quote.h"
#include "exchange/wide_csv.h"
#include "import_summary.h"
#include "store/checkpoint.h"
#include "store/usage.h"
#include "tool.h"

#define PROGRAM "dum-import"

/*
 * Page cache of an import, at least, in KiB: what the index by location needs
 * so that a day of a thousand locations does not push out its own pages.
 * Measured with 3,650,000 cells: 46 s with 2,000 KiB, 22 s with this.
 */
enum { CACHE_KIB = 16384 };

static const char help_text[] =
    "usage: dum-import [--config FILE] [options] FILE\n"
    "\n"
    "Take in a table: the first column has the dates, each further column is\n"
    "a location, the header names them. FILE - is the standard input. All of\n"
    "it is taken in, or nothing. A day that is known gets the file's value.\n"
    "\n"
    "Found out for the whole file: comma, semicolon or tab; UTF-8 or Latin-1;\n"
    "decimal point or comma; dates as YYYY-MM-DD, DD/MM/YYYY, MM/DD/YYYY or\n"
    "DD-MMM (13-Mar: no year; the newest is the latest day not in the "
    "future).\n"
    "\n"
    "  --date-format F    iso, dmy, mdy or dd-mmm, where the file does not "
    "tell\n"
    "  --year Y           year of the first row, for dates without one\n"
    "  --decimal D        point or comma, where the file does not tell\n"
    "  --unit U           MB, GB, GiB or bytes (default GB, 10^9 bytes)\n"
    "  --empty zero       empty cell: zero where nothing is known (default)\n"
    "  --empty skip       empty cell: the day stays as it is\n"
    "  --empty overwrite  empty cell: zero, also over a value that is there\n"
    "  --max-daily-gb N   most that a day may have (default MAX_DAILY_GB)\n"
    "  --allow-future     take days later than tomorrow too\n"
    "  --skip-rejected    leave out what would stop the import: cells below\n"
    "                     zero or above the limit, days later than tomorrow,\n"
    "                     and, of a day that the file has twice with "
    "different\n"
    "                     values, those after the first\n"
    "  --dry-run          do all of it, then undo it\n"
    "  --json             print the summary as JSON\n"
    "  --config FILE      settings (default $DUM_CONFIG or " CONFIG_DEFAULT_PATH
    ")\n"
    "  --help, --version\n"
    "\n"
    "Cells that are no number (N/A, notes) are passed over and counted.\n"
    "Exit status: 0 done, 1 no such file, 2 refused, 75 busy: try again.\n"
    "\n"
    "examples:\n"
    "  dum-import usage.csv\n"
    "  dum-import --dry-run --date-format mdy us-export.csv\n"
    "  dum-import --unit MB --max-daily-gb 100000 big.csv\n"
    "  curl -s https://example.org/usage.csv | dum-import --json -\n";

struct command {
	const char *config_path;
	const char *path; /* NULL: the standard input */
	const char *name; /* of the file, for people */
	bool json;
	bool help, version;
	struct wide_csv_options options;
};

enum option_id {
	OPT_CONFIG = 1,
	OPT_YEAR,
	OPT_DATE_FORMAT,
	OPT_DECIMAL,
	OPT_EMPTY,
	OPT_UNIT,
	OPT_MAX,
	OPT_FUTURE,
	OPT_SKIP,
	OPT_DRY_RUN,
	OPT_JSON,
	OPT_HELP,
	OPT_VERSION
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"year", required_argument, NULL, OPT_YEAR},
    {"date-format", required_argument, NULL, OPT_DATE_FORMAT},
    {"decimal", required_argument, NULL, OPT_DECIMAL},
    {"empty", required_argument, NULL, OPT_EMPTY},
    {"unit", required_argument, NULL, OPT_UNIT},
    {"max-daily-gb", required_argument, NULL, OPT_MAX},
    {"allow-future", no_argument, NULL, OPT_FUTURE},
    {"skip-rejected", no_argument, NULL, OPT_SKIP},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static bool read_year(int *out, const char *text)
{
	char *end;
	long year = strtol(text, &end, 10);

	if (strlen(text) != 4 || *end != '\0' || year < DATE_YEAR_MIN)
		return false;
	*out = (int)year;
	return true;
}

static bool read_limit(int64_t *out, const char *text)
{
	int64_t bytes;

	if (bytes_parse(&bytes, text, strlen(text), UNIT_GB) != BYTES_OK ||
	    bytes < 1 || bytes > USAGE_BYTES_MAX)
		return false;
	*out = bytes;
	return true;
}

/* An option with a value; what it may be when it is none of it, else NULL. */
static const char *take_value(struct command *c, int id, const char *value)
{
	struct wide_csv_options *o = &c->options;
	int found;

	switch (id) {
	case OPT_YEAR:
		return read_year(&o->year, value) ? NULL : "1970 to 9999";
	case OPT_DATE_FORMAT:
		o->date_format = day_format_find(value);
		return o->date_format >= 0 ? NULL : "iso, dmy, mdy or dd-mmm";
	case OPT_DECIMAL:
		o->decimal = csv_decimal_find(value);
		return o->decimal != CSV_DECIMAL_UNKNOWN ? NULL
		                                         : "point or comma";
	case OPT_EMPTY:
		found = wide_csv_empty_find(value);
		if (found < 0)
			return "zero, skip or overwrite";
		o->empty = (enum wide_csv_empty)found;
		return NULL;
	case OPT_UNIT:
		found = byte_unit_find(value);
		if (found < 0)
			return "MB, GB, GiB or bytes";
		o->unit = (enum byte_unit)found;
		return NULL;
	case OPT_MAX:
		return read_limit(&o->max_bytes, value)
		           ? NULL
		           : "a number above 0, at most 1000000";
	default:
		c->config_path = value;
		return NULL;
	}
}

/* What an option without a value turns on. */
static bool *find_flag(struct command *c, int id)
{
	switch (id) {
	case OPT_FUTURE:
		return &c->options.allow_future;
	case OPT_SKIP:
		return &c->options.skip_rejected;
	case OPT_DRY_RUN:
		return &c->options.dry_run;
	case OPT_JSON:
		return &c->json;
	case OPT_HELP:
		return &c->help;
	default:
		return &c->version;
	}
}

static enum tool_exit read_command(struct command *c, int argc, char **argv)
{
	const char *wanted;
	int id, at = 0;

	opterr = 0;
	while ((id = getopt_long(argc, argv, ":", options, &at)) != -1) {
		if (id == ':')
			return tool_usage_error(PROGRAM, "%s needs a value",
			                        argv[optind - 1]);
		if (id == '?')
			return tool_usage_error(PROGRAM,
			                        "unknown or incomplete option "
			                        "%s",
			                        argv[optind - 1]);
		if (options[at].has_arg == no_argument) {
			*find_flag(c, id) = true;
			continue;
		}
		wanted = take_value(c, id, optarg);
		if (wanted != NULL)
			return tool_usage_error(
			    PROGRAM, "--%s %s: it may be %s", options[at].name,
			    optarg, wanted);
	}
	if (c->help || c->version)
		return TOOL_DONE;
	if (optind == argc)
		return tool_usage_error(PROGRAM, "name the file to import");
	if (optind + 1 < argc)
		return tool_usage_error(PROGRAM,
		                        "one file at a time: '%s' is one too "
		                        "many",
		                        argv[optind + 1]);
	c->path = argv[optind];
	c->name = fs_base_name(c->path);
	if (strcmp(c->path, "-") == 0) {
		c->path = NULL;
		c->name = "stdin";
	}
	return TOOL_DONE;
}

/* The file was refused, for the reasons in the report. */
static enum tool_exit refuse(const struct command *c,
                             const struct wide_csv_report *report)
{
	char name[CSV_QUOTE_MAX];

	if (c->json)
		import_print_json(report, c->options.dry_run);
	import_print_complaints(stderr, PROGRAM ": ", report);
	fprintf(stderr, PROGRAM ": %s: nothing was imported%s\n",
	        csv_quote(name, c->name, strlen(c->name)),
	        report->last.year != 0
	            ? "; correct the file, or --skip-rejected leaves out "
	              "what is named above"
	            : "");
	return tool_finish(PROGRAM, TOOL_USAGE);
}

/*
 * Not by opening /dev/stdin: that fails for a socket, and for a file that
 * only whoever started this program may open.
 */
static enum dum_status read_stdin(struct strbuf *out, struct dum_error *err)
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
		if (out->len > WIDE_CSV_BYTES_MAX)
			return error_set(err, DUM_EINVAL,
			                 "the standard input is longer than "
			                 "%d bytes: split it",
			                 WIDE_CSV_BYTES_MAX);
	}
	if (!strbuf_ok(out))
		return error_set(err, DUM_ENOMEM, "no memory for the input");
	return DUM_OK;
}

static void show_progress(void *arg, long long done, long long all)
{
	tool_progress_step(arg, done, all);
}

static enum dum_status store(struct wide_csv *csv,
                             struct wide_csv_report *report,
                             const struct command *c,
                             const struct config *config, struct dum_error *err)
{
	enum dum_status status;
	struct db *db = NULL;
	struct origin who;
	char actor[128];

	who = tool_origin(PROGRAM, actor, sizeof(actor));
	status = db_open(&db, config, err);
	if (status != DUM_OK)
		return status;
	status = wide_csv_apply(csv, report, db, &who, c->name, err);
	if (status == DUM_OK)
		db_checkpoint_if_long(db);
	db_free(db);
	return status;
}

/* What the settings and the clock have to say. */
static void complete(struct command *c, struct config *config)
{
	struct wide_csv_options *o = &c->options;

	if (config->sqlite_cache_size < CACHE_KIB)
		config->sqlite_cache_size = CACHE_KIB;
	if (o->max_bytes == 0)
		o->max_bytes = config->max_daily_gb * BYTES_PER_GB;
	clock_civil(clock_now(), &o->today.year, &o->today.month,
	            &o->today.day);
}

static enum tool_exit show(const struct command *c,
                           const struct wide_csv_report *report)
{
	if (c->options.year != 0 && report->date_format != DAY_DD_MMM)
		fprintf(stderr,
		        PROGRAM ": --year %d was not needed: the dates have "
		                "years of their own\n",
		        c->options.year);
	if (c->json)
		import_print_json(report, c->options.dry_run);
	else
		import_print_summary(report, c->name, c->options.dry_run);
	return tool_finish(PROGRAM, TOOL_DONE);
}

static enum tool_exit run(struct command *c, struct config *config,
                          struct wide_csv_report *report)
{
	struct tool_progress progress = {.what = ""};
	struct strbuf file = STRBUF_INIT;
	struct wide_csv *csv = NULL;
	struct dum_error err = {0};
	enum tool_exit exit_status;
	enum dum_status status;

	complete(c, config);
	tool_progress_start(&progress, "importing");
	c->options.progress = show_progress;
	c->options.progress_arg = &progress;
	if (c->path == NULL)
		status = read_stdin(&file, &err);
	else
		status = fs_read_file(&file, c->path, WIDE_CSV_BYTES_MAX, &err);
	if (status != DUM_OK) {
		exit_status = tool_fail(PROGRAM, &err);
		goto out;
	}
	status = wide_csv_read(&csv, report, file.buf, file.len, &c->options,
	                       &err);
	strbuf_release(&file); /* no need to hold it any longer */
	if (status == DUM_EINVAL) {
		exit_status = refuse(c, report);
		goto out;
	}
	if (status == DUM_OK)
		status = store(csv, report, c, config, &err);
	tool_progress_end(&progress);
	if (status == DUM_OK)
		exit_status = show(c, report);
	else
		exit_status = tool_fail(PROGRAM, &err);
out:
	tool_progress_end(&progress);
	c->options.progress_arg = NULL;
	strbuf_release(&file);
	wide_csv_free(csv);
	return exit_status;
}

int main(int argc, char **argv)
{
	struct command c = {.options = {.date_format = -1,
	                                .empty = WIDE_CSV_ZERO,
	                                .unit = UNIT_GB}};
	static struct wide_csv_report report;
	struct dum_error err = {0};
	struct config config;
	enum tool_exit status;

	status = read_command(&c, argc, argv);
	if (status != TOOL_DONE)
		return status;
	if (c.help) {
		fputs(help_text, stdout);
		return tool_finish(PROGRAM, TOOL_DONE);
	}
	if (c.version)
		return tool_version(PROGRAM);
	if (tool_config(&config, c.config_path, &err) != DUM_OK)
		return tool_fail(PROGRAM, &err);
	status = run(&c, &config, &report);
	config_release(&config);
	return status;
}
