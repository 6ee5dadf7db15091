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
	{NULL, "checkpoint", admin_checkpoint, 0, 0, "", 0, 0,
	 "carry the write-ahead log over into the database file",
	 "Programs that change much do so by themselves; cron does it for the\n"
	 "rest. It gives way to changes: 75, and the next time gets further.",
	 "dum-admin checkpoint"},
	{NULL, "compact", admin_compact, 0, 0, "", HAS(FORCE), 0,
	 "write the database file anew without its unused pages",
	 "Where a quarter of it and 1 MiB are unused, as after a prune; less\n"
	 "is not worth it, since later changes fill those pages. Needs as much\n"
	 "room again as the file takes. Readers go on; changes have to wait.",
	 "dum-admin compact"},
	{NULL, "anonymise", admin_anonymise, 0, 0, "", HAS(OUT), HAS(OUT),
	 "copy the database without names: to show, or to send with a question",
	 "Names of locations become others, by a salt that is thrown away;\n"
	 "accounts, keys, addresses and the journal are left out.",
	 "dum-admin anonymise --out anonymous.db"},
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
	{"user", "add", admin_user_add, 1, 1, "NAME",
	 HAS(ROLE) | HAS(LOCATION), HAS(ROLE),
	 "add an account; asks for its password", PASSWORD_HELP,
	 "dum-admin user add alice --role editor"},
	{"user", "list", admin_user_list, 0, 0, "", 0, 0,
	 "accounts, one a line", NULL,
	 "dum-admin user list"},
	{"user", "role", admin_user_role, 2, 2, "NAME ROLE",
	 HAS(LOCATION) | HAS(ALL_LOCATIONS), 0,
	 "let an account do more or less; its sessions end",
	 "viewer reads; editor enters, corrects and imports data; admin does\n"
	 "everything. An admin sees all locations.",
	 "dum-admin user role alice viewer --location branch_north"},
	{"user", "disable", admin_user_disable, 1, 1, "NAME", 0, 0,
	 "let it in no longer; its sessions and keys end", NULL,
	 "dum-admin user disable alice"},
	{"user", "enable", admin_user_enable, 1, 1, "NAME", 0, 0,
	 "let it in again; keys that were revoked stay so", NULL,
	 "dum-admin user enable alice"},
	{"user", "passwd", admin_user_passwd, 1, 1, "NAME", 0, 0,
	 "give an account another password; its sessions end", PASSWORD_HELP,
	 "dum-admin user passwd alice"},
	{"user", "totp-reset", admin_user_totp_reset, 1, 1, "NAME", 0, 0,
	 "take away the second factor of a lost phone; its sessions end", NULL,
	 "dum-admin user totp-reset alice"},
	{"user", "delete", admin_user_delete, 1, 1, "NAME", 0, 0,
	 "remove an account, its sessions, and the keys that it made", NULL,
	 "dum-admin user delete alice"},
	{"user", "setup-link", admin_user_setup_link, 0, 0, "", HAS(URL), 0,
	 "a link that makes the first admin, once and within a day",
	 "Only while there is no account. A new link makes the one before\n"
	 "void. Who has the link becomes the admin: keep it private.",
	 "dum-admin user setup-link --url https://usage.example.org"},
	{"key", "add", admin_key_add, 1, 1, "NAME",
	 HAS(SCOPE) | HAS(LOCATION) | HAS(EXPIRES), HAS(SCOPE),
	 "make a key for a program; it is shown this once",
	 "The key alone goes to standard output, all else to standard error.\n"
	 "Send it as: Authorization: Bearer KEY",
	 "dum-admin key add grafana --scope read --scope metrics"},
	{"key", "list", admin_key_list, 0, 0, "", 0, 0,
	 "keys, one a line, newest first", NULL,
	 "dum-admin key list"},
	{"key", "revoke", admin_key_revoke, 1, 1, "ID_OR_PREFIX", 0, 0,
	 "take a key out of use, at once and for good",
	 "The prefix is the eight characters after dum_.",
	 "dum-admin key revoke 1"},
	{"audit", "list", admin_audit_list, 0, 0, "",
	 HAS(LIMIT) | HAS(ACTOR), 0,
	 "who did what, newest first", NULL,
	 "dum-admin audit list --limit 20"},
	{"audit", "verify", admin_audit_verify, 0, 0, "", 0, 0,
	 "is the journal as it was written? names the first broken entry",
	 "Checks the chain, the seals of prunings, and every anchor of\n"
	 "AUDIT_ANCHOR_FILE. Ends with 1 when anything does not fit.",
	 "dum-admin audit verify"},
	{"audit", "anchor", admin_audit_anchor, 0, 0, "", 0, 0,
	 "note the journal's end outside of it: a cut or rewrite then shows",
	 "Appends a line to AUDIT_ANCHOR_FILE and to syslog. Let cron do it\n"
	 "every day, and keep a copy of the lines on another machine.",
	 "dum-admin audit anchor"},
	{"audit", "prune", admin_audit_prune, 0, 0, "",
	 HAS(BEFORE) | HAS(KEEP), HAS(BEFORE) | HAS(KEEP),
	 "take old entries out of the journal, into a file",
	 "The file has one JSON object a line and is on the disk before\n"
	 "anything is deleted. The journal's chain goes on from a seal.",
	 "dum-admin audit prune --before 2020-01-01 --keep journal-2019.gz"},
	{.name = NULL}
};
/* clang-format on */
