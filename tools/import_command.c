#include "import_command.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsutil.h"
#include "store/usage.h"

const char import_help[] =
    "usage: dum-import [--config FILE] [options] FILE\n"
    "       dum-import [--config FILE] --vnstat [options] FILE\n"
    "       dum-import [--config FILE] --database [options] FILE\n"
    "       dum-import [--config FILE] --list [--json]\n"
    "       dum-import [--config FILE] --undo ID [--json]\n"
    "\n"
    "Take in the use of many locations and days; FILE - is the standard "
    "input.\n"
    "All of a file is taken in, or nothing. A day that is known gets the "
    "file's\n"
    "value. Without --vnstat and --database, FILE is one of\n"
    "  a wide table: dates in the first column, a column for each location,\n"
    "                named in the header\n"
    "  a long table: with the header date,location,usage_gb\n"
    "  a JSON list:  as dum-export --format json writes it\n"
    "\n"
    "Found out for the whole table: comma, semicolon or tab; UTF-8 or "
    "Latin-1;\n"
    "decimal point or comma; dates as YYYY-MM-DD, DD/MM/YYYY, MM/DD/YYYY or\n"
    "DD-MMM (13-Mar: no year; the newest is the latest day not in the "
    "future).\n"
    "\n"
    "  --format F         wide, long or json, where the file does not tell\n"
    "  --date-format F    iso, dmy, mdy or dd-mmm, where the file does not "
    "tell\n"
    "  --year Y           year of the first row, for dates without one\n"
    "  --decimal D        point or comma, where the file does not tell\n"
    "  --unit U           MB, GB, GiB or bytes (default GB, 10^9 bytes)\n"
    "  --empty zero       empty cell: zero where nothing is known (default)\n"
    "  --empty skip       empty cell: the day stays as it is\n"
    "  --empty overwrite  empty cell: zero, also over a value that is there\n"
    "\n"
    "  --vnstat           FILE is what `vnstat --json d` prints; each "
    "interface\n"
    "                     becomes a location of its name\n"
    "  --interface NAME   take this interface only\n"
    "  --location NAME    call it so\n"
    "\n"
    "  --database         FILE is a database of the Flask system that came "
    "before\n"
    "                     this one: its locations (by name), days and "
    "monthly\n"
    "                     summaries. It is only read.\n"
    "\n"
    "  --max-daily-gb N   most that a day may have (default MAX_DAILY_GB)\n"
    "  --allow-future     take days later than tomorrow too\n"
    "  --skip-rejected    leave out what would stop the import: cells below\n"
    "                     zero or above the limit, days later than tomorrow,\n"
    "                     and, of a day that the file has twice with "
    "different\n"
    "                     values, those after the first\n"
    "  --dry-run          do all of it, then undo it\n"
    "  --json             print the summary as JSON\n"
    "\n"
    "  --list             the imports, newest first\n"
    "  --undo ID          take an import back: days get the values they had,\n"
    "                     days and locations that it made go. Refused where\n"
    "                     something of it was changed since.\n"
    "  --job ID           started by dum-api alone: do what a request asked "
    "for\n"
    "\n"
    "  --config FILE      settings (default $DUM_CONFIG or " CONFIG_DEFAULT_PATH
    ")\n"
    "  --help, --version\n"
    "\n"
    "Cells that are no number (N/A, notes) are passed over and counted.\n"
    "Exit status: 0 done, 1 no such file or import, 2 refused, 4 a database "
    "that is\n"
    "damaged, 75 busy: try again.\n"
    "\n"
    "examples:\n"
    "  dum-import usage.csv\n"
    "  dum-import --dry-run --date-format mdy us-export.csv\n"
    "  dum-import --unit MB --max-daily-gb 100000 big.csv\n"
    "  vnstat --json d | dum-import --vnstat --interface eth0 --location "
    "office -\n"
    "  dum-import --database /opt/data-usage-monitor/data/data_usage.db\n"
    "  dum-import --undo 12\n";

