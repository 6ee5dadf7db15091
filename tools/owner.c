#include "owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"

static bool find_owner(struct stat *out, const struct config *config)
{
	char *folder;
	bool found;

	if (stat(config->database_path, out) == 0)
		return true;
	folder = fs_parent(config->database_path);
	found = folder != NULL && stat(folder, out) == 0;
	free(folder);
	return found;
}

/* By its descriptor: a name can come to mean another file meanwhile. */
static void give(int folder, const char *name, const struct stat *owner)
{
	int fd = openat(folder, name,
	                O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_nlink == 1)))
		(void)!fchown(fd, owner->st_uid, owner->st_gid);
	close(fd);
}

/* What root left in a folder that is the owner's. */
static void give_files(int parent, const char *path, const struct stat *owner)
{
	int fd = openat(parent, path,
	                O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	if (list == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *e = readdir(list); e != NULL; e = readdir(list))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			give(fd, e->d_name, owner);
	if (strcmp(path, "journal") != 0)
		give_files(fd, "journal", owner);
	closedir(list);
}

/* A folder that is not there yet is made where the owner perhaps can not. */
static enum dum_status prepare_folder(const char *path,
                                      const struct stat *owner,
                                      struct dum_error *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0 &&
	    chown(path, owner->st_uid, owner->st_gid) != 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	if (stat(path, &st) == 0 && st.st_uid == owner->st_uid)
		give_files(AT_FDCWD, path, owner);
	return DUM_OK;
}

enum dum_status owner_become(char name[static OWNER_NAME_MAX],
                             const struct config *config, struct dum_error *err)
{
	const struct passwd *user;
	enum dum_status status;
	struct stat owner;

	name[0] = '\0';
	if (geteuid() != 0 || !find_owner(&owner, config) || owner.st_uid == 0)
		return DUM_OK;
	user = getpwuid(owner.st_uid);
	if (user != NULL)
		snprintf(name, OWNER_NAME_MAX, "%.60s", user->pw_name);
	else
		snprintf(name, OWNER_NAME_MAX, "%ld", (long)owner.st_uid);
	status = prepare_folder(config->database_backup_dir, &owner, err);
	if (status != DUM_OK)
		return status;
	if ((user != NULL ? initgroups(user->pw_name, owner.st_gid)
	                  : setgroups(0, NULL)) != 0 ||
	    setresgid(owner.st_gid, owner.st_gid, owner.st_gid) != 0 ||
	    setresuid(owner.st_uid, owner.st_uid, owner.st_uid) != 0)
		return error_set(err, DUM_ESYS,
		                 "can not become %s, whose the database is: %s",
		                 name, strerror(errno));
	return DUM_OK;
}
