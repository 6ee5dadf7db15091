#include "base/gz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* To zlib: the largest window, with gzip's header and trailer around it. */
enum { WINDOW_GZIP = 15 + 16, MEMORY_LEVEL = 8 };

enum { HEADER_BYTES = 10, TRAILER_BYTES = 8 };

/* Of a stored block: its own header, and the most that one can hold. */
enum { BLOCK_HEADER = 5, BLOCK_MAX = 65535 };

enum { OUT_BYTES = 65536 };

struct gz_packer {
	z_stream stream;
};

struct gz_reader {
	z_stream stream;
	gz_sink_fn sink;
	void *arg;
	bool inside; /* of a member */
	bool any;    /* a whole member was read */
	unsigned char out[OUT_BYTES];
};

enum dum_status gz_packer_new(struct gz_packer **out, int level,
                              struct dum_error *err)
{
	struct gz_packer *packer = calloc(1, sizeof(*packer));

	if (packer == NULL ||
	    deflateInit2(&packer->stream, level, Z_DEFLATED, WINDOW_GZIP,
	                 MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(packer);
		return error_set(err, DUM_ENOMEM, "no memory to compress");
	}
	*out = packer;
	return DUM_OK;
}

void gz_packer_free(struct gz_packer *packer)
{
	if (packer == NULL)
		return;
	deflateEnd(&packer->stream);
	free(packer);
}

/* What zlib promises for these settings, and gzip's frame. */
size_t gz_bound(size_t len)
{
	return compressBound((uLong)len) + HEADER_BYTES + TRAILER_BYTES;
}

size_t gz_pack(struct gz_packer *packer, void *out, const void *in, size_t len)
{
	z_stream *z = &packer->stream;

	if (deflateReset(z) != Z_OK)
		return 0;
	/* zlib's type is not const, but it only reads. */
	z->next_in = (unsigned char *)(uintptr_t)in;
	z->avail_in = (uInt)len;
	z->next_out = out;
	z->avail_out = (uInt)gz_bound(len);
	return deflate(z, Z_FINISH) == Z_STREAM_END ? (size_t)z->total_out : 0;
}

static size_t blocks_of(size_t len)
{
	return len == 0 ? 1 : (len + BLOCK_MAX - 1) / BLOCK_MAX;
}

size_t gz_store_size(size_t len)
{
	return HEADER_BYTES + blocks_of(len) * BLOCK_HEADER + len +
	       TRAILER_BYTES;
}

static unsigned char *put_le(unsigned char *at, uint32_t n, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*at++ = (unsigned char)(n >> (8 * i));
	return at;
}

size_t gz_store(void *out, const void *in, size_t len)
{
	/* Deflate, no flags, no time, "fastest", made on Unix. */
	static const unsigned char header[HEADER_BYTES] = {0x1f, 0x8b, 8, 0, 0,
	                                                   0,    0,    0, 4, 3};
	const unsigned char *from = in;
	unsigned char *at = out;
	size_t left = len;

	memcpy(at, header, sizeof(header));
	at += sizeof(header);
	do {
		size_t n = left < BLOCK_MAX ? left : BLOCK_MAX;

		left -= n;
		*at++ = left == 0; /* the last block? */
		at = put_le(at, (uint32_t)n, 2);
		at = put_le(at, (uint32_t)~n, 2);
		memcpy(at, from, n);
		at += n;
		from += n;
	} while (left > 0);
	at = put_le(at, (uint32_t)crc32(0, in, (uInt)len), 4);
	put_le(at, (uint32_t)len, 4);
	return gz_store_size(len);
}

enum dum_status gz_reader_new(struct gz_reader **out, gz_sink_fn sink,
                              void *arg, struct dum_error *err)
{
	struct gz_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL ||
	    inflateInit2(&reader->stream, WINDOW_GZIP) != Z_OK) {
		free(reader);
		return error_set(err, DUM_ENOMEM, "no memory to decompress");
	}
	reader->sink = sink;
	reader->arg = arg;
	*out = reader;
	return DUM_OK;
}

void gz_reader_free(struct gz_reader *reader)
{
	if (reader == NULL)
		return;
	inflateEnd(&reader->stream);
	free(reader);
}

/* Inflate what is in hand; the output goes on as its buffer fills. */
static enum dum_status step(struct gz_reader *reader, struct dum_error *err)
{
	z_stream *z = &reader->stream;
	enum dum_status status = DUM_OK;
	uInt before = z->avail_in;
	size_t len;
	int rc;

	z->next_out = reader->out;
	z->avail_out = OUT_BYTES;
	rc = inflate(z, Z_NO_FLUSH);
	if (rc == Z_MEM_ERROR)
		return error_set(err, DUM_ENOMEM, "no memory to decompress");
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return error_set(err, DUM_EDAMAGED,
		                 "the compressed data is damaged (%s)",
		                 z->msg != NULL ? z->msg : "not gzip");
	/* A turn without input, after a member's end, begins no other. */
	if (rc == Z_STREAM_END || z->avail_in < before)
		reader->inside = rc != Z_STREAM_END;
	len = OUT_BYTES - z->avail_out;
	if (len > 0)
		status = reader->sink(reader->arg, reader->out, len, err);
	if (rc == Z_STREAM_END) {
		reader->any = true;
		inflateReset(z);
	}
	return status;
}

enum dum_status gz_reader_write(struct gz_reader *reader, const void *data,
                                size_t len, struct dum_error *err)
{
	z_stream *z = &reader->stream;
	enum dum_status status = DUM_OK;

	z->next_in = (unsigned char *)(uintptr_t)data;
	z->avail_in = (uInt)len;
	/* A full output buffer may leave more behind than there is input. */
	do {
		status = step(reader, err);
	} while (status == DUM_OK && (z->avail_in > 0 || z->avail_out == 0));
	return status;
}

enum dum_status gz_reader_finish(struct gz_reader *reader,
                                 struct dum_error *err)
{
	if (reader->inside || !reader->any)
		return error_set(err, DUM_ETRUNCATED,
		                 "the compressed data ends too soon");
	return DUM_OK;
}
