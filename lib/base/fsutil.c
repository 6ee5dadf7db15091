#include "base/fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum dum_status sys_error(struct dum_error *err, const char *what,
                                 const char *path)
{
	enum dum_status status = DUM_ESYS;

	if (errno == ENOENT)
		status = DUM_ENOTFOUND;
	else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		status = DUM_EFULL;
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
		return error_set(err,
		                 errno == ENOSPC || errno == EDQUOT ? DUM_EFULL
		                                                    : DUM_ESYS,
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

enum dum_status fs_write_atomic(const char *path, const void *data, size_t len,
                                mode_t mode, struct dum_error *err)
{
	struct strbuf partial = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	bool made = false;
	int fd = -1;

	strbuf_addf(&partial, "%s.partial", path);
	if (!strbuf_ok(&partial)) {
		status = error_set(err, DUM_ENOMEM, "no memory for a path");
		goto out;
	}
	/* One left behind by a killed run is ours to replace. */
	unlink(partial.buf);
	fd = open(partial.buf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0) {
		status = sys_error(err, "cannot create", partial.buf);
		goto out;
	}
	made = true;
	if (fs_write_all(fd, data, len) != 0 || fsync(fd) != 0) {
		status = sys_error(err, "cannot write", partial.buf);
		goto out;
	}
	if (rename(partial.buf, path) != 0) {
		status = sys_error(err, "cannot rename to", path);
		goto out;
	}
	made = false;
	status = fs_sync_parent(path, err);
out:
	if (fd >= 0)
		close(fd); /* fsync has told already */
	if (made)
		unlink(partial.buf);
	strbuf_release(&partial);
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
