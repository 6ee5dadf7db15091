/* dum-backup - make, prove, keep and restore backups of the database. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "backup_commands.h"
#include "interrupt.h"
#include "owner.h"

#define PROGRAM "dum-backup"

/* clang-format off */
static const struct command {
	const char *name;
	backup_fn fn;
	int least, most;        /* words that it takes */
	const char *options;    /* its own, by their letters */
	const char *args;
	const char *help;
} commands[] = {
	{"create", backup_cmd_create, 0, 0, "nvtkpwf",
	 "[--name LABEL] [--verify 0..3] [--throttle MB/S] [--with-config]",
	 "make a backup and read it back; --with-config: settings and schedule "
	 "go\n      along, and where it is encrypted the secret keys, too"},
	{"list", backup_cmd_list, 0, 0, "J",
	 "[--journal]",
	 "the backups: age, size, proven or not, what is missing;\n"
	 "      --journal: the segments that the journal was shipped to"},
	{"verify", backup_cmd_verify, 0, 1, "alLkp",
	 "FILE|--all|--latest N [--level 0..3]",
	 "hold backups against their manifests; --all: also the segments"},
	{"cat", backup_cmd_cat, 1, 1, "kp",
	 "FILE", "write a backup to stdout as a plain SQLite file"},
	{"restore", backup_cmd_restore, 0, 1, "CWkpAT",
	 "FILE|--at INSTANT --confirm [--whole] [--to NEWFILE]",
	 "bring the data back to a backup's, or to what it was at an instant;\n"
	 "      --whole: also accounts and journal, or in place of a damaged or\n"
	 "      absent database; --to: into a new SQLite file, nothing else is "
	 "touched"},
	{"prune", backup_cmd_prune, 0, 0, "Dk",
	 "[--dry-run]",
	 "remove what BACKUP_RETENTION_DAYS, BACKUP_MAX_COUNT and\n"
	 "      BACKUP_KEEP_DAILY, _WEEKLY, _MONTHLY do not keep, and segments of "
	 "the\n      journal behind the oldest backup (create does it too); and "
	 "entries\n      older than JOURNAL_RETENTION_DAYS that are in sealed "
	 "segments"},
	{"ship", backup_cmd_ship, 0, 0, "kS",
	 "[--seal]",
	 "append what is new in the journal to its segments; for cron, once a "
	 "minute"},
	{"diff", backup_cmd_diff, 2, 2, "kp",
	 "A B",
	 "what is not the same in two backups; \"live\" is the database now"},
	{"extract", backup_cmd_extract, 1, 1, "FUOxyCkp",
	 "FILE --from DATE --until DATE [--location NAME]...\n"
	 "          [--csv|--apply --confirm]",
	 "some days of a backup: as a file that dum-import takes back, or put\n"
	 "      back into the database, showing what changes"},
	{"sync", backup_cmd_sync, 0, 0, "DRr",
	 "[--dry-run] [--verify-remote] | --prepare",
	 "bring the copies in SYNC_TARGET up to date; --verify-remote: read all "
	 "of\n      them back; --prepare: make a folder known as the place, once"},
	{"restore-config", backup_cmd_restore_config, 1, 1, "Toikpf",
	 "FILE [--list] [--to DIR] [--force]",
	 "put back the configuration that went along with a backup; --list: what\n"
	 "      it is; --to: below a folder; --force: also where another one is,\n"
	 "      which is kept beside it"},
	{"rekey", backup_cmd_rekey, 1, 1, "kpKP",
	 "FILE|journal --new-key-file FILE|--new-passphrase",
	 "give an encrypted backup, or all segments of the journal, another key"},
	{"schedule", backup_cmd_schedule, 0, 1, "fuz",
	 "[hourly|daily|weekly|monthly|off]",
	 "when cron makes a backup; without a word: when it does, and next"},
};

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"json", no_argument, NULL, 'j'},
	{"name", required_argument, NULL, 'n'},
	{"verify", required_argument, NULL, 'v'},
	{"level", required_argument, NULL, 'l'},
	{"throttle", required_argument, NULL, 't'},
	{"all", no_argument, NULL, 'a'},
	{"latest", required_argument, NULL, 'L'},
	{"key-file", required_argument, NULL, 'k'},
	{"passphrase", no_argument, NULL, 'p'},
	{"new-key-file", required_argument, NULL, 'K'},
	{"new-passphrase", no_argument, NULL, 'P'},
	{"confirm", no_argument, NULL, 'C'},
	{"whole", no_argument, NULL, 'W'},
	{"dry-run", no_argument, NULL, 'D'},
	{"cron-file", required_argument, NULL, 'f'},
	{"user", required_argument, NULL, 'u'},
	{"zone", required_argument, NULL, 'z'},
	{"seal", no_argument, NULL, 'S'},
	{"journal", no_argument, NULL, 'J'},
	{"at", required_argument, NULL, 'A'},
	{"to", required_argument, NULL, 'T'},
	{"from", required_argument, NULL, 'F'},
	{"until", required_argument, NULL, 'U'},
	{"location", required_argument, NULL, 'O'},
	{"csv", no_argument, NULL, 'x'},
	{"apply", no_argument, NULL, 'y'},
	{"with-config", no_argument, NULL, 'w'},
	{"force", no_argument, NULL, 'o'},
	{"list", no_argument, NULL, 'i'},
	{"verify-remote", no_argument, NULL, 'R'},
	{"prepare", no_argument, NULL, 'r'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"job", required_argument, NULL, 'I'},
	{NULL, 0, NULL, 0},
};

