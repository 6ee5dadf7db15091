#include "backup/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/companion.h"
#include "backup/image_hash.h"
#include "base/plural.h"

struct verifying {
	struct image_reader *reader;
	struct image *image; /* NULL: it is not unpacked */
	const struct verify_request *request;
	int64_t done, all; /* bytes of the image */
};

const char *verify_level_text(int level)
{
	static const char *const texts[] = {
	    "size and hash", "decoded and hashed",
	    "decoded, integrity and row counts checked",
	    "decoded, integrity and every value checked"};

	return level >= 0 && level <= VERIFY_LEVEL_MAX ? texts[level] : "never";
}

static enum dum_status take(void *arg, const void *data, size_t len,
                            struct dum_error *err)
{
	struct verifying *v = arg;
	enum dum_status status;

	status = image_reader_write(v->reader, data, len, err);
	if (status == DUM_OK && v->image != NULL)
		status = image_write(v->image, data, len, err);
	v->done += (int64_t)len;
	if (v->request->progress != NULL)
		v->request->progress(v->request->arg, v->done, v->all);
	return status;
}

static bool has_facts(const struct manifest *m)
{
	return m->id[0] != '\0';
}

/* Of the file: how long it is, and what its bytes are. */
static enum dum_status check_stored(struct manifest *m,
                                    const struct archive_seen *seen,
                                    bool sealed, struct dum_error *err)
{
	char hex[HASH_HEX_MAX];

	hex_write(hex, seen->stored_hash, HASH_BYTES);
	if (m->stored_sha256[0] != '\0') {
		if (seen->stored_bytes < m->stored_bytes)
			return error_set(err, DUM_ETRUNCATED,
			                 "it has %lld byte%s, not %lld",
			                 (long long)seen->stored_bytes,
			                 plural_s(seen->stored_bytes),
			                 (long long)m->stored_bytes);
		/*
		 * An encrypted one that decodes is right in every bit; another
		 * hash is that of a rekey cut short before the manifest.
		 */
		if (!sealed && strcmp(hex, m->stored_sha256) != 0)
			return error_set(err, DUM_EDAMAGED,
			                 "its bytes are not those that were "
			                 "written");
	}
	m->stored_bytes = seen->stored_bytes;
	memcpy(m->stored_sha256, hex, sizeof(hex));
	return DUM_OK;
}

static enum dum_status check_image(struct manifest *m,
                                   const struct image_seen *seen,
                                   struct dum_error *err)
{
	const struct snapshot_facts *f = &m->facts;

	hex_write(m->verification.image_sha256, seen->whole, HASH_BYTES);
	if (!has_facts(m))
		return DUM_OK;
	if (seen->bytes != f->page_size * f->page_count)
		return error_set(err, DUM_EDAMAGED,
		                 "the database in it has %lld bytes, not %lld",
		                 (long long)seen->bytes,
		                 (long long)f->page_size * f->page_count);
	if (!hash_equal(seen->pages, f->pages_hash, HASH_BYTES))
		return error_set(err, DUM_EDAMAGED,
		                 "the database in it is not the one that was "
		                 "backed up");
	return DUM_OK;
}

static enum dum_status check_ids(const struct manifest *m,
                                 const struct archive_seen *seen,
                                 struct dum_error *err)
{
	char id[SNAPSHOT_ID_MAX];

	hex_write(id, seen->ids.backup, CONTAINER_ID_BYTES);
	if (has_facts(m) && seen->has_ids && strcmp(id, m->id) != 0)
		return error_set(err, DUM_EDAMAGED,
		                 "it is another backup than its manifest says");
	return DUM_OK;
}

static enum dum_status check_rows(const struct manifest *m, sqlite3 *handle,
                                  const char *path, struct dum_error *err)
{
	struct content_tables found = {.count = 0};
	enum dum_status status;

	status = content_read(&found, handle, path, false, err);
	if (status == DUM_OK && has_facts(m))
		status = content_compare(&found, &m->facts.tables, true, err);
	return status;
}

static enum dum_status look_inside(const struct manifest *m,
                                   struct image *image, int level,
                                   struct dum_error *err)
{
	sqlite3 *handle = NULL;
	enum dum_status status;

	status = image_open(&handle, image, err);
	if (status == DUM_OK)
		status = image_check(handle, "the backup", err);
	if (status == DUM_OK && level >= 3)
		status = check_rows(m, handle, "the backup", err);
	else if (status == DUM_OK && has_facts(m))
		status = content_compare_counts(handle, &m->facts.tables, err);
	image_close(image);
	return status;
}

static enum dum_status decode(struct manifest *m, struct verifying *v, int fd,
                              const struct verify_request *request,
                              struct dum_error *err)
{
	struct archive_form form = {.packed = m->packed};
	struct archive_seen stored = {0};
	struct image_seen image;
	enum dum_status status;

	if (m->encrypted && request->key == NULL)
		return error_set(err, DUM_EKEY,
		                 "it is encrypted: name the key with "
		                 "BACKUP_KEY_FILE or --key-file, or use "
		                 "--passphrase");
	form.key = m->encrypted ? request->key : NULL;
	status = archive_read(&stored, fd, &form, take, v, err);
	if (status == DUM_OK)
		status = image_reader_finish(&image, v->reader, err);
	if (status == DUM_OK)
		status = check_ids(m, &stored, err);
	if (status == DUM_OK)
		status = check_image(m, &image, err);
	if (status == DUM_OK)
		status = check_stored(m, &stored, m->encrypted, err);
	return status;
}

