/* Unit tests of base/bytes.h: amounts in, amounts out, sums. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	enum byte_unit unit;
	int64_t bytes;
} numbers[] = {
    {"0", UNIT_GB, 0},
    {"-0", UNIT_GB, 0},
    {"-0.000e5", UNIT_GB, 0},
    {"000", UNIT_GB, 0},
    {"130", UNIT_GB, INT64_C(130000000000)},
    {"9.9", UNIT_GB, INT64_C(9900000000)},
    {"+1.5", UNIT_GB, INT64_C(1500000000)},
    {".5", UNIT_GB, INT64_C(500000000)},
    {"5.", UNIT_GB, INT64_C(5000000000)},
    {"007.10", UNIT_GB, INT64_C(7100000000)},
    {"0.1", UNIT_GB, INT64_C(100000000)},
    {"0.123456789", UNIT_GB, 123456789},
    {"0.000000001", UNIT_GB, 1},
    {"1.2E3", UNIT_MB, INT64_C(1200000000)},
    {"1.2e+03", UNIT_MB, INT64_C(1200000000)},
    {"1200e-1", UNIT_MB, INT64_C(120000000)},
    {"1E-9", UNIT_GB, 1},
    {"1", UNIT_GIB, INT64_C(1073741824)},
    {"0.5", UNIT_GIB, INT64_C(536870912)},
    {"17", UNIT_BYTES, 17},
    {"1e18", UNIT_BYTES, INT64_C(1000000000000000000)},
    /* halves of a byte go up, and nothing below a half does */
    {"0.5", UNIT_BYTES, 1},
    {"0.4999999999999999999999999999999999999999999999999", UNIT_BYTES, 0},
    {"0.0000000005", UNIT_GB, 1},
    {"0.00000000049999999999999999999999999999999999999999", UNIT_GB, 0},
    {"1.0000000015", UNIT_GB, INT64_C(1000000002)},
    {"2.5", UNIT_BYTES, 3},
    {"1e-400", UNIT_GB, 0},
    {"1e-999", UNIT_GB, 0},
    /* the greatest there is */
    {"9223372036854775807", UNIT_BYTES, INT64_MAX},
    {"9223372036854775807.4", UNIT_BYTES, INT64_MAX},
    {"9223372036.854775807", UNIT_GB, INT64_MAX},
    {"0.9223372036854775807e19", UNIT_BYTES, INT64_MAX},
    /* more digits than a number of bytes can have */
    {"1.0000000000000000000000000000000000000000000000001", UNIT_GB,
     BYTES_PER_GB},
    {"000000000000000000000000000000000000000000000000007", UNIT_BYTES, 7},
    {"0.000000000000000000000000000000000000000000000000007e51", UNIT_BYTES, 7},
    {"7000000000000000000000000000000000000000000000000000e-51", UNIT_BYTES, 7},
    {"12345678901234567890123456789012345678901234567890e-48", UNIT_BYTES, 12},
};

static void plain_numbers_come_out_exact_and_rounded_half_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		const char *text = numbers[i].text;
		int64_t got = -7;

		if (bytes_parse(&got, text, strlen(text), numbers[i].unit) !=
		        BYTES_OK ||
		    got != numbers[i].bytes)
			fail_msg("'%s' %s: %lld", text,
			         byte_unit_name(numbers[i].unit),
			         (long long)got);
	}
}

