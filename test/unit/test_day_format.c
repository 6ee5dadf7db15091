/* Unit tests of calc/day_format.h and calc/day_years.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that it needs */
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "calc/day_format.h"
#include "calc/day_years.h"

/* A file: its dates with '|' between them, one a line. */
static size_t read_dates(struct day_years_row *rows, struct day_guess *guess,
                         const char *dates)
{
	size_t n = 0;

	for (const char *at = dates; at != NULL;) {
		const char *end = strchrnul(at, '|');
		size_t len = (size_t)(end - at);

		rows[n].text = day_text_read(at, len);
		rows[n].line = (int)n + 1;
		day_guess_add(guess, rows[n].text, at, len, rows[n].line);
		n++;
		at = *end == '|' ? end + 1 : NULL;
	}
	return n;
}

static const struct {
	const char *dates;
	int wanted;
	int format; /* -1: refused */
	int line;
	const char *says;
} files[] = {
    {"2024-01-31|2024-02-01", -1, DAY_ISO, 0, NULL},
    {"13/03/2024", -1, DAY_DMY, 0, NULL},
    {"01/02/2024|31/12/2024", -1, DAY_DMY, 0, NULL},
    {"1/2/2024|31/1/2024", -1, DAY_DMY, 0, NULL},
    {"13.03.2024|1.4.2024", -1, DAY_DMY, 0, NULL},
    {"01/02/2024|01/25/2024", -1, DAY_MDY, 0, NULL},
    {"13-Mar|14-mar|15 MARCH|1-Sept", -1, DAY_DD_MMM, 0, NULL},
    {"29-Feb", -1, DAY_DD_MMM, 0, NULL},
    {"01/01/2024|02/02/2024", -1, DAY_DMY, 0, NULL},
    {"01/02/2024|02/02/2024", DAY_DMY, DAY_DMY, 0, NULL},
    {"01/02/2024|02/02/2024", DAY_MDY, DAY_MDY, 0, NULL},
    {"01/01/2024|02/03/2024|12/12/2024", -1, -1, 2,
     "may be DD/MM/YYYY or MM/DD/YYYY"},
    {"13/01/2024|01/25/2024", -1, -1, 2, "'13/01/2024' (line 1)"},
    {"02/02/2024|01/25/2024|25/01/2024", -1, -1, 3, "'01/25/2024' (line 2)"},
    {"2024-01-01|02/01/2024", -1, -1, 2, "no YYYY-MM-DD"},
    {"2024-01-01|2-Jan", -1, -1, 2, "no YYYY-MM-DD"},
    {"13-Mar|2024-03-14", -1, -1, 2, "no DD-MMM"},
    {"yesterday", -1, -1, 1, "is no date"},
    {"2024-02-30", -1, -1, 1, "is no date"},
    {"2023-02-29", -1, -1, 1, "is no date"},
    {"31-Apr", -1, -1, 1, "is no date"},
    {"30-Feb", -1, -1, 1, "is no date"},
    {"13/13/2024", -1, -1, 1, "is no date"},
    {"29/02/2023", -1, -1, 1, "is no date"},
    {"1/2-2024", -1, -1, 1, "is no date"},
    {"01/02/24", -1, -1, 1, "is no date"},
    {"13-Mrz", -1, -1, 1, "is no date"},
    {"13-Mar-2024", -1, -1, 1, "is no date"},
    {"001/02/2024", -1, -1, 1, "is no date"},
    {"01/01/1969", -1, -1, 1, "is no date"},
    {"2024-01-01", DAY_DMY, -1, 1, "no DD/MM/YYYY date"},
    {"01/01/2024|13/01/2024", DAY_MDY, -1, 2, "no MM/DD/YYYY date"},
};

static void one_format_is_found_for_all_dates_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct day_years_row rows[8];
		struct day_guess guess = {0};
		struct dum_error err = {0};
		enum day_format format = DAY_FORMAT__MAX;
		enum dum_status status;

		read_dates(rows, &guess, files[i].dates);
		status = day_guess_decide(&format, &guess, files[i].wanted,
		                          &err);
		if (files[i].format >= 0 &&
		    (status != DUM_OK || (int)format != files[i].format))
			fail_msg("%s: %s", files[i].dates, err.text);
		if (files[i].format < 0 &&
		    (status != DUM_EINVAL || err.line != files[i].line ||
		     strstr(err.text, files[i].says) == NULL))
			fail_msg("%s: line %d %s", files[i].dates, err.line,
			         err.text);
	}
}

static const struct date today = {2026, 3, 20};

