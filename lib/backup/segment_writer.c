#include "backup/segment_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/segment_seal.h"
#include "base/fsutil.h"
#include "base/instant.h"
#include "crypto/random.h"

struct segment_writer {
	const struct backup_dir *dir;
	const struct container_key *key;
	char database_id[SEGMENT_ID_MAX];
	struct strbuf records; /* that wait */
	struct strbuf frame;
	/* The segment before the next one. */
	bool has_previous;
	unsigned char previous[HASH_BYTES];
	/* The open one. */
	bool open;
	int fd; /* -1: it has no file yet */
	struct segment_name name;
	struct segment_seen seen;
	int64_t bytes; /* of its file */
	unsigned char hash[HASH_BYTES];
};

static enum dum_status no_memory(struct dum_error *err)
{
	return error_set(err, DUM_ENOMEM, "out of memory");
}

enum dum_status segment_writer_new(struct segment_writer **out,
                                   const struct backup_dir *dir,
                                   const struct container_key *key,
                                   const char *database_id,
                                   struct dum_error *err)
{
	struct segment_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return no_memory(err);
	w->dir = dir;
	w->key = key;
	w->fd = -1;
	strbuf_init(&w->records);
	strbuf_init(&w->frame);
	snprintf(w->database_id, sizeof(w->database_id), "%s", database_id);
	*out = w;
	return DUM_OK;
}

void segment_writer_free(struct segment_writer *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	strbuf_release(&w->records);
	strbuf_release(&w->frame);
	free(w);
}

static enum dum_status file_error(const struct segment_writer *w,
                                  struct dum_error *err)
{
	char name[SEGMENT_NAME_MAX];

	segment_name_format(name, &w->name);
	return error_set(err, fs_write_status(errno), "%s/%s: %s",
	                 backup_dir_path(w->dir), name, strerror(errno));
}

enum dum_status segment_writer_resume(struct segment_writer *w,
                                      const struct segment_name *name,
                                      const struct segment_file *file,
                                      struct dum_error *err)
{
	struct strbuf path = STRBUF_INIT;
	char text[SEGMENT_NAME_MAX];
	enum dum_status status = DUM_OK;

	w->name = *name;
	w->seen = file->seen;
	w->bytes = file->good_bytes;
	memcpy(w->hash, file->frame_hash, HASH_BYTES);
	segment_name_format(text, name);
	strbuf_addf(&path, "%s/%s", backup_dir_path(w->dir), text);
	if (!strbuf_ok(&path)) {
		status = no_memory(err);
	} else {
		w->fd = open(path.buf, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (w->fd < 0 || (file->bytes > file->good_bytes &&
		                  (ftruncate(w->fd, (off_t)w->bytes) != 0 ||
		                   fsync(w->fd) != 0)))
			status = file_error(w, err);
	}
	strbuf_release(&path);
	w->open = status == DUM_OK;
	return status;
}

void segment_writer_follow(struct segment_writer *w,
                           const struct segment_seen *sealed)
{
	w->has_previous = true;
	memcpy(w->previous, sealed->hash, HASH_BYTES);
	w->seen = *sealed;
}

bool segment_writer_is_due(const struct segment_writer *w, int64_t bytes,
                           int64_t age_s)
{
	if (!w->open || w->seen.entries == 0 ||
	    w->seen.whole_id != w->seen.last_id)
		return false;
	return w->seen.bytes + (int64_t)w->records.len >= bytes ||
	       clock_now() - instant_read_utc(w->seen.head.at) >= age_s;
}

bool segment_writer_starts_change(const struct segment_writer *w,
                                  const struct journal_record *entry)
{
	return !w->open || entry->batch != w->seen.last_batch;
}

bool segment_writer_is_of_other(const struct segment_writer *w,
                                const struct journal_record *entry)
{
	return w->open && entry->timeline != w->seen.head.timeline;
}

static void begin(struct segment_writer *w, const struct journal_record *entry)
{
	struct segment_head head = {.timeline = entry->timeline,
	                            .first_id = entry->id,
	                            .has_previous = w->has_previous};

	memcpy(head.database_id, w->database_id, sizeof(head.database_id));
	memcpy(head.prev, entry->prev, HASH_BYTES);
	memcpy(head.previous, w->previous, HASH_BYTES);
	clock_format_utc(head.at, clock_now());
	w->seen = (struct segment_seen){.head = head,
	                                .last_id = entry->id - 1,
	                                .whole_id = entry->id - 1,
	                                .last_batch = -1};
	memcpy(w->seen.last_mac, entry->prev, HASH_BYTES);
	w->name = (struct segment_name){.timeline = entry->timeline,
	                                .first_id = entry->id};
	memcpy(w->name.database, w->database_id, SEGMENT_DATABASE_DIGITS);
	w->bytes = 0;
	memset(w->hash, 0, sizeof(w->hash));
	w->open = true;
	segment_put_head(&w->records, &head);
}

void segment_writer_whole(struct segment_writer *w)
{
	if (!w->open || w->seen.whole_id == w->seen.last_id)
		return;
	segment_put_whole(&w->records);
	w->seen.whole_id = w->seen.last_id;
}

enum dum_status segment_writer_add(struct segment_writer *w,
                                   const struct journal_record *entry,
                                   struct dum_error *err)
{
	if (!w->open)
		begin(w, entry);
	else if (segment_writer_starts_change(w, entry))
		segment_writer_whole(w);
	if (entry->id != w->seen.last_id + 1 ||
	    !hash_equal(entry->prev, w->seen.last_mac, HASH_BYTES))
		return error_set(
		    err, DUM_EDAMAGED,
		    "entry %lld of the journal does not follow the "
		    "one that was shipped before it",
		    (long long)entry->id);
	segment_put_entry(&w->records, entry);
	if (!strbuf_ok(&w->records))
		return no_memory(err);
	w->seen.entries++;
	w->seen.last_id = entry->id;
	w->seen.last_batch = entry->batch;
	memcpy(w->seen.last_mac, entry->mac, HASH_BYTES);
	return DUM_OK;
}

size_t segment_writer_waiting(const struct segment_writer *w)
{
	return w->records.len;
}

/* The first frame brings the file with it: an open segment is never empty. */
static enum dum_status make_file(struct segment_writer *w,
                                 struct dum_error *err)
{
	char name[SEGMENT_NAME_MAX], partial[SEGMENT_NAME_MAX + 8];
	struct dum_error ignored = {0};
	enum dum_status status;

