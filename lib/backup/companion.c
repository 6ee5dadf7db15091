#include "backup/companion.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "base/fsutil.h"
#include "base/plural.h"
#include "base/tar.h"

void companion_name(char out[static COMPANION_NAME_MAX], const char *backup)
{
	snprintf(out, COMPANION_NAME_MAX, "%s" COMPANION_END, backup);
}

/* --- reading -------------------------------------------------------------- */

static enum dum_status take(void *arg, const void *data, size_t len,
                            struct dum_error *err)
{
	struct strbuf *tar = arg;

	if (tar->len + len > COMPANION_BYTES_MAX)
		return error_set(err, DUM_EDAMAGED, "it is too large");
	strbuf_add(tar, data, len);
	return strbuf_ok(tar) ? DUM_OK
	                      : error_set(err, DUM_ENOMEM, "out of memory");
}

/* The tar, and how it is stored. */
static enum dum_status decode(struct strbuf *tar, struct archive_seen *seen,
                              int fd, const struct container_key *key,
                              struct dum_error *err)
{
	const struct archive_form form = {.packed = false, .key = key};
	off_t size = lseek(fd, 0, SEEK_END);

	/* Grown by copying, it would leave copies of keys behind. */
	if (size < 0 || size > COMPANION_BYTES_MAX ||
	    !strbuf_reserve(tar, (size_t)size))
		return error_set(err, DUM_EDAMAGED, "it is too large");
	return archive_read(seen, fd, &form, take, tar, err);
}

/* Whole, and as many files as were put in. */
static enum dum_status check_tar(const struct strbuf *tar,
                                 const struct manifest_config *c,
                                 struct dum_error *err)
{
	struct tar_reader reader = {.data = tar->buf, .len = tar->len};
	enum dum_status status = DUM_OK;
	struct tar_file file;
	int64_t files = -1;
	bool any = true;

	for (; status == DUM_OK && any; files++)
		status = tar_next(&file, &any, &reader, err);
	if (status == DUM_OK && c->files != 0 && files != c->files)
		status = error_set(
		    err, DUM_EDAMAGED, "it holds %lld file%s, not %lld",
		    (long long)files, plural_s(files), (long long)c->files);
	return status;
}

static enum dum_status check_plain(const struct strbuf *tar,
                                   const struct manifest_config *c,
                                   struct dum_error *err)
{
	enum dum_status status;
	char hex[HASH_HEX_MAX];

	status = hash_sha256_hex(hex, tar->buf, tar->len, err);
	if (status == DUM_OK && c->files != 0 && strcmp(hex, c->sha256) != 0)
		status = error_set(err, DUM_EDAMAGED,
		                   "it is not what went along with the backup");
	return status == DUM_OK ? check_tar(tar, c, err) : status;
}

static enum dum_status check_key(const struct manifest *m,
                                 const struct container_key *key,
                                 struct dum_error *err)
{
	if (!m->encrypted || key != NULL)
		return DUM_OK;
	return error_set(err, DUM_EKEY,
	                 "it is encrypted: name the key with BACKUP_KEY_FILE "
	                 "or --key-file, or use --passphrase");
}

/* What is wrong with it, by its name. */
static enum dum_status name_error(const char *name, enum dum_status status,
                                  const struct dum_error *inner,
                                  struct dum_error *err)
{
	if (status == DUM_OK)
		return DUM_OK;
	return error_set(err, status, "%s: %s", name, inner->text);
}

enum dum_status companion_read(struct strbuf *tar, const struct manifest *m,
                               const char *folder,
                               const struct container_key *key,
                               struct dum_error *err)
{
	char name[COMPANION_NAME_MAX];
	struct dum_error inner = {0};
	struct archive_seen seen;
	enum dum_status status;
	int64_t bytes = 0;
	int fd = -1;

	companion_name(name, m->name);
	status = backup_dir_read(&fd, &bytes, folder, name, err);
	if (status != DUM_OK)
		return status;
	status = check_key(m, key, &inner);
	if (status == DUM_OK)
		status = decode(tar, &seen, fd, m->encrypted ? key : NULL,
		                &inner);
	if (status == DUM_OK)
		status = check_plain(tar, &m->config, &inner);
	close(fd);
	return name_error(name, status, &inner, err);
}

/* --- verifying ------------------------------------------------------------ */

static enum dum_status check_stored(const struct manifest *m,
                                    const char *folder, const char *name,
                                    struct dum_error *err)
{
	struct archive_seen seen = {0};
	enum dum_status status;
	char hex[HASH_HEX_MAX];
	int64_t bytes = 0;
	int fd = -1;

	status = backup_dir_read(&fd, &bytes, folder, name, err);
	if (status != DUM_OK)
		return status;
	status = archive_hash(&seen, fd, err);
	close(fd);
	if (status != DUM_OK)
		return status;
	hex_write(hex, seen.stored_hash, HASH_BYTES);
	if (seen.stored_bytes < m->config.stored_bytes)
		return error_set(
		    err, DUM_ETRUNCATED, "%s has %lld byte%s, not %lld", name,
		    (long long)seen.stored_bytes, plural_s(seen.stored_bytes),
		    (long long)m->config.stored_bytes);
	if (strcmp(hex, m->config.stored_sha256) != 0)
		return error_set(err, DUM_EDAMAGED,
		                 "the bytes of %s are not those that were "
		                 "written",
		                 name);
	return DUM_OK;
}

/*
 * An encrypted one that decodes is right in every bit; another hash of its
 * bytes is that of a rekey cut short before the manifest.
 */