/* dum-api starts it, as all tools: with --job and no word. */
static const struct command job_command =
	{"--job", backup_cmd_job, 0, 0, "I", "", ""};
/* clang-format on */

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* Of the command line, what is not for one command alone. */
struct line {
	const char *config_path;
	bool help, version;
	bool given[128]; /* options, by their letters */
};

static enum tool_exit help(void)
{
	printf("Usage: dum-backup [--config FILE] [--json] COMMAND\n\n"
	       "Make, prove and restore backups of the database. Writers are\n"
	       "not held up; a backup has its final name only when it is whole "
	       "and\nwas read back.\n\nCommands:\n");
	for (int i = 0; i < COMMANDS; i++)
		printf("  %s %s\n      %s\n", commands[i].name,
		       commands[i].args, commands[i].help);
	printf("\nFILE is a name in DATABASE_BACKUP_DIR, or a path with a "
	       "slash (rekey: a name).\nINSTANT is '2026-11-02 14:00' in "
	       "TIMEZONE, or "
	       "2026-11-02T14:00:00Z.\n\n"
	       "Levels of verification:\n");
	for (int i = 0; i <= VERIFY_LEVEL_MAX; i++)
		printf("  %d  %s\n", i, verify_level_text(i));
	printf(
	    "\nOptions:\n"
	    "  --key-file FILE   the key of encrypted backups (else "
	    "BACKUP_KEY_FILE):\n"
	    "                    64 hexadecimal digits, 0600\n"
	    "  --passphrase      ask for a passphrase instead\n"
	    "  --cron-file FILE  schedule, create, restore-config: cron's "
	    "entry (else\n"
	    "                    /etc/cron.d/data-usage-monitor-backup, or the "
	    "one of\n"
	    "                    the instance whose settings --config names)\n"
	    "  --user NAME       schedule: whom it runs as (else "
	    "datamonitor)\n"
	    "  --zone NAME       schedule: cron's time zone (else the "
	    "system's)\n"
	    "  --config FILE     settings (else $DUM_CONFIG, else\n"
	    "                    " CONFIG_DEFAULT_PATH ")\n"
	    "  --json            answer as JSON (create, list, restore, "
	    "prune, ship,\n                    diff, extract, schedule, sync, "
	    "restore-config)\n"
	    "  --job ID          started by dum-api alone: do what a request "
	    "asked for\n"
	    "  --help, --version\n\n"
	    "Examples:\n"
	    "  dum-backup create --name before-move\n"
	    "  dum-backup verify --latest 3 --level 3\n"
	    "  dum-backup sync --dry-run\n"
	    "  dum-backup create --with-config --key-file backup.key\n"
	    "  dum-backup restore-config ./data_usage_backup_20261102_020000"
	    ".db.gz.enc --list\n"
	    "  dum-backup restore --at '2026-11-02 14:00' --to then.db\n"
	    "  dum-backup diff data_usage_backup_20261102_020000.db.gz live\n"
	    "  dum-backup cat data_usage_backup_20261102_020000.db.gz "
	    "> copy.db\n\n"
	    "Exit status: 0 done, 1 a problem or not found, 2 wrong usage, "
	    "3 wrong key,\n4 damaged, 5 truncated, 75 busy (try again).\n");
	return tool_finish(PROGRAM, TOOL_DONE);
}

