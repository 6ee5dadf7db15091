#include "admin_command.h"

#define HAS(option) OPTION_BIT(OPTION_##option)

#define PASSWORD_HELP                                                         \
	"The password is asked for twice on a terminal, without echo; else\n" \
	"it is the first line of standard input. It never stands among the\n" \
	"arguments. 12 to 128 characters."

/* clang-format off */
const struct admin_command admin_commands[] = {
	{NULL, "init", admin_init, 0, 0, "", 0, 0,
	 "make folders, secret key and database; what exists is kept", NULL,
	 "dum-admin --config ./dum.conf init"},
	{NULL, "migrate", admin_migrate, 0, 0, "", 0, 0,
	 "bring the database to this program's schema",
	 "One transaction: interrupted, it has changed nothing. Running\n"
	 "workers of the old schema end at their next request.",
	 "dum-admin migrate"},
	{NULL, "stats", admin_stats, 0, 0, "", 0, 0,
	 "what the database holds, and how large it is", NULL,
	 "dum-admin stats --json"},
	{NULL, "config", admin_config, 0, 1, "[KEY]", 0, 0,
	 "the settings in force, or one of them", NULL,
	 "dum-admin config BILLING_CYCLE_DAY"},
	{NULL, "doctor", admin_doctor, 0, 0, "", 0, 0,
	 "look for what is wrong or open: files, disk, encryption, accounts",
	 "Changes nothing. Ends with 1 when one of the findings is a problem;\n"
	 "warnings alone are 0. Run it as root or as the service's user.",
	 "dum-admin doctor"},
	{"location", "list", admin_location_list, 0, 0, "", HAS(ALL), 0,
	 "locations, one a line", NULL,
	 "dum-admin location list --all"},
	{"location", "add", admin_location_add, 1, 1, "NAME",
	 HAS(DISPLAY_NAME), 0,
	 "add a location", NULL,
	 "dum-admin location add branch_north --display-name 'North Street'"},
	{"location", "rename", admin_location_rename, 1, 2, "NAME [NEW]",
	 HAS(DISPLAY_NAME), 0,
	 "give a location another name, or another name to show", NULL,
	 "dum-admin location rename branch_north north_street"},
	{"location", "activate", admin_location_activate, 1, 1, "NAME", 0, 0,
	 "count a location again", NULL,
	 "dum-admin location activate branch_north"},
	{"location", "deactivate", admin_location_deactivate, 1, 1, "NAME", 0,
	 0,
	 "count it no longer; its days stay", NULL,
	 "dum-admin location deactivate branch_north"},
	{"audit", "verify", admin_audit_verify, 0, 0, "", 0, 0,
	 "is the journal as it was written? names the first broken entry",
	 "Checks the chain, the seals of prunings, and every anchor of\n"
	 "AUDIT_ANCHOR_FILE. Ends with 1 when anything does not fit.",
	 "dum-admin audit verify"},
	{.name = NULL}
};
/* clang-format on */
