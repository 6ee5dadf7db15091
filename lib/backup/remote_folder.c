/*
 * A folder of another disk. It is held open from the look at the sentinel on,
 * and everything goes by that descriptor: a disk that is taken away meanwhile
 * takes its folder with it, and nothing is written to what lay below it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/remote_kind.h"
#include "base/fsutil.h"

#define JOURNAL "journal/"

enum { PIECE_BYTES = 65536 };

struct folder {
	char *path;
	int fd;
	int out; /* the file that is being written; -1: none */
};

static enum dum_status fail(const struct folder *f, const char *name,
                            struct dum_error *err)
{
	enum dum_status status = fs_write_status(errno);

	if (errno == ENOENT)
		status = DUM_ENOTFOUND;
	return error_set(err, status, "%s/%s: %s", f->path, name,
	                 strerror(errno));
}

static enum dum_status check_sentinel(const struct folder *f,
                                      struct dum_error *err)
{
	struct stat st;

	if (fstatat(f->fd, REMOTE_SENTINEL, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode))
		return DUM_OK;
	return error_set(err, DUM_ENOTFOUND,
	                 "%s has no file " REMOTE_SENTINEL
	                 ": is its disk mounted? If it is, and this is the "
	                 "place: dum-backup sync --prepare",
	                 f->path);
}

static void free_folder(void *place)
{
	struct folder *f = place;

	if (f == NULL)
		return;
	if (f->out >= 0)
		close(f->out);
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

enum dum_status remote_folder_open(void **out, const char *path,
                                   struct dum_error *err)
{
	struct folder *f = calloc(1, sizeof(*f));
	enum dum_status status;

	if (f == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	f->out = -1;
	f->path = strdup(path);
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->path == NULL)
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (f->fd < 0)
		status = error_set(
		    err, errno == ENOENT ? DUM_ENOTFOUND : DUM_ESYS,
		    "SYNC_TARGET %s: %s%s", path, strerror(errno),
		    errno == ENOENT ? "; is its disk mounted?" : "");
	else
		status = check_sentinel(f, err);
	if (status != DUM_OK) {
		free_folder(f);
		return status;
	}
	*out = f;
	return DUM_OK;
}

enum dum_status remote_prepare(bool *same_disk_out, const struct config *config,
                               struct dum_error *err)
{
	static const char text[] =
	    "Copies of the backups of a Data Usage Monitor are kept here. "
	    "This file\ntells dum-backup sync that the right disk is "
	    "mounted.\n";
	const char *path = config->sync_target;
	struct strbuf sentinel = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	struct stat here, there;

	/* No folder above it: a wrong name would make a tree somewhere. */
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return error_set(err, DUM_ESYS, "SYNC_TARGET %s: %s%s", path,
		                 strerror(errno),
		                 errno == ENOENT ? ": what it is to lie in is "
		                                   "missing; is its disk "
		                                   "mounted?"
		                                 : "");
	strbuf_addf(&sentinel, "%s/" REMOTE_SENTINEL, path);
	if (!strbuf_ok(&sentinel))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (!fs_exists(sentinel.buf))
		status = fs_write_atomic(sentinel.buf, text, sizeof(text) - 1,
		                         0600, err);
	strbuf_release(&sentinel);
	if (status == DUM_OK)
		*same_disk_out = stat(path, &there) == 0 &&
		                 stat(config->database_backup_dir, &here) ==
		                     0 &&
		                 here.st_dev == there.st_dev;
	return status;
}

/* --- one folder of it ----------------------------------------------------- */

/* Some file systems, of networks above all, know no flush of a folder. */
static bool sync_folder(int fd)
{
	return fsync(fd) == 0 || errno == EINVAL || errno == EOPNOTSUPP;
}

/*
 * The folder that a name lies in, and the rest of the name. The caller closes
 * what it gets. make: where it is not there yet.
 */
static int open_parent(const char **rest, const struct folder *f,
                       const char *name, bool make)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	const size_t len = sizeof(JOURNAL) - 1;

	*rest = name;
	if (strncmp(name, JOURNAL, len) != 0)
		return openat(f->fd, ".", flags);
	*rest = name + len;
	if (make && mkdirat(f->fd, "journal", 0700) == 0 && !sync_folder(f->fd))
		return -1;
	return openat(f->fd, "journal", flags);
}