enum option_id {
	OPT_CONFIG = 1,
	OPT_FORMAT,
	OPT_YEAR,
	OPT_DATE_FORMAT,
	OPT_DECIMAL,
	OPT_EMPTY,
	OPT_UNIT,
	OPT_VNSTAT,
	OPT_INTERFACE,
	OPT_LOCATION,
	OPT_DATABASE,
	OPT_LIST,
	OPT_UNDO,
	OPT_JOB,
	OPT_MAX,
	OPT_FUTURE,
	OPT_SKIP,
	OPT_DRY_RUN,
	OPT_JSON,
	OPT_HELP,
	OPT_VERSION,
	OPT__MAX
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"year", required_argument, NULL, OPT_YEAR},
    {"date-format", required_argument, NULL, OPT_DATE_FORMAT},
    {"decimal", required_argument, NULL, OPT_DECIMAL},
    {"empty", required_argument, NULL, OPT_EMPTY},
    {"unit", required_argument, NULL, OPT_UNIT},
    {"vnstat", no_argument, NULL, OPT_VNSTAT},
    {"interface", required_argument, NULL, OPT_INTERFACE},
    {"location", required_argument, NULL, OPT_LOCATION},
    {"database", no_argument, NULL, OPT_DATABASE},
    {"list", no_argument, NULL, OPT_LIST},
    {"undo", required_argument, NULL, OPT_UNDO},
    {"job", required_argument, NULL, OPT_JOB},
    {"max-daily-gb", required_argument, NULL, OPT_MAX},
    {"allow-future", no_argument, NULL, OPT_FUTURE},
    {"skip-rejected", no_argument, NULL, OPT_SKIP},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

#define BIT(x) (1U << (x))

/* The modes, in bits, that an option means something to. */
static unsigned modes_of(int id)
{
	const unsigned table = BIT(IMPORT_TABLE), vnstat = BIT(IMPORT_VNSTAT);
	const unsigned files = table | vnstat | BIT(IMPORT_DATABASE);

	switch (id) {
	case OPT_FORMAT:
	case OPT_YEAR:
	case OPT_DATE_FORMAT:
	case OPT_DECIMAL:
	case OPT_EMPTY:
	case OPT_UNIT:
		return table;
	case OPT_INTERFACE:
	case OPT_LOCATION:
		return vnstat;
	case OPT_MAX:
	case OPT_FUTURE:
	case OPT_SKIP:
	case OPT_DRY_RUN:
		return files;
	default:
		return ~0U;
	}
}

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

static bool read_id(int64_t *out, const char *text)
{
	int64_t id;

	if (strspn(text, "0123456789") != strlen(text) ||
	    bytes_parse(&id, text, strlen(text), UNIT_BYTES) != BYTES_OK ||
	    id < 1)
		return false;
	*out = id;
	return true;
}

/* How a table is read; what the value may be when it is none of it. */
static const char *take_csv_value(struct import_command *c, int id,
                                  const char *value)
{
	struct csv_options *o = &c->csv;
	int found;

	switch (id) {
	case OPT_FORMAT:
		found = table_kind_find(value);
		if (found < 0)
			return "wide, long or json";
		c->kind = (enum table_kind)found;
		return NULL;
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
		found = csv_empty_find(value);
		if (found < 0)
			return "zero, skip or overwrite";
		o->empty = (enum csv_empty)found;
		return NULL;
	default:
		found = byte_unit_find(value);
		if (found < 0)
			return "MB, GB, GiB or bytes";
		o->unit = (enum byte_unit)found;
		return NULL;
	}
}

static const char *take_value(struct import_command *c, int id,
                              const char *value)
{
	switch (id) {
	case OPT_CONFIG:
		c->config_path = value;
		return NULL;
	case OPT_INTERFACE:
		c->vnstat.interface = value;
		return NULL;
	case OPT_LOCATION:
		c->vnstat.location = value;
		return NULL;
	case OPT_UNDO:
		c->mode = IMPORT_UNDO;
		return read_id(&c->undo_id, value) ? NULL
		                                   : "the id of an import";
	case OPT_JOB:
		c->mode = IMPORT_JOB;
		return read_id(&c->job_id, value) ? NULL : "the id of a job";
	case OPT_MAX:
		return read_limit(&c->take.max_bytes, value)
		           ? NULL
		           : "a number above 0, at most 1000000";
	default:
		return take_csv_value(c, id, value);
	}
}

