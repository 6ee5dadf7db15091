/* dum-export - write the days as a file that dum-import takes back. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/json_writer.h"
#include "exchange/export.h"
#include "tool.h"

#define PROGRAM "dum-export"

static const char help_text[] =
    "usage: dum-export [--config FILE] --format wide|long|json [options]\n"
    "\n"
    "Write the days on the standard output, as they are at one moment, in\n"
    "gigabytes with all their decimals.\n"
    "\n"
    "  --format wide     a row for each day, a column for each location; a "
    "day\n"
    "                    that is not known is an empty cell\n"
    "  --format long     rows of date, location and usage_gb\n"
    "  --format json     the same as a JSON array, one object a line\n"
    "  --from DATE       first day (YYYY-MM-DD)\n"
    "  --until DATE      last day\n"
    "  --location NAME   this location only; may be given again\n"
    "  --output FILE     write FILE, whole or not at all\n"
    "  --config FILE     settings (default $DUM_CONFIG or " CONFIG_DEFAULT_PATH
    ")\n"
    "  --help, --version\n"
    "\n"
    "dum-import takes each of them back without a change; a wide table with\n"
    "--empty skip. A name that a spreadsheet would run as a formula has a ' "
    "in\n"
    "front, which dum-import takes away.\n"
    "Exit status: 0 done, 1 no such location, or it could not be written,\n"
    "2 wrong usage, 75 busy: try again.\n"
    "\n"
    "examples:\n"
    "  dum-export --format wide --from 2026-01-01 > usage.csv\n"
    "  dum-export --format long --location North --location South\n"
    "  dum-export --format json --output usage.json\n";

enum {
	OPT_CONFIG = 1,
	OPT_FORMAT,
	OPT_FROM,
	OPT_UNTIL,
	OPT_LOCATION,
	OPT_OUTPUT,
	OPT_HELP,
	OPT_VERSION
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"from", required_argument, NULL, OPT_FROM},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"location", required_argument, NULL, OPT_LOCATION},
    {"output", required_argument, NULL, OPT_OUTPUT},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

struct command {
	const char *config_path;
	const char *output; /* NULL: the standard output */
	int format;         /* -1: not given */
	struct date last;   /* year 0: no bound */
	struct export_options options;
	const char **locations; /* room for each argument there is */
	bool help, version;
};

/* What it may be when it is none of it, else NULL. */
static const char *take_value(struct command *c, int id, const char *value)
{
	struct date *date = id == OPT_FROM ? &c->options.from : &c->last;

	switch (id) {
	case OPT_FORMAT:
		c->format = export_format_find(value);
		return c->format >= 0 ? NULL : "wide, long or json";
	case OPT_FROM:
	case OPT_UNTIL:
		return date_parse(date, value, strlen(value)) ? NULL
		                                              : "YYYY-MM-DD";
	case OPT_LOCATION:
		c->locations[c->options.nlocations++] = value;
		return NULL;
	case OPT_OUTPUT:
		c->output = value;
		return *value != '\0' ? NULL : "the name of a file";
	default:
		c->config_path = value;
		return NULL;
	}
}

static enum tool_exit check(struct command *c, int argc, char **argv)
{
	struct export_options *o = &c->options;

	if (optind < argc)
		return tool_usage_error(PROGRAM, "'%s' is one too many",
		                        argv[optind]);
	if (c->format < 0)
		return tool_usage_error(PROGRAM,
		                        "say --format wide, long or json");
	if (o->from.year != 0 && c->last.year != 0 &&
	    date_cmp(o->from, c->last) > 0)
		return tool_usage_error(PROGRAM, "--from is after --until");
	o->format = (enum export_format)c->format;
	o->locations = c->locations;
	/* No day lies after the last one that there can be. */
	if (c->last.year != 0 &&
	    date_to_days(c->last) <
	        date_to_days((struct date){DATE_YEAR_MAX, 12, 31}))
		o->until = date_add(c->last, 1);
	return TOOL_DONE;
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
		c->help = c->help || id == OPT_HELP;
		c->version = c->version || id == OPT_VERSION;
		wanted = options[at].has_arg == required_argument
		             ? take_value(c, id, optarg)
		             : NULL;
		if (wanted != NULL)
			return tool_usage_error(
			    PROGRAM, "--%s %s: it may be %s", options[at].name,
			    optarg, wanted);
	}
	return c->help || c->version ? TOOL_DONE : check(c, argc, argv);
}

static enum dum_status write_piece(void *arg, const char *text, size_t len,
                                   struct dum_error *err)
{
	const int *fd = arg;

