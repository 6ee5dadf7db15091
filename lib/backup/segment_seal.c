#include "backup/segment_seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "crypto/random.h"

/* Records of one frame. */
enum { BLOCK_BYTES = 1024 * 1024 };

struct sealing {
	int fd;
	const struct container_key *key;
	struct container_ids ids;
	struct hasher *hasher; /* of the records */
	struct strbuf block, frame;
	unsigned char chain[HASH_BYTES]; /* of the frame before */
};

static enum dum_status no_memory(struct dum_error *err)
{
	return error_set(err, DUM_ENOMEM, "out of memory");
}

static enum dum_status write_error(struct dum_error *err)
{
	return error_set(err, fs_write_status(errno),
	                 "cannot write a segment of the journal: %s",
	                 strerror(errno));
}

static enum dum_status store(struct sealing *s, struct dum_error *err)
{
	enum dum_status status;

	strbuf_reset(&s->frame);
	status = segment_frame_pack(&s->frame, s->chain, &s->block, s->key,
	                            &s->ids, err);
	if (status == DUM_OK &&
	    fs_write_all(s->fd, s->frame.buf, s->frame.len) != 0)
		status = write_error(err);
	strbuf_reset(&s->block);
	return status;
}

static enum dum_status take(void *arg, const void *data, size_t len,
                            struct dum_error *err)
{
	struct sealing *s = arg;

	hasher_write(s->hasher, data, len);
	strbuf_add(&s->block, data, len);
	if (!strbuf_ok(&s->block))
		return no_memory(err);
	return s->block.len < BLOCK_BYTES ? DUM_OK : store(s, err);
}

static enum dum_status start(struct sealing *s, const struct segment_seen *seen,
                             struct dum_error *err)
{
	const char *id = seen->head.database_id;

	if (!hex_read(s->ids.database, sizeof(s->ids.database), id, strlen(id)))
		return error_set(err, DUM_EDAMAGED,
		                 "the segment's database id is none");
	return random_bytes(s->ids.backup, sizeof(s->ids.backup), err);
}

static enum dum_status finish(struct sealing *s, struct segment_seen *seen,
                              struct dum_error *err)
{
	enum dum_status status;

	hasher_finish(s->hasher, seen->hash);
	segment_put_end(&s->block, seen->last_id, seen->entries, seen->hash);
	status = strbuf_ok(&s->block) ? store(s, err) : no_memory(err);
	if (status == DUM_OK && fsync(s->fd) != 0)
		status = write_error(err);
	return status;
}

static enum dum_status write_sealed(int fd, struct segment_seen *seen,
                                    const struct backup_dir *dir,
                                    const struct segment_name *open,
                                    const struct container_key *key,
                                    struct dum_error *err)
{
	struct sealing s = {
	    .fd = fd, .key = key, .block = STRBUF_INIT, .frame = STRBUF_INIT};
	enum dum_status status;

	status = hasher_new(&s.hasher, err);
	if (status == DUM_OK)
		status = start(&s, seen, err);
	if (status == DUM_OK)
		status = segment_file_bytes(backup_dir_path(dir), open, key,
		                            take, &s, err);
	if (status == DUM_OK)
		status = finish(&s, seen, err);
	hasher_free(s.hasher);
	strbuf_release(&s.block);
	strbuf_release(&s.frame);
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
	struct segment_file file = {.bytes = 0};
	struct segment_reader *reader = NULL;
	struct segment_seen found = {.entries = 0};
	enum dum_status status;

	status = segment_reader_new(&reader, NULL, NULL, NULL, err);
	if (status == DUM_OK)
		status = segment_file_frames(&file, fd, key, to_reader, reader,
		                             err);
	if (status == DUM_OK)
		status = segment_reader_finish(&found, reader, err);
	if (status == DUM_OK &&
	    (file.torn.status != DUM_OK || !found.ended ||
	     found.entries != wanted->entries ||
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
