/* Unit tests of calc/csv_number.h: decimal signs and marks of thousands. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that it needs */
#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "calc/csv_number.h"

#define POINT CSV_DECIMAL_POINT
#define COMMA CSV_DECIMAL_COMMA

/* Cells of a file, separated by '|', and what they come to. */
static const struct {
	const char *cells;
	enum csv_decimal decimal; /* UNKNOWN: refused */
	int line;                 /* of the refusal; cells are lines */
} files[] = {
    {"1|2|3", POINT, 0},
    {"1.5|2", POINT, 0},
    {"1.234|5.678", POINT, 0},
    {"1,5|2", COMMA, 0},
    {"1,2345", COMMA, 0},
    {",5", COMMA, 0},
    {"5,", COMMA, 0},
    {"0,123", COMMA, 0},
    {"1234,567", COMMA, 0},
    {"1.234,5|1.234", COMMA, 0},
    {"1.234.567", COMMA, 0},
    {"1 234,567", COMMA, 0},
    {"1,234,567", POINT, 0},
    {"1,234.5|1,234", POINT, 0},
    {"1,234|9.9", POINT, 0},
    {"1,234|9,9", COMMA, 0},
    {"1,234|0.123", POINT, 0},
    {"1'234|5", POINT, 0},
    {"n/a|1.2.3|12,34,567|v1,5|-", POINT, 0},
    {"-1,5|2", COMMA, 0},
    {"(1,5)|2", COMMA, 0},
    {"1,5E3", COMMA, 0},
    {"1,234|5", CSV_DECIMAL_UNKNOWN, 1},
    {"5|1,234|1.234", CSV_DECIMAL_UNKNOWN, 2},
    {"1,5|2|1.5", CSV_DECIMAL_UNKNOWN, 3},
    {"1,234.5|1.234,5", CSV_DECIMAL_UNKNOWN, 2},
    {"9.9|1,234,567|1,5", CSV_DECIMAL_UNKNOWN, 3},
};

static void the_decimal_sign_is_decided_for_the_whole_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		enum csv_decimal decimal = CSV_DECIMAL_UNKNOWN;
		struct csv_decimal_guess guess = {0};
		const char *at = files[i].cells;
		struct dum_error err = {0};

		for (int line = 1; at != NULL; line++) {
			const char *end = strchrnul(at, '|');

			csv_decimal_add(&guess, at, (size_t)(end - at), line);
			at = *end == '|' ? end + 1 : NULL;
		}
		if ((csv_decimal_decide(&decimal, &guess, ',', &err) ==
		     DUM_OK) != (files[i].line == 0) ||
		    decimal != files[i].decimal || err.line != files[i].line)
			fail_msg("%s: %s, line %d %s", files[i].cells,
			         csv_decimal_name(decimal), err.line, err.text);
		if (files[i].line != 0)
			assert_string_equal(err.field, "decimal");
	}
}

/* The same between semicolons or tabs; UNKNOWN: refused. */
static const struct {
	const char *cells; /* two */
	enum csv_decimal decimal;
} beside_others[] = {
    {"1.234|2.500", CSV_DECIMAL_UNKNOWN},
    {"1.234|7", CSV_DECIMAL_UNKNOWN},
    {"1.234|2.5", POINT},
    {"1.234|0.500", POINT},
    {"1.234|2,5", COMMA},
    {"1.234|1.234.567", COMMA},
    {"1'234|7", POINT},
    {"12|7", POINT},
    {"1.234|1,234", CSV_DECIMAL_UNKNOWN},
    {"1.234|n/a", CSV_DECIMAL_UNKNOWN},
};

static void between_semicolons_a_point_may_be_one_of_thousands(void **state)
{
	(void)state;
	for (size_t i = 0;
	     i < 2 * sizeof(beside_others) / sizeof(beside_others[0]); i++) {
		const char *text = beside_others[i / 2].cells;
		const char *middle = strchr(text, '|');
		enum csv_decimal decimal = CSV_DECIMAL_UNKNOWN;
		struct csv_decimal_guess guess = {0};
		struct dum_error err = {0};
		enum dum_status status;

		csv_decimal_add(&guess, text, (size_t)(middle - text), 1);
		csv_decimal_add(&guess, middle + 1, strlen(middle + 1), 2);
		status = csv_decimal_decide(&decimal, &guess,
		                            i % 2 ? ';' : '\t', &err);
		if (decimal != beside_others[i / 2].decimal ||
		    (status == DUM_OK) != (decimal != CSV_DECIMAL_UNKNOWN))
			fail_msg("%s: %s", text, err.text);
		if (status != DUM_OK)
			assert_string_equal(err.field, "decimal");
	}
}

