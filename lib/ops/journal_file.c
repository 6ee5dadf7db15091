/*
 * A file that is there, perhaps the only copy of older entries, is never
 * replaced.
 */
#include "ops/journal_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsutil.h"
#include "base/gz.h"
#include "base/json_writer.h"
#include "crypto/hash.h"
#include "store/journal_copy.h"

/* Bytes that wait before they are written. */
enum { CHUNK_BYTES = 262144, GZIP_LEVEL = 6 };

struct out_file {
	struct fs_partial partial;
	struct strbuf text;   /* that waits */
	struct gz_packer *gz; /* NULL: not compressed */
	int64_t entries;
};

static enum dum_status open_file(struct out_file *out, const char *path,
                                 struct dum_error *err)
{
	size_t len = strlen(path);
	enum dum_status status;

	status = fs_partial_open(&out->partial, path, 0600, err);
	if (status == DUM_OK && len >= 3 && strcmp(path + len - 3, ".gz") == 0)
		status = gz_packer_new(&out->gz, GZIP_LEVEL, err);
	return status;
}

static enum dum_status write_bytes(struct out_file *out, const void *data,
                                   size_t len, struct dum_error *err)
{
	if (fs_write_all(out->partial.fd, data, len) == 0)
		return DUM_OK;
	return error_set(err, fs_write_status(errno), "cannot write %s: %s",
	                 out->partial.path.buf, strerror(errno));
}

/* A member of its own; gunzip joins them. */
static enum dum_status write_packed(struct out_file *out, struct dum_error *err)
{
	char *packed = malloc(gz_bound(out->text.len));
	enum dum_status status;
	size_t len = 0;

	if (packed != NULL)
		len = gz_pack(out->gz, packed, out->text.buf, out->text.len);
	status = len > 0 ? write_bytes(out, packed, len, err)
	                 : error_set(err, DUM_ENOMEM, "no memory to compress");
	free(packed);
	return status;
}

static enum dum_status write_waiting(struct out_file *out,
                                     struct dum_error *err)
{
	enum dum_status status;

	if (!strbuf_ok(&out->text))
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (out->gz != NULL)
		status = write_packed(out, err);
	else
		status = write_bytes(out, out->text.buf, out->text.len, err);
	strbuf_reset(&out->text);
	return status;
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

enum dum_status journal_file_write(int64_t *entries_out, const char *path,
                                   struct db *db, int64_t upto_id,
                                   struct dum_error *err)
{
	struct out_file out = {.partial = FS_PARTIAL_INIT, .text = STRBUF_INIT};
	enum dum_status status;

	if (fs_exists(path))
		return error_set(err, DUM_ECONFLICT,
		                 "%s exists; name a new file", path);
	status = open_file(&out, path, err);
	if (status == DUM_OK)
		status = journal_copy(db, upto_id, add_record, &out, err);
	if (status == DUM_OK)
		status = write_waiting(&out, err);
	if (status == DUM_OK)
		status = fs_partial_publish_new(&out.partial, path, err);
	if (status == DUM_OK)
		*entries_out = out.entries;
	gz_packer_free(out.gz);
	fs_partial_release(&out.partial);
	strbuf_release(&out.text);
	return status;
}
