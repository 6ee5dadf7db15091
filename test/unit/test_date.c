/* Unit tests of calc/date.h, with the C library's calendar as the reference. */
#include "fixture.h"

#include <string.h>
#include <time.h>

#include "calc/date.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Days since 1970 of a date, as the C library counts them. */
static int reference_days(struct date d)
{
	struct tm tm = {
	    .tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.day};

	return (int)(timegm(&tm) / 86400);
}

static void each_day_from_1970_to_2400_is_the_c_librarys(void **state)
{
	int last = reference_days((struct date){2400, 12, 31});

	(void)state;
	for (int n = 0; n <= last; n++) {
		time_t at = (time_t)n * 86400;
		struct date d = date_from_days(n);
		struct tm tm;

		gmtime_r(&at, &tm);
		if (d.year != tm.tm_year + 1900 || d.month != tm.tm_mon + 1 ||
		    d.day != tm.tm_mday || date_to_days(d) != n ||
		    !date_valid(d))
			fail_msg("day %d is not %d-%d-%d", n, d.year, d.month,
			         d.day);
	}
}

static void a_date_is_valid_where_the_c_library_keeps_it(void **state)
{
	(void)state;
	for (int year = 1970; year <= 2400; year++)
		for (int month = 0; month <= 13; month++)
			for (int day = 0; day <= 32; day++) {
				struct tm tm = {.tm_year = year - 1900,
				                .tm_mon = month - 1,
				                .tm_mday = day};
				bool kept;

				timegm(&tm);
				kept = tm.tm_mon == month - 1 &&
				       tm.tm_mday == day;
				if (date_valid((struct date){year, month,
				                             day}) != kept)
					fail_msg("%d-%d-%d", year, month, day);
			}
}

static void years_outside_of_1970_to_9999_are_not_valid(void **state)
{
	(void)state;
	assert_false(date_valid((struct date){1969, 12, 31}));
	assert_true(date_valid((struct date){1970, 1, 1}));
	assert_true(date_valid((struct date){9999, 12, 31}));
	assert_false(date_valid((struct date){10000, 1, 1}));
	assert_false(date_valid((struct date){0, 0, 0}));
	assert_false(date_valid((struct date){-2024, 1, 1}));
}

static void leap_years_follow_the_gregorian_rule(void **state)
{
	static const struct {
		int year;
		bool leap;
	} years[] = {{1970, false}, {1972, true}, {1999, false}, {2000, true},
	             {2023, false}, {2024, true}, {2100, false}, {2200, false},
	             {2300, false}, {2400, true}, {9996, true},  {9999, false}};

	(void)state;
	for (size_t i = 0; i < COUNT(years); i++) {
		assert_int_equal(date_leap_year(years[i].year), years[i].leap);
		assert_int_equal(date_days_in_month(years[i].year, 2),
		                 28 + years[i].leap);
	}
}

static void adding_days_and_the_difference_undo_each_other(void **state)
{
	static const int steps[] = {0,  1,   27,   28,   29,    30,    31,
	                            59, 60,  365,  366,  1460,  1461,  36524,
	                            -1, -28, -365, -366, -1461, 146097};
	struct date d = {2024, 1, 1};

	(void)state;
	for (int i = 0; i < 1500; i++, d = date_add(d, 1))
		for (size_t s = 0; s < COUNT(steps); s++) {
			struct date other = date_add(d, steps[s]);

			assert_int_equal(date_diff(d, other), steps[s]);
			assert_int_equal(date_diff(other, d), -steps[s]);
			assert_int_equal(date_cmp(other, d),
			                 (steps[s] > 0) - (steps[s] < 0));
		}
}

static void the_day_before_january_is_last_years(void **state)
{
	struct date d = date_add((struct date){2025, 1, 1}, -1);

	(void)state;
	assert_int_equal(date_cmp(d, (struct date){2024, 12, 31}), 0);
	d = date_add((struct date){2024, 3, 1}, -1);
	assert_int_equal(date_cmp(d, (struct date){2024, 2, 29}), 0);
	d = date_add((struct date){1970, 1, 1}, -1);
	assert_int_equal(date_cmp(d, (struct date){1969, 12, 31}), 0);
}

static void what_is_written_is_read_back(void **state)
{
	char text[DATE_TEXT_MAX];

	(void)state;
	for (int n = 0; n < 3000000 - 67100; n += 13) {
		struct date d = date_from_days(n), back = {0, 0, 0};

		date_format(text, d);
		assert_int_equal(strlen(text), DATE_TEXT_MAX - 1);
		if (!date_parse(&back, text, strlen(text)) ||
		    date_cmp(back, d) != 0)
			fail_msg("'%s' is not day %d", text, n);
	}
}

static void a_date_is_written_with_leading_zeros(void **state)
{
	char text[DATE_TEXT_MAX];

	(void)state;
	date_format(text, (struct date){2024, 5, 7});
	assert_string_equal(text, "2024-05-07");
	date_format(text, (struct date){9999, 12, 31});
	assert_string_equal(text, "9999-12-31");
}

static void only_iso_dates_of_days_that_exist_are_read(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "2024-05-0",
	    "2024-05-011",
	    "2024-5-01",
	    "2024-05-1 ",
	    " 2024-05-1",
	    "2024/05/01",
	    "2024-05/01",
	    "2024-02-30",
	    "2023-02-29",
	    "2100-02-29",
	    "2024-04-31",
	    "2024-13-01",
	    "2024-00-01",
	    "2024-01-00",
	    "2024-01-32",
	    "1969-12-31",
	    "0000-00-00",
	    "20240501",
	    "20240501--",
	    "+024-05-01",
	    "-024-05-01",
	    "2024-+5-01",
	    "2024-05- 1",
	    "2O24-05-01",
	    "\xd9\xa2"
	    "024-5-1",
	    "aaaa-bb-cc",
	};
	struct date d = {1, 2, 3};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (date_parse(&d, wrong[i], strlen(wrong[i])))
			fail_msg("'%s' was read", wrong[i]);
		assert_int_equal(d.year, 1); /* and nothing written */
	}
	assert_false(date_parse(&d, "2024-05\00001", 10));
	assert_true(date_parse(&d, "2024-05-01T00:00", 10));
	assert_int_equal(date_cmp(d, (struct date){2024, 5, 1}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_day_from_1970_to_2400_is_the_c_librarys),
	    cmocka_unit_test(a_date_is_valid_where_the_c_library_keeps_it),
	    cmocka_unit_test(years_outside_of_1970_to_9999_are_not_valid),
	    cmocka_unit_test(leap_years_follow_the_gregorian_rule),
	    cmocka_unit_test(adding_days_and_the_difference_undo_each_other),
	    cmocka_unit_test(the_day_before_january_is_last_years),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(a_date_is_written_with_leading_zeros),
	    cmocka_unit_test(only_iso_dates_of_days_that_exist_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
