/* Unit tests of lib/base/gz.h, held against zlib's own gzip reading. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/gz.h"
#include "base/strbuf.h"

enum { LARGE = 300000 };

static enum dum_status collect(void *arg, const void *data, size_t len,
                               struct dum_error *err)
{
	(void)err;
	strbuf_add(arg, data, len);
	return DUM_OK;
}

/* Text that packs, with numbers in it so that no two parts are the same. */
static unsigned char *make_text(size_t len)
{
	unsigned char *text = malloc(len + 32);

	assert_non_null(text);
	for (size_t i = 0; i < len; i += 16)
		snprintf((char *)text + i, 32, "line %010zu\n", i / 16);
	return text;
}

/* Unpack in pieces of the given size. */
static enum dum_status unpack(struct strbuf *out, const unsigned char *data,
                              size_t len, size_t piece, struct dum_error *err)
{
	struct gz_reader *reader = NULL;
	enum dum_status status;

	assert_ok(gz_reader_new(&reader, collect, out, err), err);
	status = DUM_OK;
	for (size_t at = 0; status == DUM_OK && at < len; at += piece)
		status = gz_reader_write(reader, data + at,
		                         piece < len - at ? piece : len - at,
		                         err);
	if (status == DUM_OK)
		status = gz_reader_finish(reader, err);
	gz_reader_free(reader);
	return status;
}

static void members_come_back_as_one(void **state)
{
	static const size_t pieces[] = {1, 7, 1000, 65536, 1 << 20};
	unsigned char *text = make_text(LARGE);
	unsigned char *packed = malloc(2 * gz_bound(LARGE) + gz_store_size(9));
	struct gz_packer *packer = NULL;
	struct dum_error err = {0};
	struct strbuf all = STRBUF_INIT, back = STRBUF_INIT;
	size_t len;

	(void)state;
	assert_non_null(packed);
	assert_ok(gz_packer_new(&packer, 1, &err), &err);
	len = gz_store(packed, "SQLite ok", 9);
	assert_int_equal(len, gz_store_size(9));
	len += gz_pack(packer, packed + len, text, LARGE);
	len += gz_pack(packer, packed + len, text, 1);
	strbuf_adds(&all, "SQLite ok");
	strbuf_add(&all, text, LARGE);
	strbuf_add(&all, text, 1);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		strbuf_reset(&back);
		assert_ok(unpack(&back, packed, len, pieces[i], &err), &err);
		assert_int_equal(back.len, all.len);
		assert_memory_equal(back.buf, all.buf, all.len);
	}
	gz_packer_free(packer);
	strbuf_release(&all);
	strbuf_release(&back);
	free(packed);
	free(text);
}

/* A stored member of every size about the limit of a block. */
static void stored_members_are_what_zlib_reads(void **state)
{
	static const size_t sizes[] = {0,     1,      4096,  65535,
	                               65536, 131070, 131071};
	unsigned char *text = make_text(LARGE), *back = malloc(LARGE);

	(void)state;
	assert_non_null(back);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *member = malloc(gz_store_size(sizes[i]));
		z_stream z = {0};

		assert_non_null(member);
		z.next_in = member;
		z.avail_in = (uInt)gz_store(member, text, sizes[i]);
		z.next_out = back;
		z.avail_out = LARGE;
		assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
		assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
		assert_int_equal(z.avail_in, 0);
		assert_int_equal(z.total_out, sizes[i]);
		assert_memory_equal(back, text, sizes[i]);
		inflateEnd(&z);
		free(member);
	}
	free(back);
	free(text);
}

static void every_cut_and_flip_is_told(void **state)
{
	unsigned char *text = make_text(2000), packed[8192];
	struct gz_packer *packer = NULL;
	struct dum_error err = {0};
	struct strbuf back = STRBUF_INIT;
	size_t first, len, same = 0;

	(void)state;
	assert_ok(gz_packer_new(&packer, 1, &err), &err);
	first = gz_store(packed, text, 100);
	len = first + gz_pack(packer, packed + first, text, 2000);
	for (size_t cut = 0; cut < len; cut++) {
		error_clear(&err);
		strbuf_reset(&back);
		/* At the seam the rest is only not there. */
		assert_status(unpack(&back, packed, cut, 64, &err),
		              cut == first ? DUM_OK : DUM_ETRUNCATED, &err);
	}
	/* Behind the header; bits that only fill up a byte change nothing. */
	for (size_t bit = 8 * (first + 10); bit < 8 * len; bit++) {
		error_clear(&err);
		strbuf_reset(&back);
		packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (unpack(&back, packed, len, 4096, &err) == DUM_OK) {
			assert_int_equal(back.len, 2100);
			assert_memory_equal(back.buf + 100, text, 2000);
			same++;
		}
		packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_in_range(same, 0, 7);
	error_clear(&err);
	packed[len] = 'x';
	assert_status(unpack(&back, packed, len + 1, 4096, &err),
	              DUM_ETRUNCATED, &err);
	error_clear(&err);
	memset(packed + len, 'x', 20);
	assert_status(unpack(&back, packed, len + 20, 4096, &err), DUM_EDAMAGED,
	              &err);
	gz_packer_free(packer);
	strbuf_release(&back);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_come_back_as_one),
	    cmocka_unit_test(stored_members_are_what_zlib_reads),
	    cmocka_unit_test(every_cut_and_flip_is_told),
	};

	return cmocka_run_group_tests_name("gz", tests, NULL, NULL);
}
