/* Unit tests of lib/base/tar.h, held against tar(1) in both directions. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/program.h"
#include "base/tar.h"
#include "tempdir.h"

/* Runs tar in the test's folder. */
static void run_tar(const char *const *words)
{
	char said[PROGRAM_SAID_MAX];
	struct dum_error err = {0};
	struct program *p = NULL;
	int status = -1;

	assert_ok(program_start(&p, words, PROGRAM_SILENT, &err), &err);
	assert_ok(program_finish(&status, said, p, &err), &err);
	program_free(p);
	assert_string_equal(said, "");
	assert_int_equal(status, 0);
}

static struct tar_file file_of(const char *name, const char *text)
{
	struct tar_file file = {
	    .mode = 0640, .at = 1795521600, .data = text, .len = strlen(text)};

	snprintf(file.name, sizeof(file.name), "%s", name);
	return file;
}

static void assert_next(struct tar_reader *r, const char *name,
                        const char *text)
{
	struct dum_error err = {0};
	struct tar_file file;
	bool any = false;

	assert_ok(tar_next(&file, &any, r, &err), &err);
	assert_true(any);
	assert_string_equal(file.name, name);
	assert_int_equal(file.len, strlen(text));
	assert_memory_equal(file.data, text, file.len);
}

static void assert_end(struct tar_reader *r)
{
	struct dum_error err = {0};
	struct tar_file file;
	bool any = true;

	assert_ok(tar_next(&file, &any, r, &err), &err);
	assert_false(any);
}

/* 120 characters, with slashes to cut it at. */
#define DEEP                                                          \
	"a/very/deep/folder/that/goes/on/and/on/until/no/hundred/of/" \
	"letters/is/enough/for/the/whole/of/its/name/at/last/file.txt"

static void tar_takes_apart_what_is_made(void **state)
{
	struct strbuf made = STRBUF_INIT;
	struct dum_error err = {0};
	struct tar_file one = file_of("etc/one.conf", "KEY=1\n");
	struct tar_file two = file_of(DEEP, "");
	const char *path = tempdir_path(state, "made.tar");
	char *text;

	assert_ok(tar_add(&made, &one, &err), &err);
	assert_ok(tar_add(&made, &two, &err), &err);
	tar_end(&made);
	assert_int_equal(made.len % 512, 0);
	assert_ok(fs_write_atomic(path, made.buf, made.len, 0600, &err), &err);
	strbuf_release(&made);
	run_tar((const char *const[]){"tar", "-C", *state, "-xf", path, NULL});
	text = tempdir_read(tempdir_path(state, "etc/one.conf"));
	assert_string_equal(text, "KEY=1\n");
	free(text);
	text = tempdir_read(tempdir_path(state, DEEP));
	assert_string_equal(text, "");
	free(text);
	run_tar((const char *const[]){"rm", "-r", tempdir_path(state, "etc"),
	                              tempdir_path(state, "a"), NULL});
}

static void what_tar_makes_is_read(void **state)
{
	const char *path = tempdir_path(state, "made.tar");
	struct strbuf made = STRBUF_INIT;
	struct dum_error err = {0};
	struct tar_reader r;

	tempdir_write(tempdir_path(state, "x"), "first");
	tempdir_write(tempdir_path(state, "y"), "second\n");
	run_tar((const char *const[]){"tar", "--format=ustar", "-C", *state,
	                              "-cf", path, "x", "y", NULL});
	assert_ok(fs_read_file(&made, path, 65536, &err), &err);
	r = (struct tar_reader){.data = made.buf, .len = made.len};
	assert_next(&r, "x", "first");
	assert_next(&r, "y", "second\n");
	assert_end(&r);
	strbuf_release(&made);
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const names[] = {
	    "", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a/."};
	struct strbuf made = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct tar_file file = file_of(names[i], "x");
		struct dum_error err = {0};

		assert_status(tar_add(&made, &file, &err), DUM_EINVAL, &err);
	}
	assert_int_equal(made.len, 0);
}

static void links_and_folders_are_refused(void **state)
{
	const char *path = tempdir_path(state, "made.tar");

	assert_int_equal(symlink("/etc/passwd", tempdir_path(state, "link")),
	                 0);
	for (int i = 0; i < 2; i++) {
		struct strbuf made = STRBUF_INIT;
		struct dum_error err = {0};
		struct tar_reader r;
		struct tar_file file;
		bool any;

		run_tar((const char *const[]){
		    "tar", "--format=ustar", "-C", *state, "-cf", path,
		    "--exclude=*.tar", i == 0 ? "link" : ".", NULL});
		assert_ok(fs_read_file(&made, path, 65536, &err), &err);
		r = (struct tar_reader){.data = made.buf, .len = made.len};
		assert_status(tar_next(&file, &any, &r, &err), DUM_EDAMAGED,
		              &err);
		strbuf_release(&made);
	}
}

static void every_end_that_is_too_soon_is_told(void **state)
{
	struct strbuf made = STRBUF_INIT;
	struct dum_error none = {0};
	struct tar_file one = file_of("one", "some text");

	(void)state;
	assert_ok(tar_add(&made, &one, &none), &none);
	tar_end(&made);
	for (size_t len = 0; len < 1024 + 512; len++) {
		struct tar_reader r = {.data = made.buf, .len = len};
		struct dum_error err = {0};
		enum dum_status status = DUM_OK;
		struct tar_file file;
		bool any = true;

		while (status == DUM_OK && any)
			status = tar_next(&file, &any, &r, &err);
		assert_status(status, DUM_ETRUNCATED, &err);
	}
	strbuf_release(&made);
}

static void a_bit_that_flips_in_a_header_is_told(void **state)
{
	struct strbuf made = STRBUF_INIT;
	struct dum_error none = {0};
	struct tar_file one = file_of("one", "some text");

	(void)state;
	assert_ok(tar_add(&made, &one, &none), &none);
	tar_end(&made);
	for (size_t bit = 0; bit < 512 * 8; bit++) {
		struct tar_reader r = {.data = made.buf, .len = made.len};
		struct dum_error err = {0};
		struct tar_file file;
		bool any;

		made.buf[bit / 8] ^= (char)(1 << bit % 8);
		/* Behind the digits of the sum stands what nobody reads. */
		if (tar_next(&file, &any, &r, &err) == DUM_OK)
			assert_in_range(bit / 8, 154, 155);
		made.buf[bit / 8] ^= (char)(1 << bit % 8);
	}
	strbuf_release(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(tar_takes_apart_what_is_made,
	                                    tempdir_setup, tempdir_teardown),
	    cmocka_unit_test_setup_teardown(what_tar_makes_is_read,
	                                    tempdir_setup, tempdir_teardown),
	    cmocka_unit_test(names_that_lead_elsewhere_are_refused),
	    cmocka_unit_test_setup_teardown(links_and_folders_are_refused,
	                                    tempdir_setup, tempdir_teardown),
	    cmocka_unit_test(every_end_that_is_too_soon_is_told),
	    cmocka_unit_test(a_bit_that_flips_in_a_header_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