static const struct {
	const char *why, *dates;
	int year;
	const char *days; /* "" refused */
} orders[] = {
    {"this year", "13-Mar|14-Mar|15-Mar", 0,
     "2026-03-13 2026-03-14 2026-03-15"},
    {"today is not the future", "20-Mar", 0, "2026-03-20"},
    {"tomorrow was last year", "21-Mar", 0, "2025-03-21"},
    {"the newest row decides", "19-Mar|21-Mar", 0, "2025-03-19 2025-03-21"},
    {"newest first", "15-Mar|14-Mar", 0, "2026-03-15 2026-03-14"},
    {"over the turn of the year", "30-Dec|31-Dec|1-Jan", 0,
     "2025-12-30 2025-12-31 2026-01-01"},
    {"backwards over it", "1-Jan|31-Dec|30-Dec", 0,
     "2026-01-01 2025-12-31 2025-12-30"},
    {"a day twice", "1-Mar|1-Mar", 0, "2026-03-01 2026-03-01"},
    {"two years and more", "1-Feb|1-Nov|1-Jan|1-Oct|1-Feb", 0,
     "2024-02-01 2024-11-01 2025-01-01 2025-10-01 2026-02-01"},
    {"a 29-Feb goes back to a leap year", "28-Feb|29-Feb|1-Mar", 0,
     "2024-02-28 2024-02-29 2024-03-01"},
    {"two of them, one year apart", "29-Feb|1-Mar|29-Feb|1-Mar", 0, ""},
    {"the year of the first row", "13-Mar|14-Mar", 2020,
     "2020-03-13 2020-03-14"},
    {"and of a descending one", "2-Jan|1-Jan|31-Dec", 2020,
     "2020-01-02 2020-01-01 2019-12-31"},
    {"a year without the day", "28-Feb|29-Feb", 2023, ""},
    {"no year before 1970", "1-Jan|31-Dec|30-Dec", 1970, ""},
    {"two rows swapped", "10-Nov|12-Nov|11-Nov", 0, ""},
    {"and in the middle", "13-Mar|14-Mar|16-Mar|15-Mar|17-Mar", 0, ""},
    {"also with a year", "13-Mar|14-Mar|16-Mar|15-Mar|17-Mar", 2020, ""},
    {"back by weeks", "5-Jan|20-Jan|10-Feb|3-Jan", 0, ""},
    {"swapped at the turn", "30-Dec|1-Jan|31-Dec|2-Jan", 0, ""},
    {"a hole of months at the turn", "1-Sep|1-Oct|3-Mar", 0,
     "2025-09-01 2025-10-01 2026-03-03"},
};

static void years_are_found_from_the_order_of_the_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct day_years_row rows[8];
		struct day_guess guess = {0};
		struct dum_error err = {0};
		enum dum_status status;
		char got[128] = "";
		bool descending;
		size_t n = read_dates(rows, &guess, orders[i].dates);

		status = day_years_find(&descending, rows, n, orders[i].year,
		                        today, &err);
		for (size_t r = 0; status == DUM_OK && r < n; r++) {
			char day[DATE_TEXT_MAX];

			date_format(day, date_from_days(rows[r].day));
			snprintf(got + strlen(got), sizeof(got) - strlen(got),
			         "%s%s", r > 0 ? " " : "", day);
		}
		if (strcmp(got, orders[i].days) != 0)
			fail_msg("%s: %s %s", orders[i].why, got, err.text);
		if (orders[i].days[0] == '\0') {
			assert_int_equal(status, DUM_EINVAL);
			assert_non_null(strstr(err.text, "year"));
		}
	}
}

static void a_century_without_a_leap_day_is_stepped_over(void **state)
{
	struct day_years_row row = {.text = day_text_read("29-Feb", 6)};
	struct dum_error err = {0};
	bool descending;

	(void)state;
	assert_int_equal(day_years_find(&descending, &row, 1, 0,
	                                (struct date){2103, 5, 1}, &err),
	                 DUM_OK);
	assert_int_equal(row.day, date_to_days((struct date){2096, 2, 29}));
}

static void orders_of_equal_length_are_ascending(void **state)
{
	struct day_years_row rows[] = {
	    {.text = day_text_read("1-Jan", 5)},
	    {.text = day_text_read("2-Jul", 5)},
	};
	struct dum_error err = {0};
	bool descending = true;

	(void)state;
	/* 183 days to 2024-07-02, and 183 back to 2023-07-02. */
	assert_int_equal(day_years_find(&descending, rows, 2, 0,
	                                (struct date){2024, 8, 1}, &err),
	                 DUM_OK);
	assert_false(descending);
	assert_int_equal(rows[1].day, date_to_days((struct date){2024, 7, 2}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_format_is_found_for_all_dates_or_none),
	    cmocka_unit_test(years_are_found_from_the_order_of_the_rows),
	    cmocka_unit_test(orders_of_equal_length_are_ascending),
	    cmocka_unit_test(a_century_without_a_leap_day_is_stepped_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