static const struct {
	const char *text;
	enum csv_decimal decimal;
	enum byte_unit unit;
	enum bytes_parsed got;
	int64_t bytes;
} cells[] = {
    {"9.9", POINT, UNIT_GB, BYTES_OK, 9900000000},
    {"130", POINT, UNIT_GB, BYTES_OK, 130000000000},
    {"0", POINT, UNIT_GB, BYTES_OK, 0},
    {".5", POINT, UNIT_MB, BYTES_OK, 500000},
    {"5.", POINT, UNIT_MB, BYTES_OK, 5000000},
    {"1.0000000004", POINT, UNIT_GB, BYTES_OK, 1000000000},
    {"1.0000000005", POINT, UNIT_GB, BYTES_OK, 1000000001},
    {"0.4", POINT, UNIT_BYTES, BYTES_OK, 0},
    {"0.5", POINT, UNIT_BYTES, BYTES_OK, 1},
    {"1", POINT, UNIT_GIB, BYTES_OK, 1073741824},
    {"1.5", POINT, UNIT_GIB, BYTES_OK, 1610612736},
    {"999999999999999", POINT, UNIT_BYTES, BYTES_OK, 999999999999999},
    {"999999999", POINT, UNIT_GB, BYTES_OK, 999999999000000000},
    {"9999999999", POINT, UNIT_GB, BYTES_TOO_LARGE, 0},
    {"000000000000000000001", POINT, UNIT_GB, BYTES_OK, 1000000000},
    {"1.2E3", POINT, UNIT_GB, BYTES_OK, 1200000000000},
    {"+1.5e-3", POINT, UNIT_GB, BYTES_OK, 1500000},
    {"1,234.5", POINT, UNIT_MB, BYTES_OK, 1234500000},
    {"1,234", POINT, UNIT_MB, BYTES_OK, 1234000000},
    {"1,5", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"12,34", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1,5", COMMA, UNIT_GB, BYTES_OK, 1500000000},
    {"1.234,5", COMMA, UNIT_MB, BYTES_OK, 1234500000},
    {"1.234", COMMA, UNIT_MB, BYTES_OK, 1234000000},
    {"1.5", COMMA, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"0.123", COMMA, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1,5,", COMMA, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1 234 567,5", COMMA, UNIT_MB, BYTES_OK, 1234567500000},
    {"1\xc2\xa0"
     "234",
     POINT, UNIT_MB, BYTES_OK, 1234000000},
    {"1'234.5", POINT, UNIT_MB, BYTES_OK, 1234500000},
    {"1 234'567", POINT, UNIT_MB, BYTES_NO_NUMBER, 0},
    {"1 23", POINT, UNIT_MB, BYTES_NO_NUMBER, 0},
    {"-1", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"- 1", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"\xe2\x88\x92"
     "1.5",
     POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"(1)", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"(1,5)", COMMA, UNIT_GB, BYTES_NEGATIVE, 0},
    {"(-1)", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"()", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"(n/a)", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"-0.0", POINT, UNIT_GB, BYTES_OK, 0},
    {"-1.234,5", COMMA, UNIT_GB, BYTES_NEGATIVE, 0},
    {"\xe2\x88\x92"
     "5",
     POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"\xe2\x88\x92 0", POINT, UNIT_GB, BYTES_OK, 0},
    {"\xe2\x80\x93"
     "5.5",
     POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"-\xc2\xa0"
     "5",
     POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"5-", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"( 5 )", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"(1,234.5)", POINT, UNIT_GB, BYTES_NEGATIVE, 0},
    {"(1.234,5)", COMMA, UNIT_GB, BYTES_NEGATIVE, 0},
    {"(1)(2)", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"(see note)", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"( )", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"(-)", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"--5", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"-+5", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"- ", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"\xe2\x80\x93", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"2-3", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1e400", POINT, UNIT_GB, BYTES_TOO_LARGE, 0},
    {"N/A", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"inf", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"nan", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"0x10", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1.5 GB", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1.2.3", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {".", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {",", COMMA, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"-", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"+-1", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"1e", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
    {"\xd9\xa1", POINT, UNIT_GB, BYTES_NO_NUMBER, 0},
};

static void a_cell_is_read_in_the_sign_of_its_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		int64_t bytes = 0;
		enum bytes_parsed got = csv_number_read(
		    &bytes, cells[i].text, strlen(cells[i].text),
		    cells[i].decimal, cells[i].unit);

		if (got != cells[i].got || bytes != cells[i].bytes)
			fail_msg("'%s': %d, %lld", cells[i].text, got,
			         (long long)bytes);
	}
}

static void the_short_way_and_the_long_one_agree(void **state)
{
	static const enum byte_unit units[] = {UNIT_BYTES, UNIT_MB, UNIT_GB};
	unsigned int seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		enum byte_unit unit = units[i % 3];
		int64_t quick = -1, slow = -1;
		char text[24];
		size_t len = 0;

		for (int n =
		         1 +
		         (int)((seed = seed * 1103515245 + 12345) >> 16) % 12;
		     n > 0; n--) {
			seed = seed * 1103515245 + 12345;
			text[len++] = "0123456789."[(seed >> 16) % 11];
		}
		assert_int_equal(
		    csv_number_read(&quick, text, len, POINT, unit),
		    bytes_parse(&slow, text, len, unit));
		assert_int_equal(quick, slow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_decimal_sign_is_decided_for_the_whole_file),
	    cmocka_unit_test(
	        between_semicolons_a_point_may_be_one_of_thousands),
	    cmocka_unit_test(a_cell_is_read_in_the_sign_of_its_file),
	    cmocka_unit_test(the_short_way_and_the_long_one_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