static enum dum_status list_one(struct remote_list *out, size_t *room,
                                const struct folder *f, const char *before,
                                struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char name[REMOTE_NAME_MAX + 1];
	const char *rest;
	struct stat st;
	int fd = open_parent(&rest, f, before, false);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		status = errno == ENOENT ? DUM_OK : fail(f, before, err);
		if (fd >= 0)
			close(fd);
		return status;
	}
	for (struct dirent *e = readdir(dir); e != NULL && status == DUM_OK;
	     e = readdir(dir)) {
		if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (snprintf(name, sizeof(name), "%s%s", before, e->d_name) <
		    (int)sizeof(name))
			status = remote_list_add(out, room, name, st.st_size,
			                         err);
	}
	closedir(dir);
	return status;
}

static enum dum_status list(struct remote_list *out, void *place,
                            struct dum_error *err)
{
	enum dum_status status;
	size_t room = 0;

	status = list_one(out, &room, place, "", err);
	if (status == DUM_OK)
		status = list_one(out, &room, place, JOURNAL, err);
	return status;
}

/* --- files ---------------------------------------------------------------- */

static enum dum_status begin(void *place, const char *name, int64_t bytes,
                             struct dum_error *err)
{
	struct folder *f = place;
	enum dum_status status = DUM_OK;
	const char *rest;
	int parent = open_parent(&rest, f, name, true);

	(void)bytes; /* that there is no room shows when it is written */
	if (parent >= 0)
		f->out = openat(
		    parent, rest,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->out < 0)
		status = fail(f, name, err);
	if (parent >= 0)
		close(parent);
	return status;
}

static enum dum_status write_piece(void *place, const void *data, size_t len,
                                   struct dum_error *err)
{
	struct folder *f = place;

	return fs_write_all(f->out, data, len) == 0 ? DUM_OK : fail(f, "", err);
}

static void cancel(void *place)
{
	struct folder *f = place;

	if (f->out >= 0)
		close(f->out);
	f->out = -1;
}

static enum dum_status end(void *place, struct dum_error *err)
{
	struct folder *f = place;

	if (fsync(f->out) != 0)
		return fail(f, "", err);
	/* The medium is to be read back, not what memory still has of it. */
	(void)posix_fadvise(f->out, 0, 0, POSIX_FADV_DONTNEED);
	cancel(place);
	return DUM_OK;
}

static enum dum_status read_all(void *place, const char *name,
                                remote_take_fn take, void *arg,
                                struct dum_error *err)
{
	struct folder *f = place;
	enum dum_status status = DUM_OK;
	char piece[PIECE_BYTES];
	const char *rest;
	int parent = open_parent(&rest, f, name, false), fd = -1;
	ssize_t n = 1;

	if (parent >= 0)
		fd = openat(parent, rest,
		            O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		status = fail(f, name, err);
	while (status == DUM_OK && n != 0) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = fail(f, name, err);
		else if (n > 0)
			status = take(arg, piece, (size_t)n, err);
	}
	if (fd >= 0)
		close(fd);
	if (parent >= 0)
		close(parent);
	return status;
}

static enum dum_status rename_file(void *place, const char *from,
                                   const char *to, struct dum_error *err)
{
	struct folder *f = place;
	enum dum_status status = DUM_OK;
	const char *old, *new;
	int parent = open_parent(&new, f, to, false);

	/* Both lie in the same folder. */
	old = from + (new - to);
	if (parent < 0 || renameat(parent, old, parent, new) != 0 ||
	    !sync_folder(parent))
		status = fail(f, to, err);
	if (parent >= 0)
		close(parent);
	return status;
}

static enum dum_status remove_file(void *place, const char *name,
                                   struct dum_error *err)
{
	struct folder *f = place;
	enum dum_status status = DUM_OK;
	const char *rest;
	int parent = open_parent(&rest, f, name, false);
	bool gone = parent >= 0 && unlinkat(parent, rest, 0) == 0;

	if (gone ? !sync_folder(parent) : errno != ENOENT)
		status = fail(f, name, err);
	if (parent >= 0)
		close(parent);
	return status;
}

const struct remote_kind remote_folder = {.list = list,
                                          .begin = begin,
                                          .write = write_piece,
                                          .end = end,
                                          .cancel = cancel,
                                          .read = read_all,
                                          .rename = rename_file,
                                          .remove = remove_file,
                                          .free = free_folder};
