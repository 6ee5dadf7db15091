#include "backup/segment_seal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "base/fsutil.h"
#include "base/gz.h"
#include "crypto/random.h"

enum { BLOCK_BYTES = 256 * 1024, GZIP_LEVEL = 6 };

struct sealing {
	int fd;
	struct container_writer *container; /* NULL: not encrypted */
	struct gz_packer *packer;
	struct hasher *hasher; /* of the records */
	struct strbuf block, packed;
};

static enum dum_status store(struct sealing *s, struct dum_error *err)
{
	size_t len = 0;

	strbuf_reset(&s->packed);
	if (strbuf_reserve(&s->packed, gz_bound(s->block.len)))
		len = gz_pack(s->packer, s->packed.buf, s->block.buf,
		              s->block.len);
	if (len == 0)
		return error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_reset(&s->block);
	if (s->container != NULL)
		return container_write(s->container, s->packed.buf, len, err);
	if (fs_write_all(s->fd, s->packed.buf, len) != 0)
		return error_set(err,
		                 errno == ENOSPC || errno == EDQUOT ||
		                         errno == EFBIG
		                     ? DUM_EFULL
		                     : DUM_ESYS,
		                 "cannot write a segment of the journal: %s",
		                 strerror(errno));
	return DUM_OK;
}

static enum dum_status take(void *arg, const void *data, size_t len,
                            struct dum_error *err)
{
	struct sealing *s = arg;

	hasher_write(s->hasher, data, len);
	strbuf_add(&s->block, data, len);
	if (!strbuf_ok(&s->block))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return s->block.len < BLOCK_BYTES ? DUM_OK : store(s, err);
}

static enum dum_status start(struct sealing *s, const struct segment_seen *seen,
                             const struct container_key *key,
                             struct dum_error *err)
{
	struct container_ids ids = {{0}, {0}};
	const char *id = seen->head.database_id;
	enum dum_status status;

	status = hasher_new(&s->hasher, err);
	if (status == DUM_OK)
		status = gz_packer_new(&s->packer, GZIP_LEVEL, err);
	if (status == DUM_OK && key != NULL &&
	    !hex_read(ids.database, sizeof(ids.database), id, strlen(id)))
		status = error_set(err, DUM_EDAMAGED,
		                   "the segment's database id is none");
	if (status == DUM_OK && key != NULL)
		status = random_bytes(ids.backup, sizeof(ids.backup), err);
	if (status == DUM_OK && key != NULL)
		status = container_writer_new(&s->container, s->fd, key, &ids,
		                              err);
	return status;
}

static enum dum_status finish(struct sealing *s, struct segment_seen *seen,
                              struct dum_error *err)
{
	enum dum_status status;

	hasher_finish(s->hasher, seen->hash);
	segment_put_end(&s->block, seen->last_id, seen->entries, seen->hash);
	status = strbuf_ok(&s->block)
	             ? store(s, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK && s->container != NULL)
		status = container_finish(s->container, err);
	if (status == DUM_OK && fsync(s->fd) != 0)
		status = error_set(err, errno == ENOSPC ? DUM_EFULL : DUM_ESYS,
		                   "cannot flush a segment of the journal: %s",
		                   strerror(errno));
	return status;
}

static enum dum_status write_sealed(int fd, struct segment_seen *seen,
                                    const struct backup_dir *dir,
                                    const struct segment_name *open,
                                    const struct container_key *key,
                                    struct dum_error *err)
{
	struct sealing s = {
	    .fd = fd, .block = STRBUF_INIT, .packed = STRBUF_INIT};
	enum dum_status status;

	status = start(&s, seen, key, err);
	if (status == DUM_OK)
		status = segment_file_bytes(backup_dir_path(dir), open, key,
		                            take, &s, err);
	if (status == DUM_OK)
		status = finish(&s, seen, err);
	container_writer_free(s.container);
	gz_packer_free(s.packer);
	hasher_free(s.hasher);
	strbuf_release(&s.block);
	strbuf_release(&s.packed);
	return status;
}

static enum dum_status to_reader(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	return segment_reader_write(arg, data, len, err);
}

/* What can be read back is what is published. */
static enum dum_status read_back(int fd, const struct segment_seen *wanted,
                                 const struct container_key *key,
                                 struct dum_error *err)
{
	const struct archive_form form = {.packed = true, .key = key};
	struct segment_reader *reader = NULL;
	struct segment_seen found;
	struct archive_seen stored;
	enum dum_status status;

	status = segment_reader_new(&reader, NULL, NULL, NULL, err);
	if (status == DUM_OK)
		status = archive_read(&stored, fd, &form, to_reader, reader,
		                      err);
	if (status == DUM_OK)
		status = segment_reader_finish(&found, reader, err);
	if (status == DUM_OK &&
	    (!found.ended || found.entries != wanted->entries ||
	     !hash_equal(found.hash, wanted->hash, HASH_BYTES)))
		status = error_set(err, DUM_EDAMAGED,
		                   "a segment of the journal was read back "
		                   "otherwise than it was written");
	segment_reader_free(reader);
	return status;
}

enum dum_status segment_seal(struct segment_seen *seen,
                             const struct backup_dir *dir,
                             const struct segment_name *open,
                             const struct container_key *key,
                             struct dum_error *err)
{
	char name[SEGMENT_NAME_MAX], partial[SEGMENT_NAME_MAX + 8];
	char open_name[SEGMENT_NAME_MAX];
	struct segment_name sealed = *open;
	struct dum_error ignored = {0};
	enum dum_status status;
	int fd = -1;

	sealed.last_id = seen->last_id;
	sealed.encrypted = key != NULL;
	segment_name_format(name, &sealed);
	segment_name_format(open_name, open);
	snprintf(partial, sizeof(partial), "%s.partial", name);
	status = backup_dir_create(&fd, dir, partial, err);
	if (status != DUM_OK)
		return status;
	status = write_sealed(fd, seen, dir, open, key, err);
	if (status == DUM_OK)
		status = read_back(fd, seen, key, err);
	close(fd); /* fsync has told already */
	if (status == DUM_OK)
		status = backup_dir_publish(dir, partial, name, err);
	else
		(void)!backup_dir_remove(dir, partial, &ignored);
	if (status == DUM_OK)
		status = backup_dir_remove(dir, open_name, err);
	return status;
}
