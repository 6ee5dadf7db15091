#include "backup/segment_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup_dir.h"

struct reading {
	struct segment_file *file;
	const struct container_key *key;
	segment_bytes_fn fn;
	void *arg;
};

enum dum_status segment_file_frames(struct segment_file *file, int fd,
                                    const struct container_key *key,
                                    segment_bytes_fn fn, void *arg,
                                    struct dum_error *err)
{
	struct segment_frame frame = {.bytes = STRBUF_INIT};
	unsigned char hash[HASH_BYTES] = {0};
	enum dum_status status = DUM_OK;
	bool any = true;

	/* The medium is to be read, not what memory still has of it. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (lseek(fd, 0, SEEK_SET) != 0)
		return error_set(err, DUM_ESYS, "cannot read the segment: %s",
		                 strerror(errno));
	while (status == DUM_OK && any) {
		status = segment_frame_read(&frame, &any, hash, fd,
		                            &file->torn);
		if (status == DUM_OK && any)
			status = segment_frame_unpack(&frame, key, fn, arg,
			                              err);
		if (status == DUM_OK && any) {
			file->good_bytes += (int64_t)frame.bytes.len +
			                    HASH_BYTES;
			memcpy(file->frame_hash, hash, HASH_BYTES);
		}
	}
	strbuf_release(&frame.bytes);
	if (file->torn.status == DUM_EDAMAGED ||
	    file->torn.status == DUM_ETRUNCATED)
		return DUM_OK;
	if (file->torn.status != DUM_OK)
		return error_set(err, file->torn.status, "%s", file->torn.text);
	return status;
}

static enum dum_status read_bytes(struct reading *r, const char *folder,
                                  const struct segment_name *name,
                                  struct dum_error *err)
{
	struct dum_error inner = {0};
	char text[SEGMENT_NAME_MAX];
	enum dum_status status;
	int fd = -1;

	segment_name_format(text, name);
	status = backup_dir_read(&fd, &r->file->bytes, folder, text, err);
	if (status != DUM_OK)
		return status;
	status = segment_file_frames(r->file, fd, r->key, r->fn, r->arg,
	                             &inner);
	close(fd);
	/* Only an open one can have a tail that was torn off. */
	if (status == DUM_OK && name->last_id != 0)
		status = error_set(&inner, r->file->torn.status, "%s",
		                   r->file->torn.text);
	if (status != DUM_OK)
		error_set(err, status, "%s: %s", text, inner.text);
	return status;
}

static enum dum_status to_reader(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	return segment_reader_write(arg, data, len, err);
}

/* Is it what its name says? */
static enum dum_status check_name(const struct segment_name *name,
                                  const struct segment_seen *seen,
                                  struct dum_error *err)
{
	char text[SEGMENT_NAME_MAX];

	if (strncmp(seen->head.database_id, name->database,
	            SEGMENT_DATABASE_DIGITS) == 0 &&
	    seen->head.timeline == name->timeline &&
	    seen->head.first_id == name->first_id &&
	    (name->last_id == 0 || seen->last_id == name->last_id))
		return DUM_OK;
	segment_name_format(text, name);
	return error_set(err, DUM_EDAMAGED,
	                 "%s holds other entries than its name says", text);
}

enum dum_status segment_file_read(struct segment_file *out, const char *folder,
                                  const struct segment_name *name,
                                  const struct segment_access *access,
                                  journal_record_fn fn, void *arg,
                                  struct dum_error *err)
{
	struct segment_file file = {.bytes = 0};
	struct segment_reader *reader = NULL;
	struct reading r = {
	    .file = &file, .key = access->container, .fn = to_reader};
	char text[SEGMENT_NAME_MAX];
	enum dum_status status;

	status = segment_reader_new(&reader, access->seals, fn, arg, err);
	r.arg = reader;
	if (status == DUM_OK)
		status = read_bytes(&r, folder, name, err);
	if (status == DUM_OK)
		status = segment_reader_finish(&file.seen, reader, err);
	if (status == DUM_OK)
		status = check_name(name, &file.seen, err);
	if (status == DUM_OK && name->last_id != 0 && !file.seen.ended) {
		segment_name_format(text, name);
		status = error_set(err, DUM_ETRUNCATED,
		                   "%s: it ends before its end", text);
	}
	segment_reader_free(reader);
	if (status == DUM_OK)
		*out = file;
	return status;
}

enum dum_status segment_file_bytes(const char *folder,
                                   const struct segment_name *name,
                                   const struct container_key *key,
                                   segment_bytes_fn fn, void *arg,
                                   struct dum_error *err)
{
	struct segment_file file = {.bytes = 0};
	struct reading r = {.file = &file, .key = key, .fn = fn, .arg = arg};
	enum dum_status status = read_bytes(&r, folder, name, err);

	if (status == DUM_OK && file.torn.status != DUM_OK)
		status = error_set(err, file.torn.status, "%s", file.torn.text);
	return status;
}
