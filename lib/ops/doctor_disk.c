/* Room on the disks, and whether they keep things in clear. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/fsutil.h"
#include "ops/doctor_parts.h"
#include "ops/encryption.h"

/* Room below this is a problem whatever the size of the database. */
#define ROOM_LEAST (64 * 1000000LL)

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* A restore, and a backup, take as much as the database; the log grows too. */
static void check_room(const char *check, const char *folder, int64_t database,
                       const struct finder *to)
{
	int64_t room, wanted = 2 * database + ROOM_LEAST;
	struct statvfs fs;
	struct finding f;

	if (statvfs(folder, &fs) != 0) {
		finding_set(&f,
		            errno == ENOENT ? FINDING_WARNING : FINDING_PROBLEM,
		            check, "%s: %s", folder, strerror(errno));
		finding_advise(to, &f,
		               "dum-admin init makes the folders that "
		               "are missing");
		return;
	}
	room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	if (room >= wanted) {
		finding_ok(to, check, "%s: %.1f GB are free", folder,
		           (double)room / 1e9);
		return;
	}
	finding_set(&f, room < ROOM_LEAST ? FINDING_PROBLEM : FINDING_WARNING,
	            check, "%s: only %.3f GB are free", folder,
	            (double)room / 1e9);
	finding_advise(to, &f,
	               "make room: a backup or a restore beside the "
	               "database needs %.3f GB",
	               (double)wanted / 1e9);
}

static void check_encryption(const char *check, const char *what,
                             const char *folder, const struct finder *to)
{
	struct encryption_verdict verdict;
	struct finding f;

	encryption_of(&verdict, folder);
	if (verdict.is == ENCRYPTION_ON) {
		finding_ok(to, check, "%s on an encrypted file system: %s",
		           what, verdict.how);
		return;
	}
	if (verdict.is == ENCRYPTION_NONE)
		finding_set(&f, FINDING_WARNING, check,
		            "%s in clear on %s: who takes the disk can read "
		            "it, unless the disk or the host of this machine "
		            "encrypts, which can not be seen from here",
		            what, verdict.how);
	else
		finding_set(&f, FINDING_WARNING, check,
		            "can not tell whether %s on an encrypted file "
		            "system (%s)",
		            what, verdict.how);
	finding_advise(to, &f,
	               "docs/security.md, \"Data at rest\", has LUKS "
	               "and fscrypt step by step");
}

static void check_backup_key(const struct config *config,
                             const struct finder *to)
{
	const char *key = config->backup_key_file;
	struct finding f;

	if (key[0] == '\0') {
		finding_set(&f, FINDING_WARNING, "backup_key",
		            "backups are not encrypted: BACKUP_KEY_FILE is "
		            "not set");
		finding_advise(to, &f,
		               "set it before a backup leaves this "
		               "machine, and keep a copy of the key "
		               "elsewhere");
	} else if (!fs_exists(key)) {
		finding_set(&f, FINDING_PROBLEM, "backup_key",
		            "the key that shall encrypt backups, %s, is not "
		            "there",
		            key);
		finding_advise(to, &f,
		               "put it back: without it no encrypted "
		               "backup can be made or read");
	} else {
		finding_ok(to, "backup_key", "backups are encrypted with %s",
		           key);
	}
}

void doctor_disk(const struct config *config, const struct finder *to)
{
	int64_t database = size_of(config->database_path);
	char *folder = fs_parent(config->database_path);

	if (folder != NULL) {
		check_room("disk", folder, database, to);
		check_encryption("encryption", "the database lies", folder, to);
	}
	free(folder);
	check_room("backup_disk", config->database_backup_dir, database, to);
	if (config->backup_key_file[0] == '\0')
		check_encryption("backup_encryption", "backups lie",
		                 config->database_backup_dir, to);
	check_backup_key(config, to);
}
