/*
 * Whose is a file meant to be? Root's, or that of the service's user: the one
 * that runs this, or where root does, the owner of the database.
 */
#include "ops/file_check.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/strbuf.h"

#define NAME_MAX_SHOWN 40

/* What one kind of file must not allow. Bits of a mode. */
struct rule {
	const char *check;
	const char *what;
	mode_t problem; /* that anybody should have these */
	mode_t warning;
	mode_t right;   /* the mode to set */
	bool owner_too; /* another owner is a problem, not a warning */
};

static const struct rule settings_rule = {
    "settings", "the settings file", 0002, 0020, 0640, true};
static const struct rule key_rule = {
    "secret_key", "the secret key", 0027, 0, 0600, true};
static const struct rule backup_key_rule = {
    "backup_key", "the key of the backups", 0027, 0, 0600, true};
static const struct rule database_rule = {"database", "the database", 0007,
                                          0020,       0600,           false};
static const struct rule backups_rule = {
    "backups", "the folder of backups", 0007, 0020, 0700, false};
static const struct rule anchors_rule = {
    "anchors", "the anchors' file", 0002, 0020, 0600, false};
static const struct rule log_rule = {"log", "the log", 0002, 0004, 0640, false};

static void user_name(char out[static NAME_MAX_SHOWN], uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	if (user != NULL)
		snprintf(out, NAME_MAX_SHOWN, "%s", user->pw_name);
	else
		snprintf(out, NAME_MAX_SHOWN, "%ld", (long)uid);
}

static void group_name(char out[static NAME_MAX_SHOWN], gid_t gid)
{
	const struct group *group = getgrgid(gid);

	if (group != NULL)
		snprintf(out, NAME_MAX_SHOWN, "%s", group->gr_name);
	else
		snprintf(out, NAME_MAX_SHOWN, "%ld", (long)gid);
}

static uid_t service_user(const struct config *config)
{
	struct stat st;

	if (geteuid() == 0 && stat(config->database_path, &st) == 0)
		return st.st_uid;
	return geteuid();
}

/* What the bits that are too many let whom do. */
static void describe(char *out, size_t size, mode_t bits, gid_t gid)
{
	char group[NAME_MAX_SHOWN];

	if ((bits & 0007) != 0) {
		snprintf(out, size, "anybody on this machine can %s it",
		         (bits & 0002) != 0 ? "change" : "read");
		return;
	}
	group_name(group, gid);
	snprintf(out, size, "members of the group %s can %s it", group,
	         (bits & 0020) != 0 ? "change" : "run");
}

/* False: something was found. */
static bool check_mode(const struct rule *rule, const char *path,
                       const struct stat *st, const struct finder *to)
{
	mode_t bits = st->st_mode & (rule->problem | rule->warning);
	char what[120];
	struct finding f;

	if (bits == 0)
		return true;
	describe(what, sizeof(what), bits, st->st_gid);
	finding_set(
	    &f, (bits & rule->problem) != 0 ? FINDING_PROBLEM : FINDING_WARNING,
	    rule->check, "%s %s has mode %04o: %s", rule->what, path,
	    (unsigned)(st->st_mode & 07777), what);
	finding_advise(to, &f, "chmod %04o %s", (unsigned)rule->right, path);
	return false;
}

static bool check_owner(const struct rule *rule, const char *path,
                        const struct stat *st, uid_t service,
                        const struct finder *to)
{
	char owner[NAME_MAX_SHOWN], user[NAME_MAX_SHOWN];
	struct finding f;

	if (st->st_uid == 0 || st->st_uid == service)
		return true;
	user_name(owner, st->st_uid);
	user_name(user, service);
	finding_set(&f, rule->owner_too ? FINDING_PROBLEM : FINDING_WARNING,
	            rule->check,
	            "%s %s belongs to the user %s, and the "
	            "service runs as %s",
	            rule->what, path, owner, user);
	finding_advise(to, &f, "chown %s %s", user, path);
	return false;
}

/*
 * Who can write to the folder can put another file in the place of ours. The
 * sticky bit (as /tmp has it) keeps them from that, but not from putting files
 * beside it.
 */
static bool check_folder(const struct rule *rule, const char *path,
                         const struct finder *to)
{
	char *folder = fs_parent(path);
	bool good = true;
	struct finding f;
	struct stat st;

	if (folder != NULL && stat(folder, &st) == 0 &&
	    (st.st_mode & 0002) != 0) {
		finding_set(&f,
		            (st.st_mode & S_ISVTX) != 0 ? FINDING_WARNING
		                                        : FINDING_PROBLEM,
		            rule->check,
		            "anybody on this machine can write to "
		            "%s, where %s lies",
		            folder, rule->what);
		finding_advise(to, &f,
		               "keep it in a folder of its own: chmod o-w %s, "
		               "or move it",
		               folder);
		good = false;
	}
	free(folder);
	return good;
}

/* One file and what must be true of it; one finding when all is well. */
static void check_file(const struct rule *rule, const char *path, uid_t service,
                       const struct finder *to)
{
	char owner[NAME_MAX_SHOWN];
	struct stat st;
	bool good;

	if (path == NULL || path[0] == '\0' || stat(path, &st) != 0)
		return;
	good = check_mode(rule, path, &st, to);
	good = check_owner(rule, path, &st, service, to) && good;
	good = check_folder(rule, path, to) && good;
	if (!good)
		return;
	user_name(owner, st.st_uid);
	finding_ok(to, rule->check, "%s %s: mode %04o, of %s", rule->what, path,
	           (unsigned)(st.st_mode & 07777), owner);
}

/* What the engine and our locks put beside the database. */
static void check_beside(const struct config *config, uid_t service,
                         const struct finder *to)
{
	static const char *const endings[] = {"-wal", "-shm", "-lock", "-login",
	                                      "-jobs"};
	struct strbuf path = STRBUF_INIT;
	struct stat st;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		strbuf_reset(&path);
		strbuf_addf(&path, "%s%s", config->database_path, endings[i]);
		if (!strbuf_ok(&path) || stat(path.buf, &st) != 0)
			continue;
		(void)check_mode(&database_rule, path.buf, &st, to);
		(void)check_owner(&database_rule, path.buf, &st, service, to);
	}
	strbuf_release(&path);
}

void file_check(const struct config *config, const char *config_path,
                const struct finder *to)
{
	uid_t service = service_user(config);

	check_file(&settings_rule, config_path, service, to);
	check_file(&key_rule, config->secret_key_file, service, to);
	check_file(&database_rule, config->database_path, service, to);
	check_beside(config, service, to);
}

void file_check_kept(const struct config *config, const struct finder *to)
{
	uid_t service = service_user(config);

	check_file(&backup_key_rule, config->backup_key_file, service, to);
	check_file(&backups_rule, config->database_backup_dir, service, to);
	check_file(&anchors_rule, config->audit_anchor_file, service, to);
	check_file(&log_rule, config->log_file, service, to);
}
