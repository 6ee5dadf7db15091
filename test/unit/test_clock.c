/* Unit tests of base/clock.h: instants, and the civil day of a time zone. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const struct {
	int64_t at;
	const char *text;
} instants[] = {
    {0, "1970-01-01T00:00:00Z"},
    {951827696, "2000-02-29T12:34:56Z"},
    {INT32_MAX, "2038-01-19T03:14:07Z"},
    {INT64_C(4294967296), "2106-02-07T06:28:16Z"},
    {INT64_C(253402300799), "9999-12-31T23:59:59Z"},
};

static void an_instant_is_written_in_utc(void **state)
{
	char text[CLOCK_TEXT_MAX];
	struct dum_error err = {0};

	(void)state;
	/* whatever the zone of the process */
	assert_ok(clock_set_zone("Asia/Kolkata", &err), &err);
	for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
		clock_format_utc(text, instants[i].at);
		assert_string_equal(text, instants[i].text);
	}
}

/* Seconds since 1970 of the UTC time YYYY-MM-DD HH:MM. */
static int64_t utc(int year, int month, int day, int hour, int minute)
{
	struct tm tm = {.tm_year = year - 1900,
	                .tm_mon = month - 1,
	                .tm_mday = day,
	                .tm_hour = hour,
	                .tm_min = minute};

	return (int64_t)timegm(&tm);
}

static void assert_civil(const char *zone, int64_t at, int year, int month,
                         int day)
{
	struct dum_error err = {0};
	int y, m, d;

	assert_ok(clock_set_zone(zone, &err), &err);
	clock_civil(at, &y, &m, &d);
	if (y != year || m != month || d != day)
		fail_msg("%s: %d-%d-%d, not %d-%d-%d", zone, y, m, d, year,
		         month, day);
}

static void midnight_is_where_the_zone_has_it(void **state)
{
	(void)state;
	assert_civil("UTC", utc(2026, 1, 12, 23, 59), 2026, 1, 12);
	assert_civil("UTC", utc(2026, 1, 13, 0, 0), 2026, 1, 13);
	assert_civil("Europe/Vienna", utc(2026, 1, 12, 22, 59), 2026, 1, 12);
	assert_civil("Europe/Vienna", utc(2026, 1, 12, 23, 0), 2026, 1, 13);
	assert_civil("Pacific/Kiritimati", utc(2026, 1, 12, 10, 0), 2026, 1,
	             13);
	assert_civil("Pacific/Pago_Pago", utc(2026, 1, 13, 10, 59), 2026, 1,
	             12);
	assert_civil("Asia/Kathmandu", utc(2026, 1, 12, 18, 15), 2026, 1, 13);
	assert_civil("Asia/Kathmandu", utc(2026, 1, 12, 18, 14), 2026, 1, 12);
}

static void midnight_moves_with_summer_time(void **state)
{
	(void)state;
	/* 29 March 2026 has 23 hours in Vienna, 25 October 25. */
	assert_civil("Europe/Vienna", utc(2026, 3, 28, 23, 0), 2026, 3, 29);
	assert_civil("Europe/Vienna", utc(2026, 3, 29, 21, 59), 2026, 3, 29);
	assert_civil("Europe/Vienna", utc(2026, 3, 29, 22, 0), 2026, 3, 30);
	assert_civil("Europe/Vienna", utc(2026, 10, 24, 22, 0), 2026, 10, 25);
	assert_civil("Europe/Vienna", utc(2026, 10, 25, 22, 59), 2026, 10, 25);
	assert_civil("Europe/Vienna", utc(2026, 10, 25, 23, 0), 2026, 10, 26);
}

static void a_zone_that_the_system_lacks_is_refused_by_name(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "Mars/Olympus",
	    "europe/vienna",
	    "Europe",
	    "Europe/",
	    "../../../etc/passwd",
	    "/etc/localtime",
	    "Europe/../UTC",
	    "UTC0",
	    "CEST-2",
	    "zone.tab",
	    "tzdata.zi",
	    "Europe/Vienna ",
	    ":UTC",
	};
	struct dum_error err;
	char long_name[400];

	(void)state;
	memset(&err, 0, sizeof(err));
	assert_ok(clock_set_zone("Asia/Tokyo", &err), &err);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		error_clear(&err);
		if (clock_set_zone(wrong[i], &err) != DUM_EINVAL)
			fail_msg("'%s' was taken", wrong[i]);
		assert_non_null(strstr(err.text, wrong[i]));
		assert_non_null(strstr(err.text, "TIMEZONE"));
	}
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(clock_set_zone(long_name, NULL), DUM_EINVAL);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo"); /* still */
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
	int64_t before = clock_monotonic_ms();
	struct timespec ts = {.tv_nsec = 20 * 1000 * 1000};

	(void)state;
	nanosleep(&ts, NULL);
	assert_true(clock_monotonic_ms() >= before + 19);
	assert_true(clock_now() > utc(2024, 1, 1, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_instant_is_written_in_utc),
	    cmocka_unit_test(midnight_is_where_the_zone_has_it),
	    cmocka_unit_test(midnight_moves_with_summer_time),
	    cmocka_unit_test(a_zone_that_the_system_lacks_is_refused_by_name),
	    cmocka_unit_test(the_monotonic_clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
