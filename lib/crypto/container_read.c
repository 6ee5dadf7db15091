#include <stdlib.h>
#include <string.h>

#include "crypto/container_header.h"

struct container_reader {
	container_read_fn read;
	void *arg;
	struct container_header header;
	gcry_cipher_hd_t cipher;
	uint64_t next; /* chunk */
	bool done;     /* the last chunk was read */
	unsigned char sealed[CONTAINER_CHUNK_BYTES + CONTAINER_TAG_BYTES];
	unsigned char plain[CONTAINER_CHUNK_BYTES];
};

/* Read len bytes, fewer only at the end of the file. */
static enum dum_status read_up_to(size_t *len_out, struct container_reader *r,
                                  void *data, size_t len, struct dum_error *err)
{
	size_t got = 0, n = 1;

	while (got < len && n > 0) {
		enum dum_status status;

		status = r->read(&n, r->arg, (char *)data + got, len - got,
		                 err);
		if (status != DUM_OK)
			return status;
		got += n;
	}
	*len_out = got;
	return DUM_OK;
}

static enum dum_status truncated(struct dum_error *err)
{
	return error_set(err, DUM_ETRUNCATED,
	                 "the encrypted file ends too soon");
}

enum dum_status container_reader_new(struct container_reader **out,
                                     container_read_fn read, void *arg,
                                     const struct container_key *key,
                                     struct dum_error *err)
{
	unsigned char bytes[CONTAINER_HEADER_BYTES];
	struct container_reader *r = NULL;
	enum dum_status status;
	size_t len = 0;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	r->read = read;
	r->arg = arg;
	status = read_up_to(&len, r, bytes, sizeof(bytes), err);
	if (status == DUM_OK && len < sizeof(bytes))
		status = truncated(err);
	if (status == DUM_OK)
		status = container_header_open(&r->header, bytes, key, err);
	if (status == DUM_OK)
		status = container_cipher_open(&r->cipher, r->header.file_key,
		                               err);
	if (status != DUM_OK) {
		container_reader_free(r);
		return status;
	}
	*out = r;
	return DUM_OK;
}

void container_reader_free(struct container_reader *r)
{
	if (r == NULL)
		return;
	gcry_cipher_close(r->cipher);
	explicit_bzero(r, sizeof(*r));
	free(r);
}

const struct container_ids *container_reader_ids(
    const struct container_reader *r)
{
	return &r->header.ids;
}

static enum dum_status expect_end(struct container_reader *r,
                                  struct dum_error *err)
{
	enum dum_status status;
	size_t len = 0;
	char more;

	status = read_up_to(&len, r, &more, 1, err);
	if (status == DUM_OK && len != 0)
		status = error_set(err, DUM_EDAMAGED,
		                   "something was appended to the encrypted "
		                   "file");
	return status;
}

enum dum_status container_read(const void **data_out, size_t *len_out,
                               struct container_reader *r,
                               struct dum_error *err)
{
	unsigned char nonce[12];
	size_t len, got = 0;
	enum dum_status status;
	bool last;

	if (r->done) {
		*len_out = 0;
		return DUM_OK;
	}
	len = container_chunk_length(r->header.length, r->next, &last);
	status = read_up_to(&got, r, r->sealed, len + CONTAINER_TAG_BYTES, err);
	if (status != DUM_OK)
		return status;
	if (got < len + CONTAINER_TAG_BYTES)
		return truncated(err);
	container_nonce(nonce, &r->header, (uint32_t)r->next, last);
	if (!container_open_piece(r->cipher, r->plain, r->sealed, len, nonce,
	                          r->header.fixed, CONTAINER_FIXED_BYTES)) {
		explicit_bzero(r->plain, len);
		return error_set(err, DUM_EDAMAGED,
		                 "the encrypted file is damaged in its chunk "
		                 "%llu",
		                 (unsigned long long)r->next);
	}
	if (last)
		status = expect_end(r, err);
	if (status != DUM_OK)
		return status;
	r->next++;
	r->done = last;
	*data_out = r->plain;
	*len_out = len;
	return DUM_OK;
}
