/*
 * Unit tests of lib/crypto/container.h: what goes in comes out, or is told.
 *
 * Shown to fail: with the number of the chunk left out of container_nonce(),
 * chunks that were exchanged open; without the bounds in lib/crypto/
 * container_header.c, a key that costs too much is made.
 */
#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "crypto/container.h"

enum {
	CHUNK = CONTAINER_CHUNK_BYTES,
	HEADER = CONTAINER_HEADER_BYTES,
	TAG = 16
};

static const struct container_ids ids = {"database 1234567",
                                         "backup 123456789"};

static const struct container_key key = {.kind = CONTAINER_KEY_FILE,
                                         .bytes = "0123456789abcdef"};

static int memory_file(void)
{
	int fd = memfd_create("container", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static unsigned char *make_data(size_t len)
{
	unsigned char *data = malloc(len + 1);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (unsigned char)(i * 31 + i / 251);
	return data;
}

/* Write data in pieces of an odd size. */
static int seal(const void *data, size_t len, const struct container_key *with)
{
	struct container_writer *w = NULL;
	struct dum_error err = {0};
	int fd = memory_file();

	assert_ok(container_writer_new(&w, fd, with, &ids, &err), &err);
	for (size_t at = 0; at < len; at += 4099)
		assert_ok(container_write(w, (const char *)data + at,
		                          len - at < 4099 ? len - at : 4099,
		                          &err),
		          &err);
	assert_ok(container_finish(w, &err), &err);
	container_writer_free(w);
	return fd;
}

/* Pieces of an odd size again, as a pipe may give them. */
static enum dum_status read_piece(size_t *got_out, void *arg, void *data,
                                  size_t len, struct dum_error *err)
{
	ssize_t n = read(*(const int *)arg, data, len < 30011 ? len : 30011);

	(void)err;
	assert_true(n >= 0);
	*got_out = (size_t)n;
	return DUM_OK;
}

static enum dum_status unseal(struct strbuf *out, int fd,
                              const struct container_key *with,
                              struct dum_error *err)
{
	struct container_reader *r = NULL;
	enum dum_status status;
	const void *data;
	size_t len = 1;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	error_clear(err);
	strbuf_reset(out);
	status = container_reader_new(&r, read_piece, &fd, with, err);
	while (status == DUM_OK && len > 0) {
		status = container_read(&data, &len, r, err);
		if (status == DUM_OK && len > 0)
			strbuf_add(out, data, len);
	}
	if (status == DUM_OK)
		assert_memory_equal(container_reader_ids(r), &ids, sizeof(ids));
	container_reader_free(r);
	return status;
}

static void any_length_comes_back(void **state)
{
	static const size_t lengths[] = {0,         1,         CHUNK - 1, CHUNK,
	                                 CHUNK + 1, 2 * CHUNK, 200000};
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t chunks = lengths[i] == 0
		                    ? 1
		                    : (lengths[i] + CHUNK - 1) / CHUNK;
		unsigned char *data = make_data(lengths[i]);
		int fd = seal(data, lengths[i], &key);

		assert_int_equal(lseek(fd, 0, SEEK_END),
		                 HEADER + lengths[i] + TAG * chunks);
		assert_ok(unseal(&back, fd, &key, &err), &err);
		assert_int_equal(back.len, lengths[i]);
		assert_memory_equal(back.buf, data, lengths[i]);
		close(fd);
		free(data);
	}
	strbuf_release(&back);
}

static void the_first_chunk_can_be_changed_until_the_end(void **state)
{
	static const size_t lengths[] = {100, 3 * CHUNK};
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unsigned char *data = make_data(lengths[i]);
		struct container_writer *w = NULL;
		int fd = memory_file();

		assert_ok(container_writer_new(&w, fd, &key, &ids, &err), &err);
		assert_ok(container_write(w, data, lengths[i], &err), &err);
		assert_ok(container_patch(w, 3, "late", 4, &err), &err);
		assert_status(container_patch(w, CHUNK - 1, "no", 2, &err),
		              DUM_ESYS, &err);
		error_clear(&err);
		assert_ok(container_finish(w, &err), &err);
		container_writer_free(w);
		memcpy(data + 3, "late", 4);
		assert_ok(unseal(&back, fd, &key, &err), &err);
		assert_memory_equal(back.buf, data, lengths[i]);
		close(fd);
		free(data);
	}
	strbuf_release(&back);
}

static void flip(int fd, size_t bit)
{
	unsigned char byte;

	assert_int_equal(pread(fd, &byte, 1, (off_t)(bit / 8)), 1);
	byte ^= (unsigned char)(1 << bit % 8);
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
}

/* A flip may make the parameters of the key too dear; it never passes. */
static void every_bit_counts(void **state)
{
	unsigned char *data = make_data(100);
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};
	int fd = seal(data, 100, &key);
	enum dum_status status;

	(void)state;
	for (size_t bit = 0; bit < 8 * (HEADER + 100 + TAG); bit++) {
		flip(fd, bit);
		status = unseal(&back, fd, &key, &err);
		if (status != DUM_EDAMAGED &&
		    !(status == DUM_EKEY && bit >= 8 * 64 && bit < 8 * 76))
			fail_msg("bit %zu: status %d %s", bit, status,
			         err.text);
		assert_int_equal(back.len, 0);
		flip(fd, bit);
	}
	assert_ok(unseal(&back, fd, &key, &err), &err);
	close(fd);
	strbuf_release(&back);
	free(data);
}