	if (fs_write_all(*fd, text, len) == 0)
		return DUM_OK;
	return error_set(err, fs_write_status(errno),
	                 "the answer could not be written: %s",
	                 strerror(errno));
}

static enum dum_status enter_export(struct db *db, const struct command *c,
                                    struct dum_error *err)
{
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	struct journal_event event = {
	    .name = "export", .object = c->output != NULL ? c->output : "-"};
	char day[DATE_TEXT_MAX];
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "format",
	                    export_format_name(c->options.format));
	if (c->options.from.year != 0) {
		date_format(day, c->options.from);
		jsonw_member_string(&w, "from", day);
	}
	if (c->options.until.year != 0) {
		date_format(day, date_add(c->options.until, -1));
		jsonw_member_string(&w, "until", day);
	}
	jsonw_object_end(&w);
	event.detail = detail.buf;
	status = strbuf_ok(&detail)
	             ? tool_enter_event(db, PROGRAM, &event, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&detail);
	return status;
}

static enum dum_status write_days(int fd, const struct command *c,
                                  const struct config *config,
                                  struct dum_error *err)
{
	enum dum_status status;
	struct db *db = NULL;
	int64_t rows;

	status = db_open(&db, config, err);
	if (status == DUM_OK)
		status = enter_export(db, c, err);
	if (status == DUM_OK)
		status = db_read_begin(db, 0, err);
	if (status == DUM_OK)
		status = export_run(&rows, db, &c->options, write_piece, &fd,
		                    err);
	db_free(db);
	return status;
}

/* Flushed, then under its name: nobody sees half a file. */
static enum dum_status publish(int fd, const char *partial, const char *path,
                               struct dum_error *err)
{
	if (fsync(fd) != 0 || rename(partial, path) != 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	return fs_sync_parent(path, err);
}

/* Each process has a partial file of its own. */
static enum dum_status write_file(const struct command *c,
                                  const struct config *config,
                                  struct dum_error *err)
{
	struct strbuf partial = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	int fd = -1;

	strbuf_addf(&partial, "%s.XXXXXX", c->output);
	if (!strbuf_ok(&partial))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK) {
		fd = mkostemp(partial.buf, O_CLOEXEC);
		if (fd < 0)
			status = error_set(err, DUM_ESYS, "%s: %s", c->output,
			                   strerror(errno));
	}
	if (status == DUM_OK)
		status = write_days(fd, c, config, err);
	if (status == DUM_OK)
		status = publish(fd, partial.buf, c->output, err);
	if (fd >= 0) {
		close(fd);
		if (status != DUM_OK)
			unlink(partial.buf);
	}
	strbuf_release(&partial);
	return status;
}

/* A FIFO or a device is written to, not replaced. */
static enum dum_status write_device(const struct command *c,
                                    const struct config *config,
                                    struct dum_error *err)
{
	int fd = open(c->output, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	enum dum_status status;

	if (fd < 0)
		return error_set(err, DUM_ESYS, "%s: %s", c->output,
		                 strerror(errno));
	status = write_days(fd, c, config, err);
	if (close(fd) != 0 && status == DUM_OK)
		status = error_set(err, DUM_ESYS, "%s: %s", c->output,
		                   strerror(errno));
	return status;
}

static enum dum_status write_output(const struct command *c,
                                    const struct config *config,
                                    struct dum_error *err)
{
	struct stat st;

	if (c->output == NULL)
		return write_days(STDOUT_FILENO, c, config, err);
	if (stat(c->output, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode))
		return write_device(c, config, err);
	return write_file(c, config, err);
}

static enum tool_exit run(const struct command *c)
{
	struct dum_error err = {0};
	enum dum_status status;
	struct config config;

	status = tool_config(&config, c->config_path, &err);
	if (status != DUM_OK)
		return tool_fail(PROGRAM, &err);
	status = write_output(c, &config, &err);
	config_release(&config);
	return status == DUM_OK ? TOOL_DONE : tool_fail(PROGRAM, &err);
}

int main(int argc, char **argv)
{
	struct command c = {.format = -1};
	enum tool_exit status;

	c.locations = calloc((size_t)argc, sizeof(*c.locations));
	if (c.locations == NULL) {
		fprintf(stderr, PROGRAM ": out of memory\n");
		return TOOL_PROBLEM;
	}
	status = read_command(&c, argc, argv);
	if (status == TOOL_DONE && c.help) {
		fputs(help_text, stdout);
		status = tool_finish(PROGRAM, TOOL_DONE);
	} else if (status == TOOL_DONE && c.version) {
		status = tool_version(PROGRAM);
	} else if (status == TOOL_DONE) {
		status = run(&c);
	}
	free(c.locations);
	return status;
}
