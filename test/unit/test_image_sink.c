/* Unit tests of lib/backup/image_sink.h: in order, or not at all. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "backup/image_sink.h"
#include "base/strbuf.h"

static enum dum_status collect(void *arg, const void *data, size_t len,
                               struct dum_error *err)
{
	(void)err;
	strbuf_add(arg, data, len);
	return DUM_OK;
}

static enum dum_status refuse(void *arg, const void *data, size_t len,
                              struct dum_error *err)
{
	(void)arg;
	(void)data;
	(void)len;
	return error_set(err, DUM_EFULL, "no room");
}

static sqlite3 *make_source(const char *pragma)
{
	sqlite3 *source = NULL;

	assert_int_equal(sqlite3_open(":memory:", &source), SQLITE_OK);
	sqlite3_exec(source, pragma, NULL, NULL, NULL);
	assert_int_equal(
	    sqlite3_exec(source,
	                 "CREATE TABLE t (a INTEGER PRIMARY KEY, b);"
	                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	                 " SELECT i + 1 FROM n WHERE i < 3000)"
	                 " INSERT INTO t SELECT i, hex(zeroblob(100)) FROM n;"
	                 "DELETE FROM t WHERE a % 3 = 0",
	                 NULL, NULL, NULL),
	    SQLITE_OK);
	return source;
}

/* In steps of so many pages; the result of the last one. */
static int back_up(struct image_sink *sink, sqlite3 *source, int pages)
{
	sqlite3_backup *backup;
	int rc;

	backup = sqlite3_backup_init(image_sink_handle(sink), "main", source,
	                             "main");
	assert_non_null(backup);
	do
		rc = sqlite3_backup_step(backup, pages);
	while (rc == SQLITE_OK);
	sqlite3_backup_finish(backup);
	return rc;
}

static void a_backup_comes_out_as_a_stream(void **state)
{
	static const char *const pragmas[] = {"PRAGMA page_size = 512",
	                                      "PRAGMA page_size = 4096",
	                                      "PRAGMA page_size = 32768"};
	static const int steps[] = {1, 7, -1};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		sqlite3 *source = make_source(pragmas[i]);
		struct strbuf rest = STRBUF_INIT;
		struct image_sink *sink = NULL;
		struct dum_error err = {0};
		sqlite3_int64 size = 0;
		unsigned char *whole;
		const void *first;
		size_t len = 0;

		assert_ok(image_sink_new(&sink, collect, &rest, &err), &err);
		assert_null(image_sink_first_page(sink, &len));
		assert_int_equal(back_up(sink, source, steps[i]), SQLITE_DONE);
		first = image_sink_first_page(sink, &len);
		assert_non_null(first);
		/* What the engine itself gives. */
		whole = sqlite3_serialize(source, "main", &size, 0);
		assert_int_equal(size, len + rest.len);
		assert_memory_equal(rest.buf, whole + len, rest.len);
		assert_memory_equal(first, whole, 18);
		sqlite3_free(whole);
		image_sink_free(sink);
		sqlite3_close(source);
		strbuf_release(&rest);
	}
}

static void pages_that_are_too_large_are_told(void **state)
{
	sqlite3 *source = make_source("PRAGMA page_size = 65536");
	struct strbuf rest = STRBUF_INIT;
	struct image_sink *sink = NULL;
	struct dum_error err = {0};

	(void)state;
	assert_ok(image_sink_new(&sink, collect, &rest, &err), &err);
	assert_int_not_equal(back_up(sink, source, -1), SQLITE_DONE);
	assert_status(image_sink_error(sink, &err), DUM_EINVAL, &err);
	image_sink_free(sink);
	sqlite3_close(source);
	strbuf_release(&rest);
}

static void the_taker_can_end_it(void **state)
{
	sqlite3 *source = make_source("PRAGMA page_size = 4096");
	struct image_sink *sink = NULL;
	struct dum_error err = {0};

	(void)state;
	assert_ok(image_sink_new(&sink, refuse, NULL, &err), &err);
	assert_int_not_equal(back_up(sink, source, -1), SQLITE_DONE);
	assert_status(image_sink_error(sink, &err), DUM_EFULL, &err);
	assert_string_equal(err.text, "no room");
	image_sink_free(sink);
	sqlite3_close(source);
}

static void pages_out_of_order_are_refused(void **state)
{
	struct strbuf rest = STRBUF_INIT;
	struct image_sink *sink = NULL;
	struct dum_error err = {0};
	sqlite3_file *file = NULL;
	char page[4096] = "";

	(void)state;
	assert_ok(image_sink_new(&sink, collect, &rest, &err), &err);
	assert_int_equal(sqlite3_file_control(image_sink_handle(sink), "main",
	                                      SQLITE_FCNTL_FILE_POINTER, &file),
	                 SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, page, 4096, 4096),
	                 SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, page, 4096, 3 * 4096),
	                 SQLITE_IOERR_WRITE);
	assert_status(image_sink_error(sink, &err), DUM_ESYS, &err);
	assert_non_null(strstr(err.text, "out of order"));
	/* And it stays so. */
	assert_int_equal(file->pMethods->xWrite(file, page, 4096, 2 * 4096),
	                 SQLITE_IOERR_WRITE);
	image_sink_free(sink);
	strbuf_release(&rest);
}

/* At 1 GiB lies a page that the engine never writes; the stream needs it. */
static enum dum_status count(void *arg, const void *data, size_t len,
                             struct dum_error *err)
{
	(void)data;
	(void)err;
	*(int64_t *)arg += (int64_t)len;
	return DUM_OK;
}

static void the_lock_page_is_filled_in(void **state)
{
	struct image_sink *sink = NULL;
	struct dum_error err = {0};
	sqlite3_file *file = NULL;
	static char page[32768];
	int64_t bytes = 0, lock = 0x40000000;

	(void)state;
	assert_ok(image_sink_new(&sink, count, &bytes, &err), &err);
	assert_int_equal(sqlite3_file_control(image_sink_handle(sink), "main",
	                                      SQLITE_FCNTL_FILE_POINTER, &file),
	                 SQLITE_OK);
	for (int64_t at = 32768; at < lock; at += 32768)
		assert_int_equal(
		    file->pMethods->xWrite(file, page, sizeof(page), at),
		    SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, page, sizeof(page),
	                                        lock + (int)sizeof(page)),
	                 SQLITE_OK);
	assert_int_equal(bytes, lock + (int)sizeof(page));
	image_sink_free(sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_backup_comes_out_as_a_stream),
	    cmocka_unit_test(pages_that_are_too_large_are_told),
	    cmocka_unit_test(the_taker_can_end_it),
	    cmocka_unit_test(pages_out_of_order_are_refused),
	    cmocka_unit_test(the_lock_page_is_filled_in),
	};

	return cmocka_run_group_tests_name("image_sink", tests, NULL, NULL);
}