static void every_cut_is_told_as_a_cut(void **state)
{
	size_t size = HEADER + CHUNK + TAG + 50 + TAG;
	unsigned char *data = make_data(CHUNK + 50), *file = malloc(size);
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};
	int fd = seal(data, CHUNK + 50, &key);

	(void)state;
	assert_non_null(file);
	assert_int_equal(pread(fd, file, size, 0), size);
	for (size_t cut = 0; cut < size; cut += cut < 200 ? 1 : 997) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, file, cut, 0), cut);
		assert_status(unseal(&back, fd, &key, &err), DUM_ETRUNCATED,
		              &err);
	}
	/* At the seam of the chunks. */
	assert_int_equal(pwrite(fd, file, size, 0), size);
	assert_int_equal(ftruncate(fd, HEADER + CHUNK + TAG), 0);
	assert_status(unseal(&back, fd, &key, &err), DUM_ETRUNCATED, &err);
	/* And one byte more than there was. */
	assert_int_equal(pwrite(fd, file, size, 0), size);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)size), 1);
	assert_status(unseal(&back, fd, &key, &err), DUM_EDAMAGED, &err);
	close(fd);
	strbuf_release(&back);
	free(file);
	free(data);
}

static void moved_chunks_do_not_open(void **state)
{
	size_t step = CHUNK + TAG;
	unsigned char *data = make_data(4 * CHUNK), *a, *b;
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};
	int fd = seal(data, 4 * CHUNK, &key);

	(void)state;
	a = malloc(step);
	b = malloc(step);
	assert_true(a != NULL && b != NULL);
	assert_int_equal(pread(fd, a, step, HEADER), step);
	assert_int_equal(pread(fd, b, step, (off_t)(HEADER + step)), step);
	assert_int_equal(pwrite(fd, b, step, HEADER), step);
	assert_status(unseal(&back, fd, &key, &err), DUM_EDAMAGED, &err);
	assert_int_equal(back.len, 0);
	assert_int_equal(pwrite(fd, a, step, (off_t)(HEADER + step)), step);
	assert_status(unseal(&back, fd, &key, &err), DUM_EDAMAGED, &err);
	/* The last one away, and the length as it was. */
	assert_int_equal(pwrite(fd, a, step, HEADER), step);
	assert_int_equal(pwrite(fd, b, step, (off_t)(HEADER + step)), step);
	assert_int_equal(ftruncate(fd, (off_t)(HEADER + 3 * step)), 0);
	assert_status(unseal(&back, fd, &key, &err), DUM_ETRUNCATED, &err);
	close(fd);
	strbuf_release(&back);
	free(a);
	free(b);
	free(data);
}

static void another_key_is_told_as_such(void **state)
{
	struct container_key other = key, phrase;
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};
	int fd = seal("text", 4, &key);

	(void)state;
	other.bytes[31] ^= 1;
	assert_status(unseal(&back, fd, &other, &err), DUM_EKEY, &err);
	assert_string_equal(err.text, "the key is another one");
	error_clear(&err);
	assert_ok(container_key_from_passphrase(&phrase, "correct horse", &err),
	          &err);
	assert_status(unseal(&back, fd, &phrase, &err), DUM_EKEY, &err);
	assert_string_equal(err.text,
	                    "it opens with a key file, not with a passphrase");
	close(fd);
	fd = seal("text", 4, &phrase);
	assert_ok(unseal(&back, fd, &phrase, &err), &err);
	assert_string_equal(back.buf, "text");
	strcat(phrase.passphrase, "s");
	assert_status(unseal(&back, fd, &phrase, &err), DUM_EKEY, &err);
	close(fd);
	strbuf_release(&back);
}

static void a_key_that_costs_too_much_is_not_made(void **state)
{
	static const struct {
		off_t at;
		const char *value;
	} fields[] = {
	    {64, "\0\0\0\x11"}, /* rounds */
	    {68, "\0\x10\0\1"}, /* KiB */
	    {68, "\xff\xff\xff\xff"},
	    {72, "\0\0\0\5"}, /* lanes */
	};
	struct container_key phrase;
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};

	(void)state;
	assert_ok(container_key_from_passphrase(&phrase, "x", &err), &err);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		int fd = seal("text", 4, &phrase);

		assert_int_equal(pwrite(fd, fields[i].value, 4, fields[i].at),
		                 4);
		assert_status(unseal(&back, fd, &phrase, &err), DUM_EKEY, &err);
		assert_non_null(strstr(err.text, "rounds of Argon2"));
		close(fd);
	}
	strbuf_release(&back);
}

static void another_key_can_be_given_without_encrypting_anew(void **state)
{
	unsigned char header[HEADER];
	struct container_key other = key;
	struct strbuf back = STRBUF_INIT;
	struct dum_error err = {0};
	int fd = seal("text", 4, &key);

	(void)state;
	other.bytes[0] ^= 1;
	assert_int_equal(pread(fd, header, HEADER, 0), HEADER);
	assert_status(container_rekey(header, &other, &key, &err), DUM_EKEY,
	              &err);
	error_clear(&err);
	assert_ok(container_rekey(header, &key, &other, &err), &err);
	assert_int_equal(pwrite(fd, header, HEADER, 0), HEADER);
	assert_status(unseal(&back, fd, &key, &err), DUM_EKEY, &err);
	assert_ok(unseal(&back, fd, &other, &err), &err);
	assert_string_equal(back.buf, "text");
	close(fd);
	strbuf_release(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_length_comes_back),
	    cmocka_unit_test(the_first_chunk_can_be_changed_until_the_end),
	    cmocka_unit_test(every_bit_counts),
	    cmocka_unit_test(every_cut_is_told_as_a_cut),
	    cmocka_unit_test(moved_chunks_do_not_open),
	    cmocka_unit_test(another_key_is_told_as_such),
	    cmocka_unit_test(a_key_that_costs_too_much_is_not_made),
	    cmocka_unit_test(another_key_can_be_given_without_encrypting_anew),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
