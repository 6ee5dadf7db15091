/*
 * Handler tests of /api/dashboard/overview. The numbers wanted are sums of
 * plain SQL over the same days, or done by hand.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OVERVIEW "/api/dashboard/overview"

static struct session_pass viewer;

static int setup(void **state)
{
	harness_setup(state);
	viewer = harness_login(*state, "viewer", ROLE_VIEWER, NULL);
	return 0;
}

static void an_empty_database_has_nothing_to_tell(void **state)
{
	struct harness *h = *state;

	get(h, &viewer, OVERVIEW);
	assert_int_equal(h->status, 200);
	assert_body(h, "{\"total_locations\":0,\"total_records\":0,"
	               "\"recent_activity\":0,"
	               "\"date_range\":{\"start\":null,\"end\":null},"
	               "\"top_locations\":[],"
	               "\"cycle\":{\"start\":\"2026-11-13\","
	               "\"end\":\"2026-12-12\",\"total_gb\":0,"
	               "\"days_elapsed\":12,\"days_in_cycle\":30,"
	               "\"coverage\":{\"present\":0,\"expected\":0},"
	               "\"previous_same_days_gb\":null,"
	               "\"change_percent\":null}}");
}

/*
 * By hand. Today is 2026-11-24, the cycle began on the 13th and this is its
 * 12th day; the 12 days of the one before are 13 to 24 October.
 */
static void a_few_days_add_up_as_by_hand(void **state)
{
	struct harness *h = *state;
	int64_t a = harness_location(h, "a"), b = harness_location(h, "b");

	harness_day(h, "2026-10-12", a, 64000000000); /* another cycle */
	harness_day(h, "2026-10-13", a, 3000000000);
	harness_day(h, "2026-10-24", b, 1000000000);
	harness_day(h, "2026-10-25", b, 32000000000); /* past the 12 days */
	harness_day(h, "2026-11-12", a, 16000000000); /* last of that cycle */
	harness_day(h, "2026-11-13", a, 1500000000);
	harness_day(h, "2026-11-17", a, 1); /* 8 days ago, today counted */
	harness_day(h, "2026-11-18", b, 2); /* 7 days */
	harness_day(h, "2026-11-24", b, 2500000000);
	harness_day(h, "2026-11-25", b, 8000000000); /* tomorrow */
	get(h, &viewer, OVERVIEW);
	assert_int_equal(h->status, 200);
	assert_int_equal(number_at(h, "total_locations"), 2);
	assert_int_equal(number_at(h, "total_records"), 10);
	assert_int_equal(number_at(h, "recent_activity"), 2);
	assert_string_equal(text_at(h, "date_range/start"), "2026-10-12");
	assert_string_equal(text_at(h, "date_range/end"), "2026-11-25");
	/* 26 October to today: 17.500000001 of a and 2.500000002 of b. */
	assert_int_equal(json_array_size(at(h, "top_locations")), 2);
	assert_string_equal(text_at(h, "top_locations/0/display_name"), "A");
	assert_non_null(strstr(h->body, "\"total_usage\":17.500000001}"));
	assert_non_null(strstr(h->body, "\"total_usage\":2.500000002}"));
	assert_non_null(strstr(h->body, "\"total_gb\":4.000000003,"));
	assert_int_equal(number_at(h, "cycle/coverage/present"), 4);
	assert_int_equal(number_at(h, "cycle/coverage/expected"), 24);
	assert_non_null(strstr(h->body, "\"previous_same_days_gb\":4,"));
	assert_non_null(strstr(h->body, "\"change_percent\":0.0}"));
}

static void a_change_is_told_in_tenths_of_a_percent(void **state)
{
	static const struct {
		int64_t now, before;
		const char *text;
	} rows[] = {
	    {2000, 1000, "100.0"},    {1000, 3000, "-66.7"},
	    {0, 1000, "-100.0"},      {1000, 0, "null"},
	    {1000, 999, "0.1"},       {1000000, 999999, "0.0"},
	    {999999, 1000000, "0.0"},
	};
	struct harness *h = *state;
	int64_t a = harness_location(h, "a");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char wanted[64];

		harness_day(h, "2026-11-14", a, rows[i].now);
		harness_day(h, "2026-10-14", a, rows[i].before);
		get(h, &viewer, OVERVIEW);
		snprintf(wanted, sizeof(wanted), "\"change_percent\":%s}",
		         rows[i].text);
		if (strstr(h->body, wanted) == NULL)
			fail_msg("%s is not in %s", wanted, h->body);
	}
}

static void a_cycle_of_today_is_one_day_old(void **state)
{
	struct harness *h = *state;

	h->f->config.billing_cycle_day = 24;
	harness_restart(h);
	get(h, &viewer, OVERVIEW);
	assert_string_equal(text_at(h, "cycle/start"), "2026-11-24");
	assert_string_equal(text_at(h, "cycle/end"), "2026-12-23");
	assert_int_equal(number_at(h, "cycle/days_elapsed"), 1);
	h->f->config.billing_cycle_day = 25;
	harness_restart(h);
	get(h, &viewer, OVERVIEW);
	assert_string_equal(text_at(h, "cycle/start"), "2026-10-25");
	assert_string_equal(text_at(h, "cycle/end"), "2026-11-24");
	assert_int_equal(number_at(h, "cycle/days_elapsed"), 31);
	assert_int_equal(number_at(h, "cycle/days_in_cycle"), 31);
}

