/*
 * Published by link(2) and not rename(2), so that a file that is there, perhaps
 * the only copy of older entries, is never replaced.
 */
#include "ops/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fsutil.h"
#include "base/json_writer.h"
#include "crypto/hash.h"
#include "store/journal_copy.h"

/* Bytes that wait before they are written. */
enum { CHUNK_BYTES = 65536 };

struct out_file {
	struct strbuf name; /* of the file while it is not whole */
	struct strbuf text; /* that waits */
	int fd;
	gzFile gz; /* NULL: not compressed; owns a copy of fd */
	int64_t entries;
};

static enum dum_status write_error(const struct out_file *out,
                                   struct dum_error *err)
{
	return error_set(err,
	                 errno == ENOSPC || errno == EDQUOT || errno == EFBIG
	                     ? DUM_EFULL
	                     : DUM_ESYS,
	                 "cannot write %s: %s", out->name.buf, strerror(errno));
}

static enum dum_status open_file(struct out_file *out, const char *path,
                                 struct dum_error *err)
{
	size_t len = strlen(path);
	int copy;

	strbuf_addf(&out->name, "%s.partial", path);
	if (!strbuf_ok(&out->name))
		return error_set(err, DUM_ENOMEM, "out of memory");
	/* One left behind by a killed run is ours to replace. */
	unlink(out->name.buf);
	out->fd = open(out->name.buf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	               0600);
	if (out->fd < 0)
		return write_error(out, err);
	if (len < 3 || strcmp(path + len - 3, ".gz") != 0)
		return DUM_OK;
	copy = fcntl(out->fd, F_DUPFD_CLOEXEC, 0);
	if (copy >= 0)
		out->gz = gzdopen(copy, "wb6");
	if (out->gz != NULL)
		return DUM_OK;
	if (copy >= 0)
		close(copy);
	return error_set(err, DUM_ENOMEM, "no memory to compress %s", path);
}

static enum dum_status write_waiting(struct out_file *out,
                                     struct dum_error *err)
{
	bool failed;

	if (!strbuf_ok(&out->text))
		return error_set(err, DUM_ENOMEM, "out of memory");
	errno = EIO;
	if (out->gz != NULL)
		failed = gzwrite(out->gz, out->text.buf,
		                 (unsigned)out->text.len) != (int)out->text.len;
	else
		failed = fs_write_all(out->fd, out->text.buf, out->text.len) !=
		         0;
	if (failed)
		return write_error(out, err);
	strbuf_reset(&out->text);
	return DUM_OK;
}

static void add_text(struct json_writer *w, const char *name, const char *text)
{
	if (text != NULL)
		jsonw_member_string(w, name, text);
	else
		jsonw_member_null(w, name);
}

static void add_raw(struct json_writer *w, const char *name, const char *text)
{
	jsonw_key(w, name);
	if (text != NULL)
		jsonw_raw(w, text, strlen(text));
	else
		jsonw_null(w);
}

static void add_hash(struct json_writer *w, const char *name,
                     const unsigned char *hash)
{
	char hex[HASH_HEX_MAX];

	hex_write(hex, hash, HASH_BYTES);
	jsonw_member_string(w, name, hex);
}

static enum dum_status add_record(void *arg, const struct journal_record *r,
                                  struct dum_error *err)
{
	struct out_file *out = arg;
	struct json_writer w = {.out = &out->text};

	jsonw_object_begin(&w);
	jsonw_member_int(&w, "id", r->id);
	jsonw_member_string(&w, "at", r->at);
	jsonw_member_int(&w, "timeline", r->timeline);
	jsonw_member_int(&w, "batch", r->batch);
	jsonw_member_string(&w, "actor", r->actor);
	add_text(&w, "address", r->address);
	jsonw_member_string(&w, "source", r->source);
	add_text(&w, "request_id", r->request_id);
	jsonw_member_string(&w, "op", r->op);
	jsonw_member_string(&w, "tbl", r->table);
	add_text(&w, "pk", r->pk);
	add_raw(&w, "before", r->before);
	add_raw(&w, "after", r->after);
	add_hash(&w, "prev", r->prev);
	jsonw_member_string(&w, "key_id", r->key_id);
	add_hash(&w, "mac", r->mac);
	jsonw_object_end(&w);
	strbuf_addc(&out->text, '\n');
	out->entries++;
	return out->text.len < CHUNK_BYTES ? DUM_OK : write_waiting(out, err);
}

/* All of it to the disk, and there under its own name. */
static enum dum_status publish(struct out_file *out, const char *path,
                               struct dum_error *err)
{
	enum dum_status status = write_waiting(out, err);

	if (status == DUM_OK && out->gz != NULL) {
		errno = EIO;
		if (gzclose(out->gz) != Z_OK)
			status = write_error(out, err);
		out->gz = NULL;
	}
	if (status == DUM_OK && fsync(out->fd) != 0)
		status = write_error(out, err);
	if (status == DUM_OK && link(out->name.buf, path) != 0)
		status = error_set(err,
		                   errno == EEXIST ? DUM_ECONFLICT : DUM_ESYS,
		                   "%s: %s", path, strerror(errno));
	if (status == DUM_OK)
		status = fs_sync_parent(path, err);
	return status;
}

enum dum_status journal_file_write(int64_t *entries_out, const char *path,
                                   struct db *db, int64_t upto_id,
                                   struct dum_error *err)
{
	struct out_file out = {
	    .name = STRBUF_INIT, .text = STRBUF_INIT, .fd = -1};
	enum dum_status status;

	if (fs_exists(path))
		return error_set(err, DUM_ECONFLICT,
		                 "%s exists; name a new file", path);
	status = open_file(&out, path, err);
	if (status == DUM_OK)
		status = journal_copy(db, upto_id, add_record, &out, err);
	if (status == DUM_OK)
		status = publish(&out, path, err);
	if (status == DUM_OK)
		*entries_out = out.entries;
	if (out.gz != NULL)
		(void)gzclose(out.gz);
	if (out.fd >= 0) {
		close(out.fd); /* fsync has told already */
		unlink(out.name.buf);
	}
	strbuf_release(&out.text);
	strbuf_release(&out.name);
	return status;
}
