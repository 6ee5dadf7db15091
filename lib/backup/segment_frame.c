#include "backup/segment_frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/gz.h"

enum { GZIP_LEVEL = 6, BLOCK_BYTES = 256 * 1024 };

static const char magic[4] = {'D', 'U', 'M', 'F'};

static enum dum_status no_memory(struct dum_error *err)
{
	return error_set(err, DUM_ENOMEM, "out of memory");
}

/* --- making one ----------------------------------------------------------- */

static enum dum_status pack(struct strbuf *out, const struct strbuf *records,
                            struct dum_error *err)
{
	struct gz_packer *packer = NULL;
	enum dum_status status = gz_packer_new(&packer, GZIP_LEVEL, err);
	size_t at = 0;

	while (status == DUM_OK && at < records->len) {
		size_t n = records->len - at, len = 0;

		n = n < BLOCK_BYTES ? n : BLOCK_BYTES;
		if (strbuf_reserve(out, gz_bound(n)))
			len = gz_pack(packer, out->buf + out->len,
			              records->buf + at, n);
		if (len == 0)
			status = no_memory(err);
		out->len += len;
		at += n;
	}
	gz_packer_free(packer);
	return status;
}

static enum dum_status read_all(struct strbuf *out, int fd,
                                struct dum_error *err)
{
	char piece[65536];
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(fd, piece, sizeof(piece), at);
		if (n > 0) {
			strbuf_add(out, piece, (size_t)n);
			at += n;
		}
	} while (n > 0);
	if (n < 0)
		return error_set(err, DUM_ESYS, "cannot read memory: %s",
		                 strerror(errno));
	return strbuf_ok(out) ? DUM_OK : no_memory(err);
}

/* A container wants a file that it can go back in: one in memory will do. */
static enum dum_status encrypt(struct strbuf *out, const struct strbuf *packed,
                               const struct container_key *key,
                               const struct container_ids *ids,
                               struct dum_error *err)
{
	struct container_writer *writer = NULL;
	int fd = memfd_create("segment", MFD_CLOEXEC);
	enum dum_status status;

	if (fd < 0)
		return error_set(err, DUM_ESYS, "no file in memory: %s",
		                 strerror(errno));
	status = container_writer_new(&writer, fd, key, ids, err);
	if (status == DUM_OK)
		status = container_write(writer, packed->buf, packed->len, err);
	if (status == DUM_OK)
		status = container_finish(writer, err);
	if (status == DUM_OK)
		status = read_all(out, fd, err);
	container_writer_free(writer);
	close(fd);
	return status;
}

/* The hash of the frame before, and all of this one. */
static enum dum_status chain(unsigned char hash[static HASH_BYTES],
                             const char *frame, size_t len,
                             struct dum_error *err)
{
	struct hasher *hasher = NULL;
	enum dum_status status = hasher_new(&hasher, err);

	if (status == DUM_OK) {
		hasher_write(hasher, hash, HASH_BYTES);
		hasher_write(hasher, frame, len);
		hasher_finish(hasher, hash);
	}
	hasher_free(hasher);
	return status;
}

static void put_head(char head[static SEGMENT_FRAME_HEAD], bool encrypted,
                     size_t len)
{
	memset(head, 0, SEGMENT_FRAME_HEAD);
	memcpy(head, magic, sizeof(magic));
	head[4] = encrypted ? 1 : 0;
	for (int i = 0; i < 4; i++)
		head[8 + i] = (char)(len >> (24 - 8 * i));
}

enum dum_status segment_frame_pack(struct strbuf *out,
                                   unsigned char hash[static HASH_BYTES],
                                   const struct strbuf *records,
                                   const struct container_key *key,
                                   const struct container_ids *ids,
                                   struct dum_error *err)
{
	struct strbuf packed = STRBUF_INIT, sealed = STRBUF_INIT;
	const struct strbuf *payload = key != NULL ? &sealed : &packed;
	char head[SEGMENT_FRAME_HEAD];
	enum dum_status status;
	size_t at = out->len;

	status = pack(&packed, records, err);
	if (status == DUM_OK && key != NULL)
		status = encrypt(&sealed, &packed, key, ids, err);
	if (status == DUM_OK && (records->len > SEGMENT_FRAME_PLAIN_MAX ||
	                         payload->len > SEGMENT_FRAME_MAX))
		status = error_set(err, DUM_EINVAL,
		                   "an entry of the journal is too large to be "
		                   "shipped");
	if (status == DUM_OK) {
		put_head(head, key != NULL, payload->len);
		strbuf_add(out, head, sizeof(head));
		strbuf_add(out, payload->buf, payload->len);
		status = strbuf_ok(out)
		             ? chain(hash, out->buf + at, out->len - at, err)
		             : no_memory(err);
	}
	if (status == DUM_OK) {
		strbuf_add(out, hash, HASH_BYTES);
		status = strbuf_ok(out) ? DUM_OK : no_memory(err);
	}
	strbuf_release(&packed);
	strbuf_release(&sealed);
	return status;
}

/* --- reading one ---------------------------------------------------------- */