static const struct {
	const char *text;
	enum byte_unit unit;
	enum bytes_parsed verdict;
} refused[] = {
    {"", UNIT_GB, BYTES_NO_NUMBER},
    {".", UNIT_GB, BYTES_NO_NUMBER},
    {"+", UNIT_GB, BYTES_NO_NUMBER},
    {"-", UNIT_GB, BYTES_NO_NUMBER},
    {"-.", UNIT_GB, BYTES_NO_NUMBER},
    {"+-1", UNIT_GB, BYTES_NO_NUMBER},
    {" 1", UNIT_GB, BYTES_NO_NUMBER},
    {"1 ", UNIT_GB, BYTES_NO_NUMBER},
    {"1\n", UNIT_GB, BYTES_NO_NUMBER},
    {"1,5", UNIT_GB, BYTES_NO_NUMBER},
    {"1.2.3", UNIT_GB, BYTES_NO_NUMBER},
    {"1..2", UNIT_GB, BYTES_NO_NUMBER},
    {"0x10", UNIT_GB, BYTES_NO_NUMBER},
    {"1GB", UNIT_GB, BYTES_NO_NUMBER},
    {"e5", UNIT_GB, BYTES_NO_NUMBER},
    {".e5", UNIT_GB, BYTES_NO_NUMBER},
    {"1e", UNIT_GB, BYTES_NO_NUMBER},
    {"1e+", UNIT_GB, BYTES_NO_NUMBER},
    {"1e5.0", UNIT_GB, BYTES_NO_NUMBER},
    {"1e0005", UNIT_GB, BYTES_NO_NUMBER},
    {"1ee5", UNIT_GB, BYTES_NO_NUMBER},
    {"inf", UNIT_GB, BYTES_NO_NUMBER},
    {"nan", UNIT_GB, BYTES_NO_NUMBER},
    {"N/A", UNIT_GB, BYTES_NO_NUMBER},
    {"\xd9\xa1", UNIT_GB, BYTES_NO_NUMBER}, /* an Arabic one */
    {"-1", UNIT_GB, BYTES_NEGATIVE},
    {"-0.0000000000001", UNIT_GB, BYTES_NEGATIVE},
    {"-1e999", UNIT_GB, BYTES_NEGATIVE},
    {"9223372036854775808", UNIT_BYTES, BYTES_TOO_LARGE},
    {"9223372036854775807.5", UNIT_BYTES, BYTES_TOO_LARGE},
    {"9223372036.8547758075", UNIT_GB, BYTES_TOO_LARGE},
    {"9223372037", UNIT_GB, BYTES_TOO_LARGE},
    {"8589934592", UNIT_GIB, BYTES_TOO_LARGE},
    {"1e19", UNIT_BYTES, BYTES_TOO_LARGE},
    {"1e999", UNIT_BYTES, BYTES_TOO_LARGE},
    {"99999999999999999999999999999999999999999999999999", UNIT_BYTES,
     BYTES_TOO_LARGE},
};

static void what_is_no_amount_is_told_apart_and_leaves_out_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *text = refused[i].text;
		int64_t got = -7;

		if (bytes_parse(&got, text, strlen(text), refused[i].unit) !=
		        refused[i].verdict ||
		    got != -7)
			fail_msg("'%s': not %d, or written to", text,
			         (int)refused[i].verdict);
	}
}

static void the_length_bounds_the_text_and_not_a_nul(void **state)
{
	int64_t got = 0;

	(void)state;
	assert_int_equal(bytes_parse(&got, "12345", 2, UNIT_BYTES), BYTES_OK);
	assert_int_equal(got, 12);
	assert_int_equal(bytes_parse(&got, "1\0002", 3, UNIT_BYTES),
	                 BYTES_NO_NUMBER);
}

/* Up to 62 random bits, small ones as often as large ones. */
static int64_t random_amount(void)
{
	uint64_t bits = (uint64_t)random() << 31 | (uint64_t)random();

	return (int64_t)(bits >> random() % 62);
}

static void every_amount_survives_the_way_out_and_in(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 200000; i++) {
		int64_t bytes = random_amount(), got = -1;
		char text[BYTES_GB_MAX];
		size_t len = bytes_format_gb(text, bytes);

		assert_int_equal(len, strlen(text));
		assert_int_equal(bytes_parse(&got, text, len, UNIT_GB),
		                 BYTES_OK);
		assert_int_equal(got, bytes);
	}
}

/* amount / 2^bits written out in full: it has `bits` decimals. */
static void write_binary_fraction(char out[static 80], uint64_t amount,
                                  int bits)
{
	uint64_t rest = amount & ((UINT64_C(1) << bits) - 1);

	out += snprintf(out, 24, "%llu.", (unsigned long long)amount >> bits);
	for (int i = 0; i < bits; i++) {
		rest *= 10;
		*out++ = (char)('0' + (rest >> bits));
		rest &= (UINT64_C(1) << bits) - 1;
	}
	*out = '\0';
}

static void gibibytes_with_thirty_decimals_give_the_byte(void **state)
{
	(void)state;
	srandom(2);
	for (int i = 0; i < 50000; i++) {
		int64_t bytes = random_amount(), got = -1;
		char text[80];

		write_binary_fraction(text, (uint64_t)bytes, 30);
		assert_int_equal(
		    bytes_parse(&got, text, strlen(text), UNIT_GIB), BYTES_OK);
		assert_int_equal(got, bytes);
		/* and half a byte more gives the next one */
		write_binary_fraction(text, (uint64_t)bytes * 2 + 1, 31);
		assert_int_equal(
		    bytes_parse(&got, text, strlen(text), UNIT_GIB), BYTES_OK);
		assert_int_equal(got, bytes + 1);
	}
}

