#ifndef DUM_TOOLS_ADMIN_OPTION_H
#define DUM_TOOLS_ADMIN_OPTION_H
/*
 * admin_option - the options of dum-admin's commands. One table holds them
 * all; a command says by bits which ones it takes.
 */
#include <stdbool.h>

#include "base/strbuf.h"
#include "tool.h"

enum admin_option {
	OPTION_ALL,
	OPTION_DISPLAY_NAME,
	OPTION_ROLE,
	OPTION_LOCATION,
	OPTION_ALL_LOCATIONS,
	OPTION_URL,
	OPTION_SCOPE,
	OPTION_EXPIRES,
	OPTION_LIMIT,
	OPTION_ACTOR,
	OPTION_BEFORE,
	OPTION_KEEP,
	OPTION_OUT,
	OPTION_FORCE,
	OPTION__MAX
};

#define OPTION_BIT(option) (1u << (option))

/* Options of one call, in the order in which they were given. */
struct admin_given {
	enum admin_option option;
	const char *value; /* "" of a flag; borrowed from argv */
};

struct admin_options {
	const char *config_path; /* NULL: not given */
	bool json;
	bool help;
	bool version;
	int count;
	struct admin_given *given; /* released by admin_options_release() */
};

/*
 * Take the options out of argv; *words_out is the index of the first word that
 * is none. What is wrong is told on stderr: TOOL_USAGE.
 */
enum tool_exit admin_options_read(struct admin_options *out, int *words_out,
                                  int argc, char **argv);
void admin_options_release(struct admin_options *options);

/*
 * Are these the options of a command that takes `allowed` and needs
 * `required`? What is wrong is told on stderr: TOOL_USAGE.
 */
enum tool_exit admin_options_check(const struct admin_options *options,
                                   const char *command, unsigned allowed,
                                   unsigned required);

/* The n-th value of an option, from 0; NULL: it was not given so often. */
const char *admin_options_value(const struct admin_options *options,
                                enum admin_option option, int n);

/* Append " --role ROLE [--location NAME]..." */
void admin_options_usage(struct strbuf *out, unsigned allowed,
                         unsigned required);

/* Print a line on each, for --help. */
void admin_options_help(unsigned allowed);

#endif
