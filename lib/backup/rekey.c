#include "backup/rekey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/companion.h"
#include "backup/verify.h"
#include "base/fsutil.h"

static enum dum_status copy_with_key(int from, int to,
                                     const struct container_key *old,
                                     const struct container_key *new,
                                     struct dum_error *err)
{
	unsigned char header[CONTAINER_HEADER_BYTES];
	enum dum_status status;

	if (fs_read_all(from, header, sizeof(header)) !=
	    (ssize_t)sizeof(header))
		return error_set(err, DUM_ETRUNCATED,
		                 "the encrypted file ends too soon");
	status = container_rekey(header, old, new, err);
	if (status == DUM_OK &&
	    (fs_write_all(to, header, sizeof(header)) != 0 ||
	     fs_copy_all(to, from) != 0 || fsync(to) != 0))
		status = error_set(err, fs_write_status(errno),
		                   "cannot copy the backup: %s",
		                   strerror(errno));
	return status;
}

/*
 * Verify the copy as what the backup is, and let it take its place. What went
 * along with it goes first: when that was done and the backup was not, this
 * can be run again.
 */
static enum dum_status replace(const struct backup_dir *dir, const char *name,
                               const char *partial, int fd,
                               const struct container_key *old,
                               const struct container_key *key,
                               struct dum_error *err)
{
	const struct verify_request request = {
	    .dir = dir, .name = name, .level = 1, .key = key};
	const char *path = backup_dir_path(dir);
	struct dum_error none = {0};
	struct backup_name parsed;
	enum dum_status status;
	struct manifest m;
	bool has_manifest;

	status = manifest_read(&m, path, name, &none);
	has_manifest = status == DUM_OK;
	if (status != DUM_OK && status != DUM_ENOTFOUND)
		return error_set(err, status, "%s", none.text);
	if (!has_manifest) {
		m = (struct manifest){.encrypted = true};
		m.packed = backup_name_parse(&parsed, name) && parsed.packed;
	}
	m.stored_sha256[0] = '\0';
	status = verify_file(&m, NULL, fd, &request, err);
	if (status == DUM_OK && m.config.files > 0)
		status = companion_rekey(&m, dir, old, key, err);
	if (status == DUM_OK)
		status = backup_dir_publish(dir, partial, name, err);
	if (status == DUM_OK && has_manifest)
		status = manifest_write(&m, path, err);
	return status;
}

enum dum_status backup_rekey(const struct backup_dir *dir, const char *name,
                             const struct container_key *from,
                             const struct container_key *to,
                             struct dum_error *err)
{
	char partial[BACKUP_NAME_MAX + 8];
	struct dum_error ignored = {0};
	struct backup_name parsed;
	enum dum_status status;
	int64_t bytes = 0;
	int old = -1, new = -1;

	if (!backup_name_parse(&parsed, name))
		return error_set(err, DUM_EINVAL,
		                 "'%.100s' is no name of a backup in %s; "
		                 "dum-backup list shows them",
		                 name, backup_dir_path(dir));
	if (!parsed.encrypted)
		return error_set(err, DUM_EINVAL,
		                 "%s is not encrypted: there is no key to "
		                 "change",
		                 name);
	snprintf(partial, sizeof(partial), "%s.partial", name);
	status = backup_dir_read(&old, &bytes, backup_dir_path(dir), name, err);
	if (status == DUM_OK)
		status = backup_dir_need(dir, bytes, "a copy of the backup",
		                         err);
	if (status == DUM_OK)
		status = backup_dir_create(&new, dir, partial, err);
	if (status == DUM_OK)
		status = copy_with_key(old, new, from, to, err);
	if (status == DUM_OK)
		status = replace(dir, name, partial, new, from, to, err);
	if (old >= 0)
		close(old);
	if (new >= 0) {
		close(new); /* fsync has told already */
		if (status != DUM_OK)
			(void)!backup_dir_remove(dir, partial, &ignored);
	}
	return status;
}
