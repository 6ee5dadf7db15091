#include "backup/backup_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/lock_file.h"

#define LOCK_NAME "backup.lock"

/* What is left free for the live database and its log. */
enum { RESERVE_BYTES = 8 * 1024 * 1024 };

struct backup_dir {
	char *path;
	int fd;
	struct lock_file *lock;
};

static enum dum_status file_error(const char *dir, const char *name,
                                  struct dum_error *err)
{
	enum dum_status status = fs_write_status(errno);

	if (errno == ENOENT)
		status = DUM_ENOTFOUND;
	else if (errno == EEXIST)
		status = DUM_ECONFLICT;
	if (errno == ELOOP)
		return error_set(err, DUM_EAUTH,
		                 "%s/%s is a link, which is not followed", dir,
		                 name);
	return error_set(err, status, "%s/%s: %s", dir, name, strerror(errno));
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/*
 * A folder that somebody chose may have files of others in it, of a download
 * that goes on: only what we begin is ours to clear away.
 */
static bool is_our_partial(const char *name)
{
	static const char *const ours[] = {"data_usage_backup_", "journal_",
	                                   "damaged_",           "scratch-",
	                                   "pruned.json",        "sync.json"};

	if (!ends_with(name, ".partial"))
		return false;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strncmp(name, ours[i], strlen(ours[i])) == 0)
			return true;
	return false;
}

/* The files in a scratch folder; there are no folders in one. */
static void empty_folder(int parent, const char *name)
{
	int fd = openat(parent, name,
	                O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	if (list == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *e = readdir(list); e != NULL; e = readdir(list))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(fd, e->d_name, 0);
	closedir(list);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* What can not be removed is in nobody's way: names are never used twice. */
void backup_dir_clear(const struct backup_dir *dir)
{
	int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	if (list == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *e = readdir(list); e != NULL; e = readdir(list)) {
		if (!is_our_partial(e->d_name))
			continue;
		if (unlinkat(dir->fd, e->d_name, 0) != 0 &&
		    (errno == EISDIR || errno == EPERM))
			empty_folder(dir->fd, e->d_name);
	}
	closedir(list);
}

static enum dum_status take(struct backup_dir *dir, const char *who,
                            struct dum_error *err)
{
	struct strbuf lock = STRBUF_INIT;
	enum dum_status status;

	strbuf_addf(&lock, "%s/" LOCK_NAME, dir->path);
	if (!strbuf_ok(&lock))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = lock_file_take(&dir->lock, lock.buf, who, err);
	strbuf_release(&lock);
	return status;
}

enum dum_status backup_dir_open(struct backup_dir **out, const char *path,
                                const char *who, struct dum_error *err)
{
	struct backup_dir *dir = calloc(1, sizeof(*dir));
	enum dum_status status;

	if (dir == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	dir->fd = -1;
	dir->path = strdup(path);
	if (dir->path == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else
		status = fs_make_dir(path, err);
	if (status == DUM_OK) {
		dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir->fd < 0)
			status = error_set(err, DUM_ESYS, "%s: %s", path,
			                   strerror(errno));
	}
	if (status == DUM_OK)
		status = take(dir, who, err);
	if (status != DUM_OK) {
		backup_dir_close(dir);
		return status;
	}
	backup_dir_clear(dir);
	*out = dir;
	return DUM_OK;
}

void backup_dir_close(struct backup_dir *dir)
{
	if (dir == NULL)
		return;
	lock_file_release(dir->lock);
	if (dir->fd >= 0)
		close(dir->fd);
	free(dir->path);
	free(dir);
}

const char *backup_dir_path(const struct backup_dir *dir)
{
	return dir->path;
}

enum dum_status backup_dir_free_bytes(int64_t *out, const char *path,
                                      struct dum_error *err)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	*out = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	return DUM_OK;
}

int64_t backup_dir_room_for(int64_t bytes)
{
	return bytes + RESERVE_BYTES;
}

enum dum_status backup_dir_need(const struct backup_dir *dir, int64_t bytes,
                                const char *what, struct dum_error *err)
{
	int64_t have = 0, room = backup_dir_room_for(bytes);
	enum dum_status status;

	status = backup_dir_free_bytes(&have, dir->path, err);
	if (status == DUM_OK && have < room)
		status = error_set(err, DUM_EFULL,
		                   "%s: %s needs about %lld MB, and only %lld "
		                   "MB are free",
		                   dir->path, what,
		                   (long long)((room + 999999) / 1000000),
		                   (long long)(have / 1000000));
	return status;
}

enum dum_status backup_dir_read(int *fd_out, int64_t *bytes_out,
                                const char *dir, const char *name,
                                struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	struct stat st = {.st_size = 0};
	int fd;

	strbuf_addf(&path, "%s/%s", dir, name);
	if (!strbuf_ok(&path)) {
		strbuf_release(&path);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	/* Not to wait for a writer, should it be a pipe. */
	fd = open(path.buf, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		status = file_error(dir, name, err);
	else if (!S_ISREG(st.st_mode))
		status = error_set(err, DUM_EINVAL, "%s is not a file",
		                   path.buf);
	strbuf_release(&path);
	if (status != DUM_OK) {
		if (fd >= 0)
			close(fd);
		return status;
	}
	*fd_out = fd;
	*bytes_out = st.st_size;
	return DUM_OK;
}

enum dum_status backup_dir_remove(const struct backup_dir *dir,
                                  const char *name, struct dum_error *err)
{
	if (unlinkat(dir->fd, name, 0) != 0 && errno != ENOENT)
		return file_error(dir->path, name, err);
	if (fsync(dir->fd) != 0)
		return file_error(dir->path, ".", err);
	return DUM_OK;
}

enum dum_status backup_dir_publish(const struct backup_dir *dir,
                                   const char *partial, const char *name,
                                   struct dum_error *err)
{
	if (renameat(dir->fd, partial, dir->fd, name) != 0)
		return file_error(dir->path, name, err);
	if (fsync(dir->fd) != 0)
		return file_error(dir->path, ".", err);
	return DUM_OK;
}

enum dum_status backup_dir_create(int *fd_out, const struct backup_dir *dir,
                                  const char *name, struct dum_error *err)
{
	int fd = openat(dir->fd, name,
	                O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	                0600);

	if (fd < 0)
		return file_error(dir->path, name, err);
	*fd_out = fd;
	return DUM_OK;
}

enum dum_status backup_dir_text(struct strbuf *out, const char *dir,
                                const char *name, size_t limit,
                                struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT;
	enum dum_status status;

	strbuf_addf(&path, "%s/%s", dir, name);
	status = strbuf_ok(&path) ? fs_read_file(out, path.buf, limit, err)
	                          : error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&path);
	return status;
}

enum dum_status backup_dir_put_text(const char *dir, const char *name,
                                    const struct strbuf *text,
                                    struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT;
	enum dum_status status;

	strbuf_addf(&path, "%s/%s", dir, name);
	if (strbuf_ok(&path) && strbuf_ok(text))
		status = fs_write_atomic(path.buf, text->buf, text->len, 0600,
		                         err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&path);
	return status;
}