static void today_is_a_day_of_the_time_zone(void **state)
{
	struct harness *h = *state;
	struct dum_error err = {0};

	h->f->config.billing_cycle_day = 25;
	/* 14:00 UTC is the 25th already in Kiritimati, 14 hours ahead. */
	assert_ok(clock_set_zone("Pacific/Kiritimati", &err), &err);
	get(h, &viewer, OVERVIEW);
	assert_ok(clock_set_zone("UTC", &err), &err);
	assert_string_equal(text_at(h, "cycle/start"), "2026-11-25");
}

static void a_location_that_is_switched_off_is_not_expected(void **state)
{
	struct harness *h = *state;
	int64_t a = harness_location(h, "a"), b = harness_location(h, "b");

	harness_day(h, "2026-11-14", a, 1000000000);
	harness_day(h, "2026-11-14", b, 2000000000);
	fixture_exec(h->f, "UPDATE locations SET is_active = 0 WHERE id = 2;"
	                   " UPDATE counters SET value = 1"
	                   " WHERE name = 'locations'");
	get(h, &viewer, OVERVIEW);
	assert_int_equal(number_at(h, "total_locations"), 1);
	/* What it used is used, though. */
	assert_int_equal(number_at(h, "cycle/total_gb"), 3);
	assert_int_equal(number_at(h, "cycle/coverage/present"), 1);
	assert_int_equal(number_at(h, "cycle/coverage/expected"), 12);
}

static void check_number(struct harness *h, const char *path, const char *sql)
{
	int64_t wanted = fixture_number(h->f, sql);

	if (number_at(h, path) != wanted)
		fail_msg("%s is %lld, SQL says %lld", path,
		         (long long)number_at(h, path), (long long)wanted);
}

/* 25 locations, 3 years: every number against plain SQL. */
static void a_large_database_adds_up_as_by_sql(void **state)
{
	struct harness *h = *state;
	const json_t *top;

	for (int i = 0; i < 25; i++) {
		char name[32];

		snprintf(name, sizeof(name), "site%02d", i);
		harness_location(h, name);
	}
	fixture_exec(h->f,
	             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	             " SELECT i + 1 FROM n WHERE i < 1099)"
	             " INSERT INTO daily_usage (date, location_id, usage_bytes)"
	             " SELECT date('2026-11-24', '-' || i || ' days'), l.id,"
	             " (l.id * 7919 + i * 104729) % 1009 * 1000000000"
	             " FROM n, locations AS l WHERE (l.id + i) % 7 > 0;"
	             " INSERT INTO location_records"
	             " SELECT location_id, count(*) FROM daily_usage"
	             " GROUP BY location_id");
	get(h, &viewer, OVERVIEW);
	assert_int_equal(h->status, 200);
	check_number(h, "total_records", "SELECT count(*) FROM daily_usage");
	check_number(h, "recent_activity",
	             "SELECT count(*) FROM daily_usage"
	             " WHERE date > date('2026-11-24', '-7 days')");
	check_number(h, "cycle/total_gb",
	             "SELECT sum(usage_bytes) / 1000000000 FROM daily_usage"
	             " WHERE date >= '2026-11-13'");
	check_number(h, "cycle/coverage/present",
	             "SELECT count(*) FROM daily_usage"
	             " WHERE date >= '2026-11-13'");
	assert_int_equal(number_at(h, "cycle/coverage/expected"), 25 * 12);
	check_number(h, "cycle/previous_same_days_gb",
	             "SELECT sum(usage_bytes) / 1000000000 FROM daily_usage"
	             " WHERE date BETWEEN '2026-10-13' AND '2026-10-24'");
	top = at(h, "top_locations");
	assert_int_equal(json_array_size(top), 10);
	for (int i = 0; i < 10; i++) {
		char path[64], sql[400];

		snprintf(path, sizeof(path), "top_locations/%d/total_usage", i);
		snprintf(sql, sizeof(sql),
		         "SELECT sum(usage_bytes) / 1000000000 AS gb"
		         " FROM daily_usage"
		         " WHERE date > date('2026-11-24', '-30 days')"
		         " GROUP BY location_id ORDER BY gb DESC"
		         " LIMIT 1 OFFSET %d",
		         i);
		check_number(h, path, sql);
	}
}

/* On the first morning of a cycle nothing is known yet: that is not zero. */
static void a_cycle_without_records_is_compared_with_nothing(void **state)
{
	struct harness *h = *state;
	int64_t a = harness_location(h, "a");

	harness_day(h, "2026-10-20", a, 5000000000);
	get(h, &viewer, "/api/dashboard/overview");
	assert_non_null(strstr(h->body, "\"previous_same_days_gb\":5"));
	assert_non_null(strstr(h->body, "\"change_percent\":null"));
	harness_day(h, "2026-11-20", a, 0);
	get(h, &viewer, "/api/dashboard/overview");
	assert_non_null(strstr(h->body, "\"change_percent\":-100.0"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_empty_database_has_nothing_to_tell),
	    TEST(a_few_days_add_up_as_by_hand),
	    TEST(a_change_is_told_in_tenths_of_a_percent),
	    TEST(a_cycle_without_records_is_compared_with_nothing),
	    TEST(a_cycle_of_today_is_one_day_old),
	    TEST(today_is_a_day_of_the_time_zone),
	    TEST(a_location_that_is_switched_off_is_not_expected),
	    TEST(a_large_database_adds_up_as_by_sql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