/* Of a backup without a manifest the packed size is all that is known. */
static int64_t image_bytes(const struct manifest *m)
{
	if (has_facts(m))
		return m->facts.page_size * m->facts.page_count;
	return m->stored_bytes * (m->packed ? 4 : 1);
}

static enum dum_status verify_by_level(struct manifest *m,
                                       struct image **image_out, int fd,
                                       const struct verify_request *request,
                                       struct dum_error *err)
{
	struct archive_seen stored = {0};
	struct verifying v = {.request = request, .all = image_bytes(m)};
	enum dum_status status;

	if (request->level == 0) {
		status = archive_hash(&stored, fd, err);
		if (status == DUM_OK)
			status = check_stored(m, &stored, false, err);
		return status;
	}
	status = image_reader_new(&v.reader, err);
	if (status == DUM_OK && request->level >= 2)
		status = image_new(&v.image, request->dir, image_bytes(m), err);
	if (status == DUM_OK)
		status = decode(m, &v, fd, request, err);
	if (status == DUM_OK && request->level >= 2)
		status = look_inside(m, v.image, request->level, err);
	if (status == DUM_OK && image_out != NULL) {
		*image_out = v.image;
		v.image = NULL;
	}
	image_free(v.image);
	image_reader_free(v.reader);
	return status;
}

enum dum_status verify_file(struct manifest *m, struct image **image_out,
                            int fd, const struct verify_request *request,
                            struct dum_error *err)
{
	struct manifest_verification *v = &m->verification;
	int64_t start_ms = clock_monotonic_ms();
	struct dum_error inner = {0};
	enum dum_status status;

	status = verify_by_level(m, image_out, fd, request, &inner);
	/* A key that is missing or a full disk says nothing of the backup. */
	if (status == DUM_OK || status == DUM_EDAMAGED ||
	    status == DUM_ETRUNCATED) {
		v->level = request->level;
		v->ok = status == DUM_OK;
		v->duration_ms = clock_monotonic_ms() - start_ms;
		clock_format_utc(v->at, clock_now());
		snprintf(v->problem, sizeof(v->problem), "%s", inner.text);
	}
	if (status != DUM_OK)
		error_set(err, status, "%s: %s", request->name, inner.text);
	return status;
}

/* What the name alone tells, for a backup without a manifest. */
static enum dum_status from_name(struct manifest *m, const char *name,
                                 int64_t bytes, struct dum_error *err)
{
	struct backup_name parsed;

	if (!backup_name_parse(&parsed, name))
		return error_set(err, DUM_EINVAL, "'%s' is no name of a backup",
		                 name);
	*m = (struct manifest){.packed = parsed.packed,
	                       .encrypted = parsed.encrypted,
	                       .stored_bytes = bytes,
	                       .verification.level = -1};
	snprintf(m->name, sizeof(m->name), "%s", name);
	return DUM_OK;
}

/* The backup is sound; is what went along with it, too? */
static enum dum_status verify_companion(struct manifest *m, const char *dir,
                                        const struct verify_request *request,
                                        struct dum_error *err)
{
	struct manifest_verification *v = &m->verification;
	struct dum_error inner = {0};
	enum dum_status status;

	status = companion_verify(m, dir, request->level, request->key, &inner);
	if (status == DUM_OK)
		return DUM_OK;
	if (status == DUM_EDAMAGED || status == DUM_ETRUNCATED) {
		v->ok = false;
		snprintf(v->problem, sizeof(v->problem), "%s", inner.text);
	}
	return error_set(err, status, "%s", inner.text);
}

enum dum_status verify_backup(struct manifest *manifest_out,
                              struct image **image_out,
                              const struct verify_request *request,
                              struct dum_error *err)
{
	const char *dir = request->folder != NULL
	                      ? request->folder
	                      : backup_dir_path(request->dir);
	struct manifest_verification before;
	struct dum_error inner = {0};
	enum dum_status status, written;
	struct manifest m;
	int64_t bytes = 0;
	int fd = -1;

	status = backup_dir_read(&fd, &bytes, dir, request->name, err);
	if (status != DUM_OK)
		return status;
	status = manifest_read(&m, dir, request->name, &inner);
	if (status == DUM_ENOTFOUND)
		status = from_name(&m, request->name, bytes, err);
	else if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	if (status != DUM_OK)
		goto out;
	before = m.verification;
	status = verify_file(&m, image_out, fd, request, err);
	if (status == DUM_OK && request->config)
		status = verify_companion(&m, dir, request, err);
	/* A quick look does not take back what a thorough one has proved. */
	if (status == DUM_OK && before.ok && before.level > request->level)
		m.verification = before;
	if (request->folder == NULL && has_facts(&m) &&
	    (status == DUM_OK || status == DUM_EDAMAGED ||
	     status == DUM_ETRUNCATED)) {
		written = manifest_write(&m, dir, err);
		if (status == DUM_OK)
			status = written;
	}
	if (status == DUM_OK)
		*manifest_out = m;
out:
	close(fd);
	return status;
}
