#include "admin_option.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "dum-admin"

/* clang-format off */
static const struct row {
	const char *name;
	const char *value;      /* what it takes; NULL: nothing */
	bool many;              /* may stand more than once */
	const char *help;
} rows[OPTION__MAX] = {
	[OPTION_ALL] = {"all", NULL, false, "the inactive ones too"},
	[OPTION_DISPLAY_NAME] = {"display-name", "TEXT", false,
		"the name to show"},
	[OPTION_ROLE] = {"role", "ROLE", false, "viewer, editor or admin"},
	[OPTION_LOCATION] = {"location", "NAME", true,
		"a location that it is limited to; else it sees all"},
	[OPTION_ALL_LOCATIONS] = {"all-locations", NULL, false,
		"limited no longer"},
	[OPTION_URL] = {"url", "URL", false,
		"where the dashboard is, such as https://usage.example.org"},
	[OPTION_SCOPE] = {"scope", "SCOPE", true,
		"read, write, import, backup, metrics or admin"},
	[OPTION_EXPIRES] = {"expires", "DATE", false,
		"the last day on which it works, YYYY-MM-DD"},
	[OPTION_LIMIT] = {"limit", "N", false,
		"so many at most, 1 to 10000 (50)"},
	[OPTION_ACTOR] = {"actor", "ACTOR", true,
		"only what this one did, such as user:alice or local:root"},
	[OPTION_BEFORE] = {"before", "DATE", false,
		"the first day that stays, YYYY-MM-DD"},
	[OPTION_KEEP] = {"keep", "FILE", false,
		"new file for what goes; .gz at the end compresses it"},
	[OPTION_OUT] = {"out", "FILE", false, "the new file"},
	[OPTION_FORCE] = {"force", NULL, false,
		"also where there is little to gain"},
};
/* clang-format on */

/* Options of every command, numbered after those of the table. */
enum { GIVEN_CONFIG = OPTION__MAX, GIVEN_JSON, GIVEN_HELP, GIVEN_VERSION };

enum { ALL_OPTIONS = GIVEN_VERSION + 1 };

/* getopt_long() wants a table of its own kind. */
static void fill(struct option out[static ALL_OPTIONS + 1])
{
	static const struct option common[] = {
	    {"config", required_argument, NULL, GIVEN_CONFIG},
	    {"json", no_argument, NULL, GIVEN_JSON},
	    {"help", no_argument, NULL, GIVEN_HELP},
	    {"version", no_argument, NULL, GIVEN_VERSION},
	    {NULL, 0, NULL, 0},
	};

	for (int i = 0; i < OPTION__MAX; i++)
		out[i] = (struct option){
		    rows[i].name,
		    rows[i].value != NULL ? required_argument : no_argument,
		    NULL, i};
	memcpy(&out[OPTION__MAX], common, sizeof(common));
}

static void take(struct admin_options *out, int option, const char *value)
{
	switch (option) {
	case GIVEN_CONFIG:
		out->config_path = value;
		break;
	case GIVEN_JSON:
		out->json = true;
		break;
	case GIVEN_HELP:
		out->help = true;
		break;
	case GIVEN_VERSION:
		out->version = true;
		break;
	default:
		out->given[out->count++] = (struct admin_given){
		    .option = (enum admin_option)option,
		    .value = value != NULL ? value : ""};
	}
}

enum tool_exit admin_options_read(struct admin_options *out, int *words_out,
                                  int argc, char **argv)
{
	struct option table[ALL_OPTIONS + 1];
	int option;

	*out = (struct admin_options){.count = 0};
	/* Each takes at least one of the arguments. */
	out->given = calloc((size_t)argc + 1, sizeof(out->given[0]));
	if (out->given == NULL) {
		fprintf(stderr, PROGRAM ": out of memory\n");
		return TOOL_PROBLEM;
	}
	fill(table);
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == '?') {
			fprintf(stderr, "Try '" PROGRAM " --help'.\n");
			return TOOL_USAGE;
		}
		take(out, option, optarg);
	}
	*words_out = optind;
	return TOOL_DONE;
}

void admin_options_release(struct admin_options *options)
{
	free(options->given);
	options->given = NULL;
	options->count = 0;
}

const char *admin_options_value(const struct admin_options *options,
                                enum admin_option option, int n)
{
	for (int i = 0; i < options->count; i++)
		if (options->given[i].option == option && n-- == 0)
			return options->given[i].value;
	return NULL;
}

enum tool_exit admin_options_check(const struct admin_options *options,
                                   const char *command, unsigned allowed,
                                   unsigned required)
{
	for (int i = 0; i < options->count; i++) {
		enum admin_option option = options->given[i].option;
		const struct row *row = &rows[option];

		if ((allowed & OPTION_BIT(option)) == 0)
			return tool_usage_error(PROGRAM, "%s takes no --%s",
			                        command, row->name);
		if (!row->many &&
		    admin_options_value(options, option, 1) != NULL)
			return tool_usage_error(
			    PROGRAM, "--%s stands more than once", row->name);
	}
	for (int i = 0; i < OPTION__MAX; i++)
		if ((required & OPTION_BIT(i)) != 0 &&
		    admin_options_value(options, (enum admin_option)i, 0) ==
		        NULL)
			return tool_usage_error(PROGRAM, "%s needs --%s %s",
			                        command, rows[i].name,
			                        rows[i].value);
	return TOOL_DONE;
}

void admin_options_usage(struct strbuf *out, unsigned allowed,
                         unsigned required)
{
	for (int i = 0; i < OPTION__MAX; i++) {
		const struct row *row = &rows[i];
		bool must = (required & OPTION_BIT(i)) != 0;

		if ((allowed & OPTION_BIT(i)) == 0)
			continue;
		strbuf_addf(out, " %s--%s%s%s%s%s", must ? "" : "[", row->name,
		            row->value != NULL ? " " : "",
		            row->value != NULL ? row->value : "",
		            must ? "" : "]", row->many ? "..." : "");
	}
}

void admin_options_help(unsigned allowed)
{
	char left[40];

	for (int i = 0; i < OPTION__MAX; i++) {
		if ((allowed & OPTION_BIT(i)) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s %s", rows[i].name,
		         rows[i].value != NULL ? rows[i].value : "");
		printf("  %-20s  %s\n", left, rows[i].help);
	}
}