static void take_flag(struct import_command *c, int id)
{
	switch (id) {
	case OPT_VNSTAT:
		c->mode = IMPORT_VNSTAT;
		break;
	case OPT_DATABASE:
		c->mode = IMPORT_DATABASE;
		break;
	case OPT_LIST:
		c->mode = IMPORT_LIST;
		break;
	case OPT_FUTURE:
		c->take.allow_future = true;
		break;
	case OPT_SKIP:
		c->take.skip_rejected = true;
		break;
	case OPT_DRY_RUN:
		c->take.dry_run = true;
		break;
	case OPT_JSON:
		c->json = true;
		break;
	case OPT_HELP:
		c->help = true;
		break;
	default:
		c->version = true;
		break;
	}
}

/* Only one of the modes, and only options that say something in it. */
static enum tool_exit check_given(const struct import_command *c,
                                  unsigned given)
{
	static const int modes[] = {OPT_VNSTAT, OPT_DATABASE, OPT_LIST,
	                            OPT_UNDO, OPT_JOB};
	int chosen = 0;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		chosen += (given & BIT(modes[i])) != 0;
	if (chosen > 1)
		return tool_usage_error(IMPORT_PROGRAM,
		                        "--vnstat, --database, --list, "
		                        "--undo and --job exclude each other");
	for (const struct option *o = options; o->name != NULL; o++)
		if ((given & BIT(o->val)) != 0 &&
		    (modes_of(o->val) & BIT(c->mode)) == 0)
			return tool_usage_error(
			    IMPORT_PROGRAM, "--%s says nothing here", o->name);
	return TOOL_DONE;
}

static enum tool_exit take_file(struct import_command *c, int argc, char **argv)
{
	bool needed = c->mode != IMPORT_LIST && c->mode != IMPORT_UNDO &&
	              c->mode != IMPORT_JOB;

	if (optind == argc && needed)
		return tool_usage_error(IMPORT_PROGRAM,
		                        "name the file to import");
	if (optind + needed < argc)
		return tool_usage_error(IMPORT_PROGRAM, "'%s' is one too many",
		                        argv[optind + needed]);
	if (!needed)
		return TOOL_DONE;
	c->path = argv[optind];
	c->name = fs_base_name(c->path);
	if (strcmp(c->path, "-") == 0) {
		if (c->mode == IMPORT_DATABASE)
			return tool_usage_error(IMPORT_PROGRAM,
			                        "a database is a file, not "
			                        "the standard input");
		c->path = NULL;
		c->name = "stdin";
	}
	return TOOL_DONE;
}

static enum tool_exit read_options(struct import_command *c, unsigned *given,
                                   int argc, char **argv)
{
	const char *wanted;
	int id, at = 0;

	opterr = 0;
	while ((id = getopt_long(argc, argv, ":", options, &at)) != -1) {
		if (id == ':')
			return tool_usage_error(IMPORT_PROGRAM,
			                        "%s needs a value",
			                        argv[optind - 1]);
		if (id == '?')
			return tool_usage_error(IMPORT_PROGRAM,
			                        "unknown or incomplete option "
			                        "%s",
			                        argv[optind - 1]);
		*given |= BIT(id);
		if (options[at].has_arg == no_argument) {
			take_flag(c, id);
			continue;
		}
		wanted = take_value(c, id, optarg);
		if (wanted != NULL)
			return tool_usage_error(
			    IMPORT_PROGRAM, "--%s %s: it may be %s",
			    options[at].name, optarg, wanted);
	}
	return TOOL_DONE;
}

enum tool_exit import_command_read(struct import_command *out, int argc,
                                   char **argv)
{
	enum tool_exit status;
	unsigned given = 0;

	_Static_assert(OPT__MAX <= 32, "a bit for each option");
	*out = (struct import_command){
	    .kind = TABLE_FIND,
	    .csv = {.date_format = -1, .empty = CSV_ZERO, .unit = UNIT_GB}};
	status = read_options(out, &given, argc, argv);
	if (status != TOOL_DONE || out->help || out->version)
		return status;
	status = check_given(out, given);
	return status == TOOL_DONE ? take_file(out, argc, argv) : status;
}
