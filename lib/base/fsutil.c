#include "base/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum dum_status fs_write_status(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ? DUM_EFULL
	                                                            : DUM_ESYS;
}

static enum dum_status sys_error(struct dum_error *err, const char *what,
                                 const char *path)
{
	enum dum_status status = fs_write_status(errno);

	if (errno == ENOENT)
		status = DUM_ENOTFOUND;
	else if (errno == ENOMEM)
		status = DUM_ENOMEM;
	return error_set(err, status, "%s %s: %s", what, path, strerror(errno));
}

enum dum_status fs_read_file(struct strbuf *out, const char *path, size_t limit,
                             struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	size_t start = out->len;
	char chunk[16384];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sys_error(err, "cannot open", path);
	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = sys_error(err, "cannot read", path);
			break;
		}
		strbuf_add(out, chunk, (size_t)n);
		if (out->len - start > limit) {
			status = error_set(err, DUM_EINVAL,
			                   "%s is longer than %zu bytes", path,
			                   limit);
			break;
		}
	} while (n != 0);
	close(fd); /* read only: no data to lose */
	if (status == DUM_OK && !strbuf_ok(out))
		status = error_set(err, DUM_ENOMEM, "no memory to read %s",
		                   path);
	return status;
}

ssize_t fs_read_all(int fd, void *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)out + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int fs_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int fs_copy_all(int to, int from)
{
	char piece[65536];
	ssize_t n;

	while ((n = fs_read_all(from, piece, sizeof(piece))) > 0)
		if (fs_write_all(to, piece, (size_t)n) != 0)
			return -1;
	return n == 0 ? 0 : -1;
}

char *fs_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	if (slash == path)
		return strdup("/");
	return strndup(path, (size_t)(slash - path));
}

const char *fs_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Where the file system knows no file without a name, one loses its own. */
static int open_and_unlink(const char *folder)
{
	struct strbuf path = STRBUF_INIT;
	int fd = -1;

	strbuf_addf(&path, "%s/nameless-XXXXXX", folder);
	if (strbuf_ok(&path))
		fd = mkostemp(path.buf, O_CLOEXEC);
	else
		errno = ENOMEM;
	if (fd >= 0)
		unlink(path.buf);
	strbuf_release(&path);
	return fd;
}

enum dum_status fs_open_nameless(int *fd_out, const char *folder,
                                 struct dum_error *err)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = open_and_unlink(folder);
	if (fd < 0)
		return error_set(err, fs_write_status(errno),
		                 "a file in %s: %s", folder, strerror(errno));
	*fd_out = fd;
	return DUM_OK;
}

enum dum_status fs_sync_parent(const char *path, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char *parent;
	int fd;

	parent = fs_parent(path);
	if (parent == NULL)
		return error_set(err, DUM_ENOMEM, "no memory for a path");
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		status = sys_error(err, "cannot flush directory", parent);
	if (fd >= 0)
		close(fd);
	free(parent);
	return status;
}

enum dum_status fs_partial_open(struct fs_partial *out, const char *path,
                                mode_t mode, struct dum_error *err)
{
	strbuf_addf(&out->path, "%s.partial", path);
	if (!strbuf_ok(&out->path))
		return error_set(err, DUM_ENOMEM, "no memory for a path");
	/* One left behind by a killed run is ours to replace. */
	unlink(out->path.buf);
	out->fd = open(out->path.buf,
	               O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	               mode);
	return out->fd >= 0 ? DUM_OK
	                    : sys_error(err, "cannot create", out->path.buf);
}

/* The name is no longer that of something unfinished. */
static enum dum_status published(struct fs_partial *partial, const char *path,
                                 struct dum_error *err)
{
	close(partial->fd); /* fsync has told already */
	partial->fd = -1;
	return fs_sync_parent(path, err);
}

