/* dum-admin - set up and look after the database, its settings and locations. */
#include <getopt.h>
#include <string.h>

#include "admin.h"
#include "store/checkpoint.h"

#define PROGRAM "dum-admin"

/* clang-format off */
static const struct command {
	const char *group;      /* NULL: a command of one word */
	const char *name;
	admin_fn fn;
	int least, most;        /* words that it takes */
	const char *args;
	const char *options;    /* its own, by their short letters */
	const char *help;
	const char *example;
} commands[] = {
	{NULL, "init", admin_init, 0, 0, "", "",
	 "make folders, secret key and database; what exists is kept",
	 "dum-admin --config ./dum.conf init"},
	{NULL, "migrate", admin_migrate, 0, 0, "", "",
	 "bring the database to this program's schema",
	 "dum-admin migrate"},
	{NULL, "stats", admin_stats, 0, 0, "", "",
	 "what the database holds, and how large it is",
	 "dum-admin stats --json"},
	{NULL, "config", admin_config, 0, 1, "[KEY]", "",
	 "the settings in force, or one of them",
	 "dum-admin config BILLING_CYCLE_DAY"},
	{"location", "list", admin_location_list, 0, 0, "[--all]", "a",
	 "locations, one a line; --all: the inactive ones too",
	 "dum-admin location list --all"},
	{"location", "add", admin_location_add, 1, 1,
	 "NAME [--display-name TEXT]", "d",
	 "add a location",
	 "dum-admin location add branch_north --display-name 'North Street'"},
	{"location", "rename", admin_location_rename, 1, 2,
	 "NAME [NEW] [--display-name TEXT]", "d",
	 "give a location another name, or another name to show",
	 "dum-admin location rename branch_north north_street"},
	{"location", "activate", admin_location_activate, 1, 1, "NAME", "",
	 "count a location again",
	 "dum-admin location activate branch_north"},
	{"location", "deactivate", admin_location_deactivate, 1, 1, "NAME", "",
	 "count it no longer; its days stay",
	 "dum-admin location deactivate branch_north"},
	{"audit", "verify", admin_audit_verify, 0, 0, "", "",
	 "check the journal's chain; names the first broken entry",
	 "dum-admin audit verify"},
};
/* clang-format on */

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"all", no_argument, NULL, 'a'},
    {"display-name", required_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int words_of(const struct command *c)
{
	return c->group != NULL ? 2 : 1;
}

static void print_command(const struct command *c)
{
	char line[96];

	snprintf(line, sizeof(line), "%s%s%s %s",
	         c->group != NULL ? c->group : "", c->group != NULL ? " " : "",
	         c->name, c->args);
	printf("  %-50s %s\n", line, c->help);
}

static enum tool_exit help(void)
{
	printf("Usage: dum-admin [--config FILE] [--json] COMMAND\n\n"
	       "Set up and look after a Data Usage Monitor.\n\n"
	       "Commands:\n");
	for (int i = 0; i < COMMANDS; i++)
		print_command(&commands[i]);
	printf("\nOptions:\n"
	       "  --config FILE   settings (else $DUM_CONFIG, else\n"
	       "                  " CONFIG_DEFAULT_PATH ")\n"
	       "  --json          answer as JSON\n"
	       "  --help          this text; after a command, more on it\n"
	       "  --version       print the version\n\n"
	       "Examples:\n");
	for (int i = 0; i < COMMANDS; i++)
		if (i < 4 || commands[i].options[0] != '\0')
			printf("  %s\n", commands[i].example);
	printf("\nExit status: 0 done, 1 a problem or nothing found, 2 wrong\n"
	       "usage, 4 damaged, 75 busy (try again).\n");
	return tool_finish(PROGRAM, TOOL_DONE);
}

static enum tool_exit help_on(const struct command *c)
{
	printf("Usage: dum-admin %s%s%s %s\n\n%s\n\nExample:\n  %s\n",
	       c->group != NULL ? c->group : "", c->group != NULL ? " " : "",
	       c->name, c->args, c->help, c->example);
	return tool_finish(PROGRAM, TOOL_DONE);
}

/* NULL where the words name none. */
static const struct command *find_command(int argc, char **argv)
{
	for (int i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (argc < words_of(c))
			continue;
		if (c->group != NULL && strcmp(argv[0], c->group) != 0)
			continue;
		if (strcmp(argv[words_of(c) - 1], c->name) == 0)
			return c;
	}
	return NULL;
}

static enum tool_exit run(const struct command *c, struct admin *admin,
                          const char *config_path)
{
	struct dum_error err = {0};
	enum tool_exit result = TOOL_DONE;
	enum dum_status status;
	char actor[80];
	int problem = 0;

	status = tool_config(&admin->config, config_path, &err);
	if (status != DUM_OK)
		return tool_fail(PROGRAM, &err);
	admin->who = tool_origin(PROGRAM, actor, sizeof(actor));
	status = c->fn(admin, &problem, &err);
	if (status == DUM_OK && admin->db != NULL)
		db_checkpoint_if_long(admin->db);
	db_free(admin->db);
	config_release(&admin->config);
	result = status == DUM_OK ? (enum tool_exit)problem
	                          : tool_fail(PROGRAM, &err);
	return tool_finish(PROGRAM, result);
}

/* Does an option stand with a command that does not know it? */
static const char *stray_option(const struct command *c,
                                const struct admin *admin)
{
	if (admin->all && strchr(c->options, 'a') == NULL)
		return "--all";
	if (admin->display_name != NULL && strchr(c->options, 'd') == NULL)
		return "--display-name";
	return NULL;
}

static enum tool_exit check_and_run(struct admin *admin, int argc, char **argv,
                                    const char *config_path, bool wants_help)
{
	const struct command *c = find_command(argc, argv);
	const char *stray;

	if (c == NULL && wants_help)
		return help();
	if (argc == 0)
		return tool_usage_error(PROGRAM, "which command?");
	if (c == NULL)
		return tool_usage_error(PROGRAM, "there is no command '%s%s%s'",
		                        argv[0], argc > 1 ? " " : "",
		                        argc > 1 ? argv[1] : "");
	if (wants_help)
		return help_on(c);
	admin->argc = argc - words_of(c);
	admin->argv = argv + words_of(c);
	stray = stray_option(c, admin);
	if (stray != NULL)
		return tool_usage_error(PROGRAM, "%s takes no %s", c->name,
		                        stray);
	if (admin->argc < c->least || admin->argc > c->most)
		return tool_usage_error(PROGRAM, "usage: dum-admin %s%s%s %s",
		                        c->group != NULL ? c->group : "",
		                        c->group != NULL ? " " : "", c->name,
		                        c->args);
	return run(c, admin, config_path);
}

int main(int argc, char **argv)
{
	struct admin admin = {.json = false};
	const char *config_path = NULL;
	bool wants_help = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			config_path = optarg;
			break;
		case 'j':
			admin.json = true;
			break;
		case 'a':
			admin.all = true;
			break;
		case 'd':
			admin.display_name = optarg;
			break;
		case 'h':
			wants_help = true;
			break;
		case 'V':
			return tool_version(PROGRAM);
		default:
			fprintf(stderr, "Try 'dum-admin --help'.\n");
			return TOOL_USAGE;
		}
	}
	return check_and_run(&admin, argc - optind, argv + optind, config_path,
	                     wants_help);
}