static bool read_number(int64_t *out, const char *text, int64_t most)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > most)
		return false;
	*out = n;
	return true;
}

/* One that is not 0. */
static bool read_count(int64_t *out, const char *text, int64_t most)
{
	return read_number(out, text, most) && *out > 0;
}

/* An option that is kept as it is; false: it is none of these. */
static bool take_text(struct backup *b, struct line *line, int option,
                      const char *value)
{
	const struct {
		char letter;
		const char **text;
	} texts[] = {
	    {'c', &line->config_path},
	    {'n', &b->label},
	    {'k', &b->key_file},
	    {'K', &b->new_key},
	    {'f', &b->cron_file},
	    {'u', &b->user},
	    {'z', &b->zone},
	    {'A', &b->at},
	    {'T', &b->to},
	    {'F', &b->from},
	    {'U', &b->until},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].letter == option) {
			*texts[i].text = value;
			return true;
		}
	return false;
}

/* An option with a value; what it may be when it is none of it, else NULL. */
static const char *take_value(struct backup *b, struct line *line, int option,
                              const char *value)
{
	int64_t n = 0;

	if (option == 'n' && !backup_label_ok(value))
		return "1 to 40 letters, digits and hyphens, not digits alone";
	if (take_text(b, line, option, value))
		return NULL;
	switch (option) {
	case 'O':
		if (b->nlocations == BACKUP_LOCATIONS_MAX)
			return "given 64 times";
		b->locations[b->nlocations++] = value;
		return NULL;
	case 'v':
	case 'l':
		if (!read_number(&n, value, VERIFY_LEVEL_MAX))
			return "0, 1, 2 or 3";
		b->level = (int)n;
		return NULL;
	case 't':
		return read_count(&b->throttle_mb_s, value, 100000)
		           ? NULL
		           : "megabytes a second, 1 to 100000";
	default:
		return read_count(option == 'I' ? &b->job_id : &b->latest,
		                  value, INT64_MAX / 10)
		           ? NULL
		           : "a number from 1 on";
	}
}

static void take_flag(struct backup *b, struct line *line, int option)
{
	const struct {
		char letter;
		bool *flag;
	} flags[] = {
	    {'j', &b->json},          {'a', &b->all},
	    {'p', &b->passphrase},    {'P', &b->new_passphrase},
	    {'C', &b->confirm},       {'D', &b->dry_run},
	    {'W', &b->whole},         {'S', &b->seal},
	    {'J', &b->journal},       {'x', &b->csv},
	    {'y', &b->apply},         {'w', &b->with_config},
	    {'o', &b->force},         {'i', &b->list},
	    {'R', &b->verify_remote}, {'r', &b->prepare},
	    {'h', &line->help},       {'V', &line->version},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].letter == option)
			*flags[i].flag = true;
}

static enum tool_exit read_line(struct backup *b, struct line *line, int argc,
                                char **argv)
{
	const char *wanted;
	int option, at = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, &at)) != -1) {
		if (option == ':')
			return tool_usage_error(PROGRAM, "%s needs a value",
			                        argv[optind - 1]);
		if (option == '?')
			return tool_usage_error(PROGRAM,
			                        "unknown or incomplete option "
			                        "%s",
			                        argv[optind - 1]);
		line->given[option] = true;
		if (options[at].has_arg == no_argument) {
			take_flag(b, line, option);
			continue;
		}
		wanted = take_value(b, line, option, optarg);
		if (wanted != NULL)
			return tool_usage_error(
			    PROGRAM, "--%s %s: it may be %s", options[at].name,
			    optarg, wanted);
	}
	return TOOL_DONE;
}

