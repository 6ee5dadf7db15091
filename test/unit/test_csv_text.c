/* Unit tests of calc/csv_text.h: encodings and separators. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that it needs */
#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "calc/csv_text.h"

#define TEXT(s) s, sizeof(s) - 1

static const struct {
	const char *why;
	const char *data;
	size_t len;
	char separator;
	const char *encoding;
	const char *text;
} good[] = {
    {"plain", TEXT("D,A\n1,2\n"), ',', "UTF-8", "D,A\n1,2\n"},
    {"a mark is cut off",
     TEXT("\xef\xbb\xbf"
          "D;A\n1;2\n"),
     ';', "UTF-8", "D;A\n1;2\n"},
    {"tabs", TEXT("D\tA,B\n1\t2\n"), '\t', "UTF-8", "D\tA,B\n1\t2\n"},
    {"decimal commas do not hide a semicolon", TEXT("D;A\n1;2,5\n"), ';',
     "UTF-8", "D;A\n1;2,5\n"},
    {"the header may hold commas", TEXT("Day, local;A\n1;2\n"), ';', "UTF-8",
     "Day, local;A\n1;2\n"},
    {"a quoted date hides nothing", TEXT("D,A\n\"1;x\",2\n"), ',', "UTF-8",
     "D,A\n\"1;x\",2\n"},
    {"a row of a date alone is passed over", TEXT("D;A\n1\n2;3,4\n"), ';',
     "UTF-8", "D;A\n1\n2;3,4\n"},
    {"a header alone is judged itself", TEXT("D;A\n"), ';', "UTF-8", "D;A\n"},
    {"no line break at the end", TEXT("D;A\n1;2"), ';', "UTF-8", "D;A\n1;2"},
    {"CR ends lines too", TEXT("D,x;A\r1;2\r"), ';', "UTF-8", "D,x;A\r1;2\r"},
    {"Latin-1",
     TEXT("D,S\xfc"
          "d\n1,2\n"),
     ',', "Latin-1",
     "D,S\xc3\xbc"
     "d\n1,2\n"},
    {"a sign of Windows-1252", TEXT("D,\x80\n1,2\n"), ',', "Latin-1",
     "D,\xe2\x82\xac\n1,2\n"},
    {"UTF-8 stays",
     TEXT("D,S\xc3\xbc"
          "d\n1,2\n"),
     ',', "UTF-8",
     "D,S\xc3\xbc"
     "d\n1,2\n"},
};

static void encoding_and_separator_are_found_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct dum_error err = {0};
		struct csv_text text;

		if (csv_text_open(&text, good[i].data, good[i].len, &err) !=
		    DUM_OK)
			fail_msg("%s: %s", good[i].why, err.text);
		if (text.separator != good[i].separator ||
		    strcmp(text.encoding, good[i].encoding) != 0 ||
		    text.len != strlen(good[i].text) ||
		    memcmp(text.text, good[i].text, text.len) != 0)
			fail_msg("%s: '%c' %s '%.*s'", good[i].why,
			         text.separator, text.encoding, (int)text.len,
			         text.text);
		csv_text_release(&text);
	}
}

static const struct {
	const char *data;
	size_t len;
	const char *says;
} bad[] = {
    {TEXT(""), "the file is empty"},
    {TEXT(" \r\n\n\t"), "the file is empty"},
    {TEXT("\xef\xbb\xbf"), "the file is empty"},
    {TEXT("D,A\n1,\0\n"), "not a text file"},
    {TEXT("\xff\xfe"
          "D\0,\0"),
     "UTF-16"},
    {TEXT("\xfe\xff"
          "\0D"),
     "UTF-16"},
};

static void what_is_no_text_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dum_error err = {0};
		struct csv_text text;

		assert_int_equal(
		    csv_text_open(&text, bad[i].data, bad[i].len, &err),
		    DUM_EINVAL);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("%zu: %s", i, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encoding_and_separator_are_found_out),
	    cmocka_unit_test(what_is_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
