/* dum-admin - set up and look after a Data Usage Monitor. */
#include <string.h>

#include "admin.h"
#include "store/checkpoint.h"

#define PROGRAM ADMIN_PROGRAM

const char *admin_value(const struct admin *admin, enum admin_option option)
{
	return admin_options_value(&admin->options, option, 0);
}

static int words_of(const struct admin_command *c)
{
	return c->group != NULL ? 2 : 1;
}

/* "user add NAME --role ROLE [--location NAME]..." */
static void add_usage(struct strbuf *out, const struct admin_command *c)
{
	strbuf_addf(out, "%s%s%s", c->group != NULL ? c->group : "",
	            c->group != NULL ? " " : "", c->name);
	if (c->words[0] != '\0')
		strbuf_addf(out, " %s", c->words);
	admin_options_usage(out, c->options, c->required);
}

/* Those of a group; NULL: all. */
static void print_commands(const char *group)
{
	struct strbuf usage = STRBUF_INIT;

	for (const struct admin_command *c = admin_commands; c->name; c++) {
		if (group != NULL &&
		    (c->group == NULL || strcmp(c->group, group) != 0))
			continue;
		strbuf_reset(&usage);
		add_usage(&usage, c);
		printf("  %s\n      %s\n", usage.buf, c->help);
	}
	strbuf_release(&usage);
}

static enum tool_exit help(const char *group)
{
	printf("Usage: " PROGRAM " [--config FILE] [--json] COMMAND\n\n"
	       "Set up and look after a Data Usage Monitor.\n\n"
	       "Commands:\n");
	print_commands(group);
	printf("\nOptions:\n"
	       "  --config FILE   settings (else $DUM_CONFIG, else\n"
	       "                  " CONFIG_DEFAULT_PATH ")\n"
	       "  --json          answer as JSON\n"
	       "  --help          this text; after a command, more on it\n"
	       "  --version       print the version\n\n"
	       "Example:\n"
	       "  " PROGRAM " --config ./dum.conf stats --json\n\n"
	       "Exit status: 0 done, 1 a problem or nothing found, 2 wrong\n"
	       "usage, 4 damaged, 75 busy (try again).\n");
	return tool_finish(PROGRAM, TOOL_DONE);
}

static enum tool_exit help_on(const struct admin_command *c)
{
	struct strbuf usage = STRBUF_INIT;

	add_usage(&usage, c);
	printf("Usage: " PROGRAM " %s\n\n%s\n", usage.buf, c->help);
	if (c->more != NULL)
		printf("\n%s\n", c->more);
	if (c->options != 0) {
		printf("\nOptions:\n");
		admin_options_help(c->options);
	}
	printf("\nExample:\n  %s\n", c->example);
	strbuf_release(&usage);
	return tool_finish(PROGRAM, TOOL_DONE);
}

/* NULL where the words name none. */
static const struct admin_command *find_command(int argc, char **argv)
{
	for (const struct admin_command *c = admin_commands; c->name; c++) {
		if (argc < words_of(c))
			continue;
		if (c->group != NULL && strcmp(argv[0], c->group) != 0)
			continue;
		if (strcmp(argv[words_of(c) - 1], c->name) == 0)
			return c;
	}
	return NULL;
}

/* The name of the group as the table has it; NULL: there is none. */
static const char *find_group(int argc, char **argv)
{
	for (const struct admin_command *c = admin_commands; c->name; c++)
		if (argc > 0 && c->group != NULL &&
		    strcmp(c->group, argv[0]) == 0)
			return c->group;
	return NULL;
}

static enum tool_exit no_command(int argc, char **argv)
{
	const char *group = find_group(argc, argv);

	if (argc == 0)
		return tool_usage_error(PROGRAM, "which command?");
	if (group != NULL && argc == 1)
		return tool_usage_error(
		    PROGRAM, "%s what? '" PROGRAM " %s --help' lists it", group,
		    group);
	return tool_usage_error(PROGRAM, "there is no command '%s%s%s'",
	                        argv[0], group != NULL ? " " : "",
	                        group != NULL ? argv[1] : "");
}

static enum tool_exit check(const struct admin_command *c,
                            const struct admin *admin)
{
	struct strbuf usage = STRBUF_INIT;
	enum tool_exit result = TOOL_DONE;

	add_usage(&usage, c);
	if (admin->argc < c->least || admin->argc > c->most)
		result = tool_usage_error(PROGRAM, "usage: " PROGRAM " %s",
		                          usage.buf);
	strbuf_release(&usage);
	if (result == TOOL_DONE)
		result = admin_options_check(&admin->options, c->name,
		                             c->options, c->required);
	return result;
}

static enum tool_exit run(const struct admin_command *c, struct admin *admin)
{
	struct dum_error err = {0};
	enum tool_exit result = TOOL_DONE;
	enum dum_status status;
	char actor[80];
	int problem = 0;

	status = tool_config(&admin->config, admin->options.config_path, &err);
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

static enum tool_exit dispatch(struct admin *admin, int argc, char **argv)
{
	const struct admin_command *c = find_command(argc, argv);
	enum tool_exit result;

	if (admin->options.version)
		return tool_version(PROGRAM);
	if (admin->options.help)
		return c != NULL ? help_on(c) : help(find_group(argc, argv));
	if (c == NULL)
		return no_command(argc, argv);
	admin->json = admin->options.json;
	admin->argc = argc - words_of(c);
	admin->argv = argv + words_of(c);
	result = check(c, admin);
	return result == TOOL_DONE ? run(c, admin) : result;
}

int main(int argc, char **argv)
{
	struct admin admin = {.json = false};
	enum tool_exit result;
	int words = 0;

	result = admin_options_read(&admin.options, &words, argc, argv);
	if (result == TOOL_DONE)
		result = dispatch(&admin, argc - words, argv + words);
	admin_options_release(&admin.options);
	return result;
}
