#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "crypto/container_header.h"

/*
 * Which chunk is the last is known only when there is no more, so a full chunk
 * waits in `current` for the next byte.
 */
struct container_writer {
	int fd;
	const struct container_key *key; /* borrowed */
	struct container_header header;
	gcry_cipher_hd_t cipher;
	uint64_t count; /* chunks that are full and done with */
	size_t used;    /* of the chunk that is being filled */
	unsigned char first[CONTAINER_CHUNK_BYTES];
	unsigned char current[CONTAINER_CHUNK_BYTES];
	unsigned char sealed[CONTAINER_CHUNK_BYTES + CONTAINER_TAG_BYTES];
};

enum dum_status container_writer_new(struct container_writer **out, int fd,
                                     const struct container_key *key,
                                     const struct container_ids *ids,
                                     struct dum_error *err)
{
	struct container_writer *w = calloc(1, sizeof(*w));
	enum dum_status status;

	if (w == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	w->fd = fd;
	w->key = key;
	status = container_header_make(&w->header, ids, err);
	if (status == DUM_OK)
		status = container_cipher_open(&w->cipher, w->header.file_key,
		                               err);
	if (status != DUM_OK) {
		container_writer_free(w);
		return status;
	}
	*out = w;
	return DUM_OK;
}

void container_writer_free(struct container_writer *w)
{
	if (w == NULL)
		return;
	gcry_cipher_close(w->cipher);
	explicit_bzero(w, sizeof(*w));
	free(w);
}

static enum dum_status write_at(int fd, const void *data, size_t len,
                                int64_t offset, struct dum_error *err)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = pwrite(fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, fs_write_status(errno),
			                 "cannot write the encrypted file: %s",
			                 strerror(errno));
		at += n;
		len -= (size_t)n;
		offset += n;
	}
	return DUM_OK;
}

static enum dum_status write_chunk(struct container_writer *w,
                                   const unsigned char *data, size_t len,
                                   uint64_t n, bool last, struct dum_error *err)
{
	unsigned char nonce[12];
	enum dum_status status;

	if (n > UINT32_MAX)
		return error_set(err, DUM_EINVAL,
		                 "more than 2^32 chunks do not fit into one "
		                 "encrypted file");
	container_nonce(nonce, &w->header, (uint32_t)n, last);
	status = container_seal_piece(w->cipher, w->sealed, data, len, nonce,
	                              w->header.fixed, CONTAINER_FIXED_BYTES,
	                              err);
	if (status == DUM_OK)
		status = write_at(w->fd, w->sealed, len + CONTAINER_TAG_BYTES,
		                  CONTAINER_HEADER_BYTES +
		                      (int64_t)n * (CONTAINER_CHUNK_BYTES +
		                                    CONTAINER_TAG_BYTES),
		                  err);
	return status;
}

/* The chunk in hand is full and more is to come. */
static enum dum_status pass_on(struct container_writer *w,
                               struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	if (w->count == 0)
		memcpy(w->first, w->current, CONTAINER_CHUNK_BYTES);
	else
		status = write_chunk(w, w->current, CONTAINER_CHUNK_BYTES,
		                     w->count, false, err);
	w->count++;
	w->used = 0;
	return status;
}

enum dum_status container_write(struct container_writer *w, const void *data,
                                size_t len, struct dum_error *err)
{
	const unsigned char *at = data;
	enum dum_status status = DUM_OK;

	while (status == DUM_OK && len > 0) {
		size_t n = CONTAINER_CHUNK_BYTES - w->used;

		if (n == 0) {
			status = pass_on(w, err);
			continue;
		}
		n = n < len ? n : len;
		memcpy(w->current + w->used, at, n);
		w->used += n;
		at += n;
		len -= n;
	}
	return status;
}

enum dum_status container_patch(struct container_writer *w, size_t offset,
                                const void *data, size_t len,
                                struct dum_error *err)
{
	unsigned char *chunk = w->count == 0 ? w->current : w->first;
	size_t end = w->count == 0 ? w->used : CONTAINER_CHUNK_BYTES;

	if (offset > end || len > end - offset)
		return error_set(err, DUM_ESYS,
		                 "only the first chunk can be changed");
	memcpy(chunk + offset, data, len);
	return DUM_OK;
}

enum dum_status container_finish(struct container_writer *w,
                                 struct dum_error *err)
{
	unsigned char bytes[CONTAINER_HEADER_BYTES];
	enum dum_status status;

	w->header.length = (int64_t)(w->count * CONTAINER_CHUNK_BYTES +
	                             w->used);
	status = write_chunk(w, w->current, w->used, w->count, true, err);
	if (status == DUM_OK && w->count > 0)
		status = write_chunk(w, w->first, CONTAINER_CHUNK_BYTES, 0,
		                     false, err);
	if (status == DUM_OK)
		status = container_header_seal(bytes, &w->header, w->key, err);
	if (status == DUM_OK)
		status = write_at(w->fd, bytes, sizeof(bytes), 0, err);
	return status;
}