	segment_name_format(name, &w->name);
	snprintf(partial, sizeof(partial), "%s.partial", name);
	status = backup_dir_create(&w->fd, w->dir, partial, err);
	if (status == DUM_OK &&
	    (fs_write_all(w->fd, w->frame.buf, w->frame.len) != 0 ||
	     fsync(w->fd) != 0))
		status = file_error(w, err);
	if (status == DUM_OK)
		status = backup_dir_publish(w->dir, partial, name, err);
	if (status != DUM_OK)
		(void)!backup_dir_remove(w->dir, partial, &ignored);
	return status;
}

static enum dum_status append(struct segment_writer *w, struct dum_error *err)
{
	if (lseek(w->fd, (off_t)w->bytes, SEEK_SET) == (off_t)w->bytes &&
	    fs_write_all(w->fd, w->frame.buf, w->frame.len) == 0 &&
	    fsync(w->fd) == 0)
		return DUM_OK;
	(void)file_error(w, err);
	/* What is left of it would be cut away by the next run, too. */
	(void)!ftruncate(w->fd, (off_t)w->bytes);
	return err != NULL ? err->status : DUM_ESYS;
}

static enum dum_status make_ids(struct container_ids *ids,
                                const struct segment_writer *w,
                                struct dum_error *err)
{
	if (!hex_read(ids->database, sizeof(ids->database), w->database_id,
	              strlen(w->database_id)))
		return error_set(err, DUM_EDAMAGED,
		                 "system_info: database_id is no id");
	return random_bytes(ids->backup, sizeof(ids->backup), err);
}

enum dum_status segment_writer_flush(struct segment_writer *w,
                                     struct dum_error *err)
{
	struct container_ids ids;
	enum dum_status status;

	if (w->records.len == 0)
		return DUM_OK;
	strbuf_reset(&w->frame);
	status = make_ids(&ids, w, err);
	if (status == DUM_OK)
		status = segment_frame_pack(&w->frame, w->hash, &w->records,
		                            w->key, &ids, err);
	if (status == DUM_OK)
		status = w->fd < 0 ? make_file(w, err) : append(w, err);
	if (status != DUM_OK)
		return status;
	w->bytes += (int64_t)w->frame.len;
	w->seen.bytes += (int64_t)w->records.len;
	strbuf_reset(&w->records);
	return DUM_OK;
}

enum dum_status segment_writer_seal(bool *sealed_out, struct segment_writer *w,
                                    struct dum_error *err)
{
	enum dum_status status;

	*sealed_out = false;
	if (!w->open)
		return DUM_OK;
	status = segment_writer_flush(w, err);
	if (status == DUM_OK)
		status = segment_seal(&w->seen, w->dir, &w->name, w->key, err);
	if (status != DUM_OK)
		return status;
	close(w->fd);
	w->fd = -1;
	w->open = false;
	segment_writer_follow(w, &w->seen);
	*sealed_out = true;
	return DUM_OK;
}