static enum dum_status verify(const struct manifest *m, const char *folder,
                              const char *name, int level,
                              const struct container_key *key,
                              struct dum_error *err)
{
	struct strbuf tar = STRBUF_INIT;
	enum dum_status status = DUM_OK;

	if (level == 0 || !m->encrypted)
		status = check_stored(m, folder, name, err);
	if (status == DUM_OK && level > 0)
		status = companion_read(&tar, m, folder, key, err);
	explicit_bzero(tar.buf, tar.cap);
	strbuf_release(&tar);
	return status;
}

enum dum_status companion_verify(const struct manifest *m, const char *folder,
                                 int level, const struct container_key *key,
                                 struct dum_error *err)
{
	char name[COMPANION_NAME_MAX];
	struct dum_error inner = {0};
	enum dum_status status;

	if (m->config.files == 0)
		return DUM_OK;
	companion_name(name, m->name);
	status = verify(m, folder, name, level, key, &inner);
	/* It was there with the backup: to be without it is damage. */
	if (status == DUM_ENOTFOUND)
		return error_set(err, DUM_EDAMAGED,
		                 "%s, the configuration that went along, is "
		                 "missing",
		                 name);
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

/* --- writing -------------------------------------------------------------- */

static enum dum_status store(int fd, const struct strbuf *tar,
                             const struct container_key *key,
                             const struct container_ids *ids,
                             struct dum_error *err)
{
	struct container_writer *container = NULL;
	enum dum_status status = DUM_OK;

	if (key != NULL) {
		status = container_writer_new(&container, fd, key, ids, err);
		if (status == DUM_OK)
			status = container_write(container, tar->buf, tar->len,
			                         err);
		if (status == DUM_OK)
			status = container_finish(container, err);
		container_writer_free(container);
	} else if (fs_write_all(fd, tar->buf, tar->len) != 0) {
		status = error_set(err, fs_write_status(errno),
		                   "cannot write it: %s", strerror(errno));
	}
	if (status == DUM_OK && fsync(fd) != 0)
		status = error_set(err, fs_write_status(errno),
		                   "cannot flush it: %s", strerror(errno));
	return status;
}

/* From the medium; and what its bytes are, for the manifest. */
static enum dum_status read_back(struct manifest_config *c, int fd,
                                 const struct container_key *key,
                                 struct dum_error *err)
{
	struct strbuf tar = STRBUF_INIT;
	struct archive_seen seen = {0};
	enum dum_status status;

	status = decode(&tar, &seen, fd, key, err);
	if (status == DUM_OK)
		status = check_plain(&tar, c, err);
	if (status == DUM_OK) {
		c->stored_bytes = seen.stored_bytes;
		hex_write(c->stored_sha256, seen.stored_hash, HASH_BYTES);
	}
	explicit_bzero(tar.buf, tar.cap);
	strbuf_release(&tar);
	return status;
}

/* All of it, in place of one that is there. */
static enum dum_status publish(struct manifest_config *c,
                               const struct backup_dir *dir, const char *name,
                               const struct strbuf *tar,
                               const struct container_key *key,
                               const struct container_ids *ids,
                               struct dum_error *err)
{
	char partial[COMPANION_NAME_MAX + 8];
	struct dum_error ignored = {0};
	enum dum_status status;
	int fd = -1;

	snprintf(partial, sizeof(partial), "%s.partial", name);
	status = backup_dir_create(&fd, dir, partial, err);
	if (status != DUM_OK)
		return status;
	status = store(fd, tar, key, ids, err);
	if (status == DUM_OK)
		status = read_back(c, fd, key, err);
	close(fd); /* fsync has told already */
	if (status == DUM_OK)
		status = backup_dir_publish(dir, partial, name, err);
	if (status != DUM_OK)
		(void)!backup_dir_remove(dir, partial, &ignored);
	return status;
}

enum dum_status companion_write(struct manifest *m,
                                const struct backup_dir *dir,
                                const struct strbuf *tar, int files,
                                const struct container_key *key,
                                const struct container_ids *ids,
                                struct dum_error *err)
{
	struct manifest_config config = {.files = files,
	                                 .bytes = (int64_t)tar->len};
	char name[COMPANION_NAME_MAX];
	struct dum_error inner = {0};
	enum dum_status status;

	companion_name(name, m->name);
	status = hash_sha256_hex(config.sha256, tar->buf, tar->len, &inner);
	if (status == DUM_OK)
		status = publish(&config, dir, name, tar, key, ids, &inner);
	if (status == DUM_OK)
		m->config = config;
	return name_error(name, status, &inner, err);
}

enum dum_status companion_rekey(struct manifest *m,
                                const struct backup_dir *dir,
                                const struct container_key *from,
                                const struct container_key *to,
                                struct dum_error *err)
{
	const char *path = backup_dir_path(dir);
	char name[COMPANION_NAME_MAX];
	struct strbuf tar = STRBUF_INIT;
	struct archive_seen seen = {0};
	struct dum_error inner = {0};
	enum dum_status status;
	int64_t bytes;
	int fd = -1;

	companion_name(name, m->name);
	status = backup_dir_read(&fd, &bytes, path, name, err);
	if (status != DUM_OK)
		return status;
	status = decode(&tar, &seen, fd, to, &inner);
	if (status == DUM_EKEY) {
		error_clear(&inner);
		status = decode(&tar, &seen, fd, from, &inner);
	}
	if (status == DUM_OK)
		status = publish(&m->config, dir, name, &tar, to, &seen.ids,
		                 &inner);
	close(fd);
	explicit_bzero(tar.buf, tar.cap);
	strbuf_release(&tar);
	return name_error(name, status, &inner, err);
}