/* An option that the command does not know; NULL: there is none. */
static const char *stray_option(const struct command *c,
                                const struct line *line)
{
	for (const struct option *o = options; o->name != NULL; o++)
		if (line->given[o->val] && strchr("cjhV", o->val) == NULL &&
		    strchr(c->options, o->val) == NULL)
			return o->name;
	return NULL;
}

static const char *option_name(char letter)
{
	const struct option *o = options;

	while (o->name != NULL && o->val != letter)
		o++;
	return o->name;
}

/* Of two that say different things none is passed over in silence. */
static enum tool_exit check_pairs(const struct line *line)
{
	static const char apart[][3] = {"kp", "KP", "xy", "rD", "rR", "TW"};

	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		if (line->given[(int)apart[i][0]] &&
		    line->given[(int)apart[i][1]])
			return tool_usage_error(
			    PROGRAM, "--%s and --%s do not go together",
			    option_name(apart[i][0]), option_name(apart[i][1]));
	return TOOL_DONE;
}

static enum tool_exit run(const struct command *c, struct backup *backup,
                          const char *config_path)
{
	struct dum_error err = {0};
	enum dum_status status = DUM_OK;
	enum tool_exit result;
	char actor[80], owner[OWNER_NAME_MAX] = "";
	int problem = TOOL_DONE;
	/*
	 * When cron runs is known to who may not read the settings, too; and
	 * who brings the settings back may have none, and is root.
	 */
	const bool settings = c->fn != backup_cmd_schedule &&
	                      c->fn != backup_cmd_restore_config;

	if (settings)
		status = tool_config(&backup->config, config_path, &err);
	if (status != DUM_OK)
		return tool_fail(PROGRAM, &err);
	backup->who = tool_origin(PROGRAM, actor, sizeof(actor));
	backup->command = c->name;
	backup->config_path = config_path;
	backup_find_instance(backup);
	if (settings)
		status = backup_read_keys(backup, &err);
	if (status == DUM_OK && settings)
		status = owner_become(owner, &backup->config, &err);
	if (status == DUM_OK)
		status = c->fn(backup, &problem, &err);
	interrupt_end();
	backup_dir_close(backup->dir);
	config_release(&backup->config);
	container_key_wipe(&backup->given_key);
	container_key_wipe(&backup->given_new_key);
	result = status == DUM_OK ? (enum tool_exit)problem
	                          : tool_fail(PROGRAM, &err);
	if (result != TOOL_DONE && owner[0] != '\0')
		fprintf(stderr,
		        PROGRAM ": it ran as %s, whose the database is\n",
		        owner);
	return tool_finish(PROGRAM, result);
}

static enum tool_exit check_and_run(struct backup *backup, struct line *line,
                                    int argc, char **argv)
{
	const struct command *c = NULL;
	const char *stray;

	if (argc == 0 && !line->given['I'])
		return tool_usage_error(PROGRAM, "which command?");
	if (argc == 0)
		c = &job_command;
	for (int i = 0; c == NULL && i < COMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			c = &commands[i];
	if (c == NULL)
		return tool_usage_error(PROGRAM, "there is no command '%s'",
		                        argv[0]);
	stray = stray_option(c, line);
	if (stray != NULL)
		return tool_usage_error(PROGRAM, "%s takes no --%s", c->name,
		                        stray);
	if (check_pairs(line) != TOOL_DONE)
		return TOOL_USAGE;
	backup->argc = argc > 0 ? argc - 1 : 0;
	backup->argv = argv + 1;
	if (backup->argc < c->least || backup->argc > c->most)
		return tool_usage_error(PROGRAM, "usage: dum-backup %s %s",
		                        c->name, c->args);
	return run(c, backup, line->config_path);
}

int main(int argc, char **argv)
{
	struct backup backup = {.level = -1};
	struct line line = {.help = false};
	enum tool_exit status;

	status = read_line(&backup, &line, argc, argv);
	if (status != TOOL_DONE)
		return status;
	if (line.version)
		return tool_version(PROGRAM);
	if (line.help)
		return help();
	return check_and_run(&backup, &line, argc - optind, argv + optind);
}
