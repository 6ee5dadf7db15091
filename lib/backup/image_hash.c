#include "backup/image_hash.h"

#include <stdlib.h>
#include <string.h>

/* Of SQLite's file header. */
enum { HEADER_BYTES = 100, AT_PAGE_SIZE = 16, AT_PAGE_COUNT = 28 };

struct image_reader {
	struct image_seen seen;
	struct hasher *whole, *rest;
	struct hasher *first;
	size_t header_len;
	unsigned char header[HEADER_BYTES];
};

enum dum_status image_hash_join(unsigned char out[static HASH_BYTES],
                                const void *first_page, size_t page_size,
                                const unsigned char rest[static HASH_BYTES],
                                struct dum_error *err)
{
	unsigned char both[2 * HASH_BYTES];
	enum dum_status status;

	status = hash_sha256(both, first_page, page_size, err);
	memcpy(both + HASH_BYTES, rest, HASH_BYTES);
	if (status == DUM_OK)
		status = hash_sha256(out, both, sizeof(both), err);
	return status;
}

enum dum_status image_reader_new(struct image_reader **out,
                                 struct dum_error *err)
{
	struct image_reader *r = calloc(1, sizeof(*r));
	enum dum_status status;

	if (r == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = hasher_new(&r->whole, err);
	if (status == DUM_OK)
		status = hasher_new(&r->first, err);
	if (status == DUM_OK)
		status = hasher_new(&r->rest, err);
	if (status != DUM_OK) {
		image_reader_free(r);
		return status;
	}
	*out = r;
	return DUM_OK;
}

void image_reader_free(struct image_reader *r)
{
	if (r == NULL)
		return;
	hasher_free(r->whole);
	hasher_free(r->first);
	hasher_free(r->rest);
	free(r);
}

static int64_t big_endian(const unsigned char *at, int bytes)
{
	int64_t n = 0;

	for (int i = 0; i < bytes; i++)
		n = n << 8 | at[i];
	return n;
}

static enum dum_status read_header(struct image_reader *r,
                                   struct dum_error *err)
{
	struct image_seen *seen = &r->seen;

	seen->page_size = big_endian(r->header + AT_PAGE_SIZE, 2);
	seen->page_count = big_endian(r->header + AT_PAGE_COUNT, 4);
	if (memcmp(r->header, "SQLite format 3", 16) != 0 ||
	    seen->page_size < 512 ||
	    (seen->page_size & (seen->page_size - 1)) != 0)
		return error_set(err, DUM_EDAMAGED,
		                 "what it holds is not a database");
	return DUM_OK;
}

enum dum_status image_reader_write(struct image_reader *r, const void *data,
                                   size_t len, struct dum_error *err)
{
	struct image_seen *seen = &r->seen;
	const unsigned char *at = data;
	enum dum_status status = DUM_OK;
	size_t n;

	hasher_write(r->whole, at, len);
	if (r->header_len < HEADER_BYTES) {
		n = HEADER_BYTES - r->header_len;
		n = n < len ? n : len;
		memcpy(r->header + r->header_len, at, n);
		r->header_len += n;
		/* The page's size is known only now: it waits in the header. */
		if (r->header_len == HEADER_BYTES) {
			status = read_header(r, err);
			hasher_write(r->first, r->header, HEADER_BYTES);
		}
		seen->bytes += (int64_t)n;
		at += n;
		len -= n;
	}
	if (status == DUM_OK && len > 0 && seen->bytes < seen->page_size) {
		n = (size_t)(seen->page_size - seen->bytes);
		n = n < len ? n : len;
		hasher_write(r->first, at, n);
		seen->bytes += (int64_t)n;
		at += n;
		len -= n;
	}
	if (status == DUM_OK && len > 0) {
		hasher_write(r->rest, at, len);
		seen->bytes += (int64_t)len;
	}
	return status;
}

enum dum_status image_reader_finish(struct image_seen *out,
                                    struct image_reader *r,
                                    struct dum_error *err)
{
	struct image_seen *seen = &r->seen;
	unsigned char both[2 * HASH_BYTES];
	int64_t wanted = seen->page_size * seen->page_count;
	enum dum_status status;

	if (r->header_len < HEADER_BYTES || seen->bytes < wanted)
		return error_set(err, DUM_ETRUNCATED,
		                 "the database in it ends too soon");
	if (seen->bytes > wanted)
		return error_set(err, DUM_EDAMAGED,
		                 "the database in it is longer than it says");
	hasher_finish(r->whole, seen->whole);
	hasher_finish(r->first, both);
	hasher_finish(r->rest, both + HASH_BYTES);
	status = hash_sha256(seen->pages, both, sizeof(both), err);
	if (status == DUM_OK)
		*out = *seen;
	return status;
}
