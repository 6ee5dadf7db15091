#include "crypto/secret_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "crypto/random.h"

enum { FILE_BYTES = 2 * SECRET_KEY_BYTES + 1 };

/* Write text into a new file of our own beside path. */
static enum dum_status write_new(const char *name, const char *text,
                                 struct dum_error *err)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool failed;

	failed = fd < 0 || fs_write_all(fd, text, FILE_BYTES) != 0 ||
	         fsync(fd) != 0;
	if (failed)
		error_set(err, DUM_ESYS, "%s: %s", name, strerror(errno));
	if (fd >= 0 && close(fd) != 0 && !failed) {
		error_set(err, DUM_ESYS, "%s: %s", name, strerror(errno));
		failed = true;
	}
	return failed ? DUM_ESYS : DUM_OK;
}

/*
 * link(2) and not rename(2): two that start at once must agree on one key, so
 * the second has to fail; and a key that is there is there whole.
 */
enum dum_status secret_key_make(const char *path, struct dum_error *err)
{
	char text[FILE_BYTES + 1], mark[17];
	struct strbuf name = STRBUF_INIT;
	enum dum_status status;

	status = random_hex(text, SECRET_KEY_BYTES, err);
	if (status == DUM_OK)
		status = random_hex(mark, 8, err);
	if (status != DUM_OK)
		return status;
	text[FILE_BYTES - 1] = '\n';
	strbuf_addf(&name, "%s.%s.partial", path, mark);
	if (!strbuf_ok(&name)) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	status = write_new(name.buf, text, err);
	if (status == DUM_OK && link(name.buf, path) != 0)
		status = error_set(err,
		                   errno == EEXIST ? DUM_ECONFLICT : DUM_ESYS,
		                   "%s: %s", path, strerror(errno));
	unlink(name.buf);
	if (status == DUM_OK)
		status = fs_sync_parent(path, err);
out:
	explicit_bzero(text, sizeof(text));
	strbuf_release(&name);
	return status;
}

/* Is the file one that nobody else could have read or changed? */
static enum dum_status check_mode(int fd, const char *path,
                                  struct dum_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, DUM_EDAMAGED, "%s is not a file", path);
	if ((st.st_mode & 0027) != 0)
		return error_set(err, DUM_ESYS,
		                 "%s has mode %04o, which lets others at the "
		                 "key; run: chmod 600 %s",
		                 path, (unsigned)(st.st_mode & 07777), path);
	return DUM_OK;
}

static enum dum_status make_id(struct secret_key *key, struct dum_error *err)
{
	char hex[HASH_HEX_MAX];
	enum dum_status status;

	status = hash_sha256_hex(hex, key->bytes, sizeof(key->bytes), err);
	if (status == DUM_OK) {
		memcpy(key->id, hex, sizeof(key->id) - 1);
		key->id[sizeof(key->id) - 1] = '\0';
	}
	return status;
}

enum dum_status secret_key_read(struct secret_key *out, const char *path,
                                const char *setting, struct dum_error *err)
{
	char text[FILE_BYTES + 1];
	enum dum_status status;
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(err, DUM_ESYS, "%s %s: %s%s", setting, path,
		                 strerror(errno),
		                 errno == ENOENT
		                     ? "; put the file back from where it is "
		                       "kept, or correct the name"
		                     : "");
	status = check_mode(fd, path, err);
	if (status != DUM_OK)
		goto out;
	len = fs_read_all(fd, text, sizeof(text));
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len < 0)
		status = error_set(err, DUM_ESYS, "%s: %s", path,
		                   strerror(errno));
	else if (!hex_read(out->bytes, SECRET_KEY_BYTES, text, (size_t)len))
		status = error_set(err, DUM_EDAMAGED,
		                   "%s holds no key of %d hexadecimal digits",
		                   path, 2 * SECRET_KEY_BYTES);
	else
		status = make_id(out, err);
	explicit_bzero(text, sizeof(text));
out:
	close(fd);
	return status;
}

void secret_key_wipe(struct secret_key *key)
{
	explicit_bzero(key, sizeof(*key));
}