static enum dum_status read_exactly(struct strbuf *out, int fd, size_t len,
                                    struct dum_error *err)
{
	if (!strbuf_reserve(out, len))
		return no_memory(err);
	while (len > 0) {
		ssize_t n = read(fd, out->buf + out->len, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, DUM_ESYS,
			                 "cannot read the segment: %s",
			                 strerror(errno));
		if (n == 0)
			return error_set(err, DUM_ETRUNCATED,
			                 "the segment ends within a frame");
		out->len += (size_t)n;
		len -= (size_t)n;
	}
	return DUM_OK;
}

static bool head_is_good(const char *head, bool *encrypted, size_t *len)
{
	const unsigned char *b = (const unsigned char *)head;

	*encrypted = b[4] == 1;
	*len = (size_t)b[8] << 24 | (size_t)b[9] << 16 | (size_t)b[10] << 8 |
	       b[11];
	return memcmp(head, magic, sizeof(magic)) == 0 && b[4] <= 1 &&
	       b[5] == 0 && b[6] == 0 && b[7] == 0 && *len <= SEGMENT_FRAME_MAX;
}

enum dum_status segment_frame_read(struct segment_frame *frame, bool *any_out,
                                   unsigned char hash[static HASH_BYTES],
                                   int fd, struct dum_error *err)
{
	unsigned char found[HASH_BYTES];
	struct strbuf *bytes = &frame->bytes;
	struct dum_error inner = {0};
	enum dum_status status;
	size_t len = 0;

	strbuf_reset(bytes);
	status = read_exactly(bytes, fd, SEGMENT_FRAME_HEAD, &inner);
	*any_out = bytes->len > 0;
	if (status == DUM_ETRUNCATED && bytes->len == 0)
		return DUM_OK;
	if (status != DUM_OK)
		return error_set(err, status, "%s", inner.text);
	if (!head_is_good(bytes->buf, &frame->encrypted, &len))
		return error_set(err, DUM_EDAMAGED,
		                 "the segment is damaged: a frame is none");
	status = read_exactly(bytes, fd, len + HASH_BYTES, err);
	if (status != DUM_OK)
		return status;
	bytes->len -= HASH_BYTES;
	memcpy(found, bytes->buf + bytes->len, HASH_BYTES);
	status = chain(hash, bytes->buf, bytes->len, err);
	if (status == DUM_OK && !hash_equal(hash, found, HASH_BYTES))
		status = error_set(err, DUM_EDAMAGED,
		                   "the segment is damaged: the hash of a "
		                   "frame is another");
	return status;
}

struct unpacking {
	const char *at;
	size_t left;
	size_t plain;
	segment_bytes_fn fn;
	void *arg;
};

static enum dum_status take_plain(void *arg, const void *data, size_t len,
                                  struct dum_error *err)
{
	struct unpacking *u = arg;

	u->plain += len;
	if (u->plain > SEGMENT_FRAME_PLAIN_MAX)
		return error_set(err, DUM_EDAMAGED,
		                 "the segment is damaged: a frame is too long");
	return u->fn(u->arg, data, len, err);
}

static enum dum_status give(size_t *got_out, void *arg, void *data, size_t len,
                            struct dum_error *err)
{
	struct unpacking *u = arg;
	size_t n = u->left < len ? u->left : len;

	(void)err;
	memcpy(data, u->at, n);
	u->at += n;
	u->left -= n;
	*got_out = n;
	return DUM_OK;
}

static enum dum_status decrypt(struct unpacking *u, struct gz_reader *gz,
                               const struct container_key *key,
                               struct dum_error *err)
{
	struct container_reader *container = NULL;
	enum dum_status status;
	const void *data;
	size_t len = 1;

	if (key == NULL)
		return error_set(err, DUM_EKEY,
		                 "the segment is encrypted: name the key with "
		                 "BACKUP_KEY_FILE or --key-file");
	status = container_reader_new(&container, give, u, key, err);
	while (status == DUM_OK && len > 0) {
		status = container_read(&data, &len, container, err);
		if (status == DUM_OK && len > 0)
			status = gz_reader_write(gz, data, len, err);
	}
	container_reader_free(container);
	return status;
}

enum dum_status segment_frame_unpack(const struct segment_frame *frame,
                                     const struct container_key *key,
                                     segment_bytes_fn fn, void *arg,
                                     struct dum_error *err)
{
	struct unpacking u = {.at = frame->bytes.buf + SEGMENT_FRAME_HEAD,
	                      .left = frame->bytes.len - SEGMENT_FRAME_HEAD,
	                      .fn = fn,
	                      .arg = arg};
	struct gz_reader *gz = NULL;
	enum dum_status status;

	status = gz_reader_new(&gz, take_plain, &u, err);
	if (status == DUM_OK && frame->encrypted)
		status = decrypt(&u, gz, key, err);
	else if (status == DUM_OK)
		status = gz_reader_write(gz, u.at, u.left, err);
	if (status == DUM_OK)
		status = gz_reader_finish(gz, err);
	gz_reader_free(gz);
	return status;
}
