#include "backup/segment_rekey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/segment_dir.h"
#include "backup/segment_file.h"
#include "base/fsutil.h"
#include "crypto/random.h"

struct rekeying {
	const struct container_key *from, *to;
	struct container_ids ids;
	struct segment_frame frame;
	struct strbuf records, out;
	unsigned char old_hash[HASH_BYTES], new_hash[HASH_BYTES];
};

static enum dum_status gather(void *arg, const void *data, size_t len,
                              struct dum_error *err)
{
	struct strbuf *records = arg;

	strbuf_add(records, data, len);
	return strbuf_ok(records) ? DUM_OK
	                          : error_set(err, DUM_ENOMEM, "out of memory");
}

/* By the old key, or by the new one where an earlier run came so far. */
static enum dum_status unpack(struct rekeying *r, struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;

	strbuf_reset(&r->records);
	status = segment_frame_unpack(&r->frame, r->from, gather, &r->records,
	                              &inner);
	if (status == DUM_EKEY) {
		strbuf_reset(&r->records);
		error_clear(&inner);
		status = segment_frame_unpack(&r->frame, r->to, gather,
		                              &r->records, &inner);
	}
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

static enum dum_status copy_frames(struct rekeying *r, int from, int to,
                                   struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	bool any = true;

	memset(r->old_hash, 0, sizeof(r->old_hash));
	memset(r->new_hash, 0, sizeof(r->new_hash));
	while (status == DUM_OK && any) {
		status = segment_frame_read(&r->frame, &any, r->old_hash, from,
		                            err);
		if (status != DUM_OK || !any)
			break;
		strbuf_reset(&r->out);
		status = unpack(r, err);
		if (status == DUM_OK)
			status = random_bytes(r->ids.backup,
			                      sizeof(r->ids.backup), err);
		if (status == DUM_OK)
			status = segment_frame_pack(&r->out, r->new_hash,
			                            &r->records, r->to, &r->ids,
			                            err);
		if (status == DUM_OK &&
		    fs_write_all(to, r->out.buf, r->out.len) != 0)
			status = error_set(err, fs_write_status(errno),
			                   "cannot write it: %s",
			                   strerror(errno));
	}
	if (status == DUM_OK && fsync(to) != 0)
		status = error_set(err, DUM_ESYS, "cannot flush it: %s",
		                   strerror(errno));
	return status;
}

static enum dum_status to_reader(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	return segment_reader_write(arg, data, len, err);
}

static enum dum_status look(struct segment_seen *out, int fd,
                            const struct container_key *key,
                            struct dum_error *err)
{
	struct segment_file file = {.bytes = 0};
	struct segment_reader *reader = NULL;
	enum dum_status status;

	status = segment_reader_new(&reader, NULL, NULL, NULL, err);
	if (status == DUM_OK)
		status = segment_file_frames(&file, fd, key, to_reader, reader,
		                             err);
	if (status == DUM_OK && file.torn.status != DUM_OK)
		status = error_set(err, file.torn.status, "%s", file.torn.text);
	if (status == DUM_OK)
		status = segment_reader_finish(out, reader, err);
	segment_reader_free(reader);
	return status;
}

static enum dum_status rekey_one(struct rekeying *r,
                                 const struct backup_dir *dir,
                                 const struct segment_name *name,
                                 struct dum_error *err)
{
	char text[SEGMENT_NAME_MAX], partial[SEGMENT_NAME_MAX + 8];
	struct segment_seen seen = {.entries = 0};
	struct dum_error inner = {0}, ignored = {0};
	enum dum_status status;
	int64_t bytes = 0;
	int old = -1, new = -1;

	segment_name_format(text, name);
	snprintf(partial, sizeof(partial), "%s.partial", text);
	status = backup_dir_read(&old, &bytes, backup_dir_path(dir), text,
	                         &inner);
	if (status == DUM_OK)
		status = backup_dir_create(&new, dir, partial, &inner);
	if (status == DUM_OK)
		status = copy_frames(r, old, new, &inner);
	if (status == DUM_OK)
		status = look(&seen, new, r->to, &inner);
	if (status == DUM_OK)
		status = backup_dir_publish(dir, partial, text, &inner);
	if (old >= 0)
		close(old);
	if (new >= 0) {
		close(new); /* fsync has told already */
		if (status != DUM_OK)
			(void)!backup_dir_remove(dir, partial, &ignored);
	}
	return status == DUM_OK
	           ? status
	           : error_set(err, status, "%s: %s", text, inner.text);
}

enum dum_status segment_rekey_all(int *count_out, const char *backup_dir,
                                  const struct container_key *from,
                                  const struct container_key *to,
                                  struct dum_error *err)
{
	struct rekeying r = {.from = from,
	                     .to = to,
	                     .frame = {.bytes = STRBUF_INIT},
	                     .records = STRBUF_INIT,
	                     .out = STRBUF_INIT};
	struct segment_list list = {.count = 0};
	struct backup_dir *dir = NULL;
	enum dum_status status;
	int count = 0;

	status = segment_dir_take(&dir, backup_dir, "dum-backup rekey", false,
	                          err);
	if (status == DUM_OK && dir != NULL)
		status = segment_list_read(&list, backup_dir_path(dir), err);
	for (size_t i = 0; i < list.count && status == DUM_OK; i++) {
		status = rekey_one(&r, dir, &list.list[i], err);
		count += status == DUM_OK;
	}
	backup_dir_close(dir);
	segment_list_release(&list);
	strbuf_release(&r.frame.bytes);
	strbuf_release(&r.records);
	strbuf_release(&r.out);
	if (status == DUM_OK)
		*count_out = count;
	return status;
}