enum dum_status fs_partial_publish(struct fs_partial *partial, const char *path,
                                   struct dum_error *err)
{
	if (fsync(partial->fd) != 0)
		return sys_error(err, "cannot write", partial->path.buf);
	if (rename(partial->path.buf, path) != 0)
		return sys_error(err, "cannot rename to", path);
	return published(partial, path, err);
}

/* Not every file system can tell; of these most know second names. */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(from, to) != 0)
		return -1;
	unlink(from);
	return 0;
}

enum dum_status fs_partial_publish_new(struct fs_partial *partial,
                                       const char *path, struct dum_error *err)
{
	if (fsync(partial->fd) != 0)
		return sys_error(err, "cannot write", partial->path.buf);
	if (rename_new(partial->path.buf, path) == 0)
		return published(partial, path, err);
	if (errno == EEXIST)
		return error_set(err, DUM_ECONFLICT,
		                 "%s is there already; name a new file", path);
	return sys_error(err, "cannot rename to", path);
}

void fs_partial_release(struct fs_partial *partial)
{
	if (partial->fd >= 0) {
		close(partial->fd);
		unlink(partial->path.buf);
	}
	partial->fd = -1;
	strbuf_release(&partial->path);
}

enum dum_status fs_write_atomic(const char *path, const void *data, size_t len,
                                mode_t mode, struct dum_error *err)
{
	struct fs_partial partial = FS_PARTIAL_INIT;
	enum dum_status status;

	status = fs_partial_open(&partial, path, mode, err);
	if (status == DUM_OK && fs_write_all(partial.fd, data, len) != 0)
		status = sys_error(err, "cannot write", partial.path.buf);
	if (status == DUM_OK)
		status = fs_partial_publish(&partial, path, err);
	fs_partial_release(&partial);
	return status;
}

static enum dum_status make_one(const char *path, struct dum_error *err)
{
	struct stat st;

	/* What will be stored in it is as lasting as its own name. */
	if (mkdir(path, 0700) == 0)
		return fs_sync_parent(path, err);
	if (errno == EEXIST && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return DUM_OK;
		errno = ENOTDIR;
	}
	return sys_error(err, "cannot make directory", path);
}

enum dum_status fs_make_dir(const char *path, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char *copy = strdup(path);

	if (copy == NULL)
		return error_set(err, DUM_ENOMEM, "no memory for a path");
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	for (char *c = copy + 1; copy[0] != '\0' && *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (!fs_exists(copy))
			status = make_one(copy, err);
		*c = '/';
		if (status != DUM_OK)
			goto out;
	}
	status = make_one(copy, err);
out:
	free(copy);
	return status;
}

bool fs_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/*
 * The folder may be another user's: a link planted there must not give that
 * user some other file.
 */
static void adopt_owner(int fd, const char *path)
{
	struct stat st, own;

	if (geteuid() != 0 || stat(path, &st) != 0 || fstat(fd, &own) != 0 ||
	    !S_ISREG(own.st_mode) || own.st_nlink != 1)
		return;
	if (fchown(fd, st.st_uid, st.st_gid) == 0)
		(void)!fchmod(fd, st.st_mode & 0660);
}

enum dum_status fs_open_beside(int *fd_out, const char *path,
                               const char *suffix, struct dum_error *err)
{
	const int flags = O_CLOEXEC | O_NOFOLLOW;
	struct strbuf name = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	int fd;

	strbuf_addf(&name, "%s%s", path, suffix);
	if (!strbuf_ok(&name)) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	fd = open(name.buf, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
	if (fd >= 0)
		adopt_owner(fd, path);
	else if (errno == EEXIST)
		fd = open(name.buf, O_RDWR | flags);
	if (fd < 0)
		status = error_set(err,
		                   errno == EROFS ? DUM_EREADONLY : DUM_ESYS,
		                   "%s: %s", name.buf, strerror(errno));
	else
		*fd_out = fd;
out:
	strbuf_release(&name);
	return status;
}
