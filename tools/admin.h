#ifndef DUM_TOOLS_ADMIN_H
#define DUM_TOOLS_ADMIN_H
/* admin - what the commands of dum-admin share. One file for each noun. */
#include <stdbool.h>

#include "admin_option.h"
#include "tool.h"

#define ADMIN_PROGRAM "dum-admin"

/* One call of a command. */
struct admin {
	struct config config;
	bool json; /* --json */
	struct admin_options options;
	int argc; /* words after the command */
	char **argv;
	struct origin who;
	struct db *db; /* NULL until opened; freed by the caller */
};

/* A command; errors are told by the caller by err, exit by its status. */
typedef enum dum_status (*admin_fn)(struct admin *admin, int *exit_out,
                                    struct dum_error *err);

struct admin_command {
	const char *group; /* NULL: a command of one word */
	const char *name;
	admin_fn fn;
	int least, most;   /* words that it takes */
	const char *words; /* what they are: "NAME [NEW]" */
	unsigned options;  /* OPTION_BIT() of those that it takes */
	unsigned required; /* and of those that it can not do without */
	const char *help;  /* one line */
	const char *more;  /* what else is to say; NULL: nothing */
	const char *example;
};

/* All of them; ends with .name == NULL. */
extern const struct admin_command admin_commands[];

/* The value of an option; "" of a flag, NULL: it was not given. */
const char *admin_value(const struct admin *admin, enum admin_option option);

#endif
