/* Unit tests of base/instant.h: one table, one loop, one line per case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/instant.h"

static const struct {
	const char *zone, *text;
	int64_t at; /* -1: refused */
} cases[] = {
    {"UTC", "1970-01-01 00:00", 0},
    {"UTC", "2026-11-02 14:00", 1793628000},
    {"UTC", "2026-11-02 14:00:59", 1793628059},
    {"UTC", "2026-11-02T14:00:00Z", 1793628000},
    {"UTC", "2024-02-29 23:59:59Z", 1709251199},
    {"Europe/Vienna", "2026-11-02 14:00", 1793624400},
    {"Europe/Vienna", "2026-07-02 14:00", 1782993600},
    {"Europe/Vienna", "2026-11-02 14:00Z", 1793628000},
    {"Asia/Kolkata", "2026-11-02 14:00", 1793608200},
    /* The clocks are put forward from 02:00 to 03:00, and back at 03:00. */
    {"Europe/Vienna", "2026-03-29 01:59:59", 1774745999},
    {"Europe/Vienna", "2026-03-29 02:30", -1},
    {"Europe/Vienna", "2026-03-29 03:00", 1774746000},
    {"Europe/Vienna", "2026-10-25 01:59:59", 1792886399},
    {"Europe/Vienna", "2026-10-25 02:30", -1},
    {"Europe/Vienna", "2026-10-25 00:30Z", 1792888200},
    {"Europe/Vienna", "2026-10-25 03:00", 1792893600},
    {"UTC", "2026-02-29 10:00", -1},
    {"UTC", "2026-13-01 10:00", -1},
    {"UTC", "2026-00-01 10:00", -1},
    {"UTC", "2026-01-01 24:00", -1},
    {"UTC", "2026-01-01 10:60", -1},
    {"UTC", "2026-01-01 10:00:60", -1},
    {"UTC", "1969-12-31 23:59", -1},
    {"UTC", "2026-01-01", -1},
    {"UTC", "2026-01-01 1:00:000", -1},
    {"UTC", "2026-1-001 10:00", -1},
    {"UTC", "+026-01-01 10:00", -1},
    {"UTC", "2026-01-01 10:00 ", -1},
    {"UTC", " 2026-01-01 10:0", -1},
    {"UTC", "2026-01-01_10:00", -1},
    {"UTC", "Z", -1},
    {"UTC", "", -1},
};

static void a_moment_is_read_as_the_clocks_show_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dum_error err = {0};
		enum dum_status status;
		int64_t at = -1;

		assert_int_equal(clock_set_zone(cases[i].zone, &err), DUM_OK);
		status = instant_read(&at, cases[i].text, &err);
		if (status != (cases[i].at >= 0 ? DUM_OK : DUM_EINVAL) ||
		    at != cases[i].at)
			fail_msg("%s %s: %lld", cases[i].zone, cases[i].text,
			         (long long)at);
	}
}

static void what_the_clock_writes_is_read_back(void **state)
{
	char text[CLOCK_TEXT_MAX];

	(void)state;
	for (int64_t at = 86399; at < INT64_C(4000000000); at += 86400399) {
		clock_format_utc(text, at);
		assert_int_equal(instant_read_utc(text), at);
	}
	assert_int_equal(instant_read_utc("2026-11-02 14:00"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_moment_is_read_as_the_clocks_show_it),
	    cmocka_unit_test(what_the_clock_writes_is_read_back),
	};

	return cmocka_run_group_tests_name("instant", tests, NULL, NULL);
}
