/* Unit tests of lib/base/program.h: other programs, by their words alone. */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/strbuf.h"

/* The end of a program, and what it said. */
static int end_of(const char *const *words, char said[static PROGRAM_SAID_MAX])
{
	struct dum_error err = {0};
	struct program *p = NULL;
	int status = -2;

	assert_ok(program_start(&p, words, PROGRAM_SILENT, &err), &err);
	assert_ok(program_finish(&status, said, p, &err), &err);
	program_free(p);
	return status;
}

#define SH(text)                       \
	(const char *const[])          \
	{                              \
		"sh", "-c", text, NULL \
	}

static void its_status_and_its_last_words_are_told(void **state)
{
	char said[PROGRAM_SAID_MAX];

	(void)state;
	assert_int_equal(end_of(SH("exit 7"), said), 7);
	assert_string_equal(said, "");
	assert_int_equal(end_of(SH("echo first >&2; echo last >&2"), said), 0);
	assert_string_equal(said, "last");
	assert_int_equal(
	    end_of(SH("printf 'one\n\nno end' >&2; kill -9 $$"), said), -1);
	assert_string_equal(said, "no end");
	assert_int_equal(
	    end_of(SH("head -c 100000 /dev/zero | tr '\\0' x >&2"), said), 0);
	assert_int_equal(strlen(said), PROGRAM_SAID_MAX - 1);
}

static void words_are_not_read_by_a_shell(void **state)
{
	const char *const words[] = {"echo", "$HOME; `id` *", NULL};
	struct strbuf got = STRBUF_INIT;
	struct dum_error err = {0};
	struct program *p = NULL;
	char said[PROGRAM_SAID_MAX], piece[7];
	size_t len = 1;
	int status;

	(void)state;
	assert_ok(program_start(&p, words, PROGRAM_GIVES, &err), &err);
	while (len > 0) {
		assert_ok(program_read(&len, p, piece, sizeof(piece), &err),
		          &err);
		strbuf_add(&got, piece, len);
	}
	assert_ok(program_finish(&status, said, p, &err), &err);
	program_free(p);
	assert_string_equal(got.buf, "$HOME; `id` *\n");
	strbuf_release(&got);
}

static void it_takes_what_is_written_and_its_end(void **state)
{
	struct dum_error err = {0};
	struct program *p = NULL;
	char said[PROGRAM_SAID_MAX];
	int status;

	(void)state;
	assert_ok(program_start(&p, SH("wc -c >&2"), PROGRAM_TAKES, &err),
	          &err);
	for (int i = 0; i < 1000; i++)
		assert_ok(program_write(p, said, sizeof(said), &err), &err);
	assert_ok(program_finish(&status, said, p, &err), &err);
	assert_int_equal(strtol(said, NULL, 10), 1000L * PROGRAM_SAID_MAX);
	program_free(p);
}

static void one_that_ends_early_is_an_error_and_no_signal(void **state)
{
	static const char piece[65536];
	enum dum_status status = DUM_OK;
	struct dum_error err = {0};
	struct program *p = NULL;
	char said[PROGRAM_SAID_MAX];
	int result;

	(void)state;
	assert_ok(program_start(&p, SH("echo no room >&2; exit 3"),
	                        PROGRAM_TAKES, &err),
	          &err);
	for (int i = 0; i < 1000 && status == DUM_OK; i++)
		status = program_write(p, piece, sizeof(piece), &err);
	assert_int_equal(status, DUM_ESYS);
	error_clear(&err);
	assert_ok(program_finish(&result, said, p, &err), &err);
	assert_int_equal(result, 3);
	assert_string_equal(said, "no room");
	program_free(p);
}

static void one_that_is_let_go_of_ends(void **state)
{
	struct dum_error err = {0};
	struct program *p = NULL;

	(void)state;
	assert_ok(program_start(&p, SH("exec sleep 600"), PROGRAM_GIVES, &err),
	          &err);
	program_free(p); /* waits for its end */
}

static void one_that_is_not_there_is_told(void **state)
{
	struct dum_error err = {0};
	struct program *p = NULL;

	(void)state;
	assert_status(program_start(&p, (const char *const[]){"/no/such", NULL},
	                            PROGRAM_TAKES, &err),
	              DUM_ENOTFOUND, &err);
	assert_null(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(its_status_and_its_last_words_are_told),
	    cmocka_unit_test(words_are_not_read_by_a_shell),
	    cmocka_unit_test(it_takes_what_is_written_and_its_end),
	    cmocka_unit_test(one_that_ends_early_is_an_error_and_no_signal),
	    cmocka_unit_test(one_that_is_let_go_of_ends),
	    cmocka_unit_test(one_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
