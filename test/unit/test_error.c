/* Unit tests of base/error.h: the first error, in one printable line. */
#include "fixture.h"

#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

static void the_status_comes_back_and_the_text_is_kept(void **state)
{
	struct dum_error err = {0};

	(void)state;
	assert_int_equal(error_set(&err, DUM_EBUSY, "%s is %d", "it", 7),
	                 DUM_EBUSY);
	assert_int_equal(err.status, DUM_EBUSY);
	assert_string_equal(err.text, "it is 7");
	assert_string_equal(err.field, "");
	assert_int_equal(err.line, 0);
}

static void nobody_needs_to_want_the_text(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, DUM_ENOMEM, "x"), DUM_ENOMEM);
	assert_int_equal(error_field(NULL, DUM_EINVAL, "f", "x"), DUM_EINVAL);
	error_at(NULL, 3);
	error_clear(NULL);
}

static void the_first_error_wins_whatever_follows(void **state)
{
	struct dum_error err = {0};

	(void)state;
	error_field(&err, DUM_EINVAL, "date", "the cause");
	assert_int_equal(error_set(&err, DUM_ESYS, "cleaning up failed too"),
	                 DUM_ESYS);
	assert_int_equal(error_field(&err, DUM_ESYS, "name", "again"),
	                 DUM_ESYS);
	assert_int_equal(err.status, DUM_EINVAL);
	assert_string_equal(err.text, "the cause");
	assert_string_equal(err.field, "date");
}

static void the_line_is_noted_once_and_only_with_an_error(void **state)
{
	struct dum_error err = {0};

	(void)state;
	error_at(&err, 3);
	assert_int_equal(err.line, 0);
	error_set(&err, DUM_EINVAL, "x");
	error_at(&err, 4);
	error_at(&err, 9);
	assert_int_equal(err.line, 4);
}

static void a_cleared_error_takes_the_next_one(void **state)
{
	struct dum_error err = {0};

	(void)state;
	error_field(&err, DUM_EINVAL, "date", "x");
	error_at(&err, 4);
	error_clear(&err);
	assert_int_equal(err.status, DUM_OK);
	assert_int_equal(err.line, 0);
	error_set(&err, DUM_ESYS, "y");
	assert_string_equal(err.text, "y");
	assert_string_equal(err.field, "");
}

static const struct {
	const char *text, *shown;
} quoted[] = {
    {"two\nlines\r\n", "two?lines??"},
    {"tab\there", "tab?here"},
    {"\x1b[31mred", "?[31mred"},
    {"del\x7f", "del?"},
    {"Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
     "Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"latin-1 caf\xe9", "latin-1 caf?"},
    {"c1 \xc2\x9b"
     "31m",
     "c1 ??31m"}, /* steers some terminals as ESC [ */
    {"turned \xe2\x80\xae"
     "txt",
     "turned ???txt"},
    {"line \xe2\x80\xa8separator", "line ???separator"},
};

static void what_could_steer_a_terminal_is_not_in_the_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++) {
		struct dum_error err = {0};

		error_set(&err, DUM_EINVAL, "%s", quoted[i].text);
		assert_string_equal(err.text, quoted[i].shown);
	}
}

static void a_text_too_long_is_cut_and_still_printable(void **state)
{
	char text[1000];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct dum_error err = {0};

		memset(text, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 5);
		error_field(&err, DUM_EINVAL, text, "%s", text);
		assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
		assert_int_equal(strlen(err.field), sizeof(err.field) - 1);
		assert_true(utf8_printable(err.text, strlen(err.text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_status_comes_back_and_the_text_is_kept),
	    cmocka_unit_test(nobody_needs_to_want_the_text),
	    cmocka_unit_test(the_first_error_wins_whatever_follows),
	    cmocka_unit_test(the_line_is_noted_once_and_only_with_an_error),
	    cmocka_unit_test(a_cleared_error_takes_the_next_one),
	    cmocka_unit_test(what_could_steer_a_terminal_is_not_in_the_text),
	    cmocka_unit_test(a_text_too_long_is_cut_and_still_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
