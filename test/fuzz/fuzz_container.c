/*
 * An encrypted file, by what the first byte says: 'R' as it stands; else one
 * that is sealed here and then has something done to it, which must show: a
 * bit turned, a part cut off, a byte more. Whatever opens is what was sealed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "crypto/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct container_key key = {.kind = CONTAINER_KEY_FILE};

/* How many bytes of an input say what is done to the file. */
enum { ORDER_BYTES = 4 };

struct source {
	const uint8_t *data;
	size_t left;
};

/* In pieces of an odd size, which must not matter. */
static enum dum_status give(size_t *got_out, void *arg, void *data, size_t len,
                            struct dum_error *err)
{
	struct source *s = arg;
	size_t n = len < 97 ? len : 97;

	(void)err;
	if (n > s->left)
		n = s->left;
	memcpy(data, s->data, n);
	s->data += n;
	s->left -= n;
	*got_out = n;
	return DUM_OK;
}

static enum dum_status open_all(struct strbuf *out, const uint8_t *data,
                                size_t size)
{
	struct source source = {.data = data, .left = size};
	struct container_reader *reader = NULL;
	struct dum_error err = {0};
	const void *piece = NULL;
	enum dum_status status;
	size_t len = 1;

	status = container_reader_new(&reader, give, &source, &key, &err);
	while (status == DUM_OK && len > 0) {
		status = container_read(&piece, &len, reader, &err);
		if (status == DUM_OK)
			strbuf_add(out, piece, len);
	}
	container_reader_free(reader);
	return status;
}

/* *out_size has room for one byte more behind it. */
static uint8_t *seal(size_t *out_size, const uint8_t *plain, size_t size)
{
	static const struct container_ids ids = {.database = "database"};
	int fd = memfd_create("container", MFD_CLOEXEC);
	struct container_writer *writer = NULL;
	struct dum_error err = {0};
	uint8_t *sealed;
	off_t end;

	if (fd < 0 ||
	    container_writer_new(&writer, fd, &key, &ids, &err) != DUM_OK ||
	    container_write(writer, plain, size, &err) != DUM_OK ||
	    container_finish(writer, &err) != DUM_OK)
		abort();
	container_writer_free(writer);
	end = lseek(fd, 0, SEEK_END);
	sealed = end > 0 ? malloc((size_t)end + 1) : NULL;
	if (sealed == NULL || pread(fd, sealed, (size_t)end, 0) != end)
		abort();
	close(fd);
	*out_size = (size_t)end;
	return sealed;
}

/* Is it another file after? */
static bool spoil(uint8_t *sealed, size_t *size, const uint8_t *order)
{
	size_t at = ((size_t)order[1] << 8 | order[2]) % *size;

	switch (order[0] % 4) {
	case 0:
		sealed[at] ^= order[3];
		return order[3] != 0;
	case 1:
		*size = at;
		return true;
	case 2:
		sealed[(*size)++] = order[3];
		return true;
	default:
		return false;
	}
}

static void check_spoilt(const uint8_t *data, size_t size)
{
	const uint8_t *plain = data + ORDER_BYTES;
	size_t plain_size = size - ORDER_BYTES, sealed_size;
	struct strbuf opened = STRBUF_INIT;
	uint8_t *sealed = seal(&sealed_size, plain, plain_size);
	bool spoilt = spoil(sealed, &sealed_size, data);
	enum dum_status status = open_all(&opened, sealed, sealed_size);

	if ((status == DUM_OK) == spoilt)
		abort();
	if (status == DUM_OK && (opened.len != plain_size ||
	                         memcmp(opened.buf, plain, plain_size) != 0))
		abort();
	strbuf_release(&opened);
	free(sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf opened = STRBUF_INIT;

	if (size > 0 && data[0] == 'R')
		(void)open_all(&opened, data + 1, size - 1);
	else if (size > ORDER_BYTES)
		check_spoilt(data, size);
	strbuf_release(&opened);
	return 0;
}