static const struct {
	int64_t bytes;
	const char *text;
} amounts[] = {
    {0, "0"},
    {1, "0.000000001"},
    {10, "0.00000001"},
    {999999999, "0.999999999"},
    {BYTES_PER_GB, "1"},
    {INT64_C(9900000000), "9.9"},
    {INT64_C(100000000000), "100"},
    {INT64_C(100000000001), "100.000000001"},
    {INT64_MAX, "9223372036.854775807"},
    /* differences */
    {-1, "-0.000000001"},
    {-500000000, "-0.5"},
    {-BYTES_PER_GB, "-1"},
    {INT64_C(-9900000000), "-9.9"},
    {INT64_MIN, "-9223372036.854775808"},
};

static void gigabytes_are_written_exact_and_short(void **state)
{
	char text[BYTES_GB_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(amounts); i++) {
		assert_int_equal(bytes_format_gb(text, amounts[i].bytes),
		                 strlen(amounts[i].text));
		assert_string_equal(text, amounts[i].text);
	}
}

static void sums_go_past_what_an_integer_holds(void **state)
{
	struct byte_sum sum = {0, 0};
	char text[BYTES_GB_MAX + 8];

	(void)state;
	for (int i = 0; i < 1000; i++)
		byte_sum_add(&sum, 0, INT64_MAX);
	byte_sum_format_gb(text, &sum);
	assert_string_equal(text, "9223372036854.775807");
	for (int i = 0; i < 1000; i++)
		byte_sum_add(&sum, 9000000000000000, 999999999);
	byte_sum_format_gb(text, &sum);
	assert_string_equal(text, "9000009223372037854.775806");
}

static void a_sum_of_parts_is_the_sum_of_the_whole(void **state)
{
	struct byte_sum sum = {0, 0}, whole = {0, 0};
	int64_t total = 0;

	(void)state;
	srandom(3);
	for (int i = 0; i < 100000; i++) {
		int64_t bytes = random_amount() >> 20;

		total += bytes;
		byte_sum_add(&sum, 0, bytes);
		assert_in_range(sum.rest, 0, BYTES_PER_GB - 1);
	}
	byte_sum_add(&whole, 0, total);
	assert_int_equal(byte_sum_cmp(&sum, &whole), 0);
}

static void sums_compare_by_gigabytes_then_by_the_rest(void **state)
{
	const struct byte_sum order[] = {{0, 0}, {0, 1}, {0, 999999999},
	                                 {1, 0}, {1, 1}, {INT64_MAX, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = 0; j < COUNT(order); j++)
			assert_int_equal(byte_sum_cmp(&order[i], &order[j]),
			                 (i > j) - (i < j));
}

static void units_are_found_by_their_exact_names(void **state)
{
	(void)state;
	for (int unit = UNIT_BYTES; unit <= UNIT_GIB; unit++)
		assert_int_equal(
		    byte_unit_find(byte_unit_name((enum byte_unit)unit)), unit);
	assert_int_equal(byte_unit_find("gb"), -1);
	assert_int_equal(byte_unit_find("GB "), -1);
	assert_int_equal(byte_unit_find("TB"), -1);
	assert_int_equal(byte_unit_find(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_numbers_come_out_exact_and_rounded_half_up),
	    cmocka_unit_test(
	        what_is_no_amount_is_told_apart_and_leaves_out_alone),
	    cmocka_unit_test(the_length_bounds_the_text_and_not_a_nul),
	    cmocka_unit_test(every_amount_survives_the_way_out_and_in),
	    cmocka_unit_test(gibibytes_with_thirty_decimals_give_the_byte),
	    cmocka_unit_test(gigabytes_are_written_exact_and_short),
	    cmocka_unit_test(sums_go_past_what_an_integer_holds),
	    cmocka_unit_test(a_sum_of_parts_is_the_sum_of_the_whole),
	    cmocka_unit_test(sums_compare_by_gigabytes_then_by_the_rest),
	    cmocka_unit_test(units_are_found_by_their_exact_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
