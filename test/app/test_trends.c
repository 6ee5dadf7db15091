/* Handler tests of /api/dashboard/usage-trends. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define TRENDS "/api/dashboard/usage-trends"

static struct session_pass viewer;

static int setup(void **state)
{
	harness_setup(state);
	viewer = harness_login(*state, "viewer", ROLE_VIEWER, NULL);
	harness_location(*state, "b");
	harness_location(*state, "a");
	return 0;
}

static void fill(struct harness *h)
{
	harness_day(h, "2026-10-25", 1, 7); /* 31 days ago, today counted */
	harness_day(h, "2026-10-26", 1, 1000000000);
	harness_day(h, "2026-11-23", 1, 2000000000);
	harness_day(h, "2026-11-23", 2, 3000000000);
	harness_day(h, "2026-11-24", 2, 4500000000);
	harness_day(h, "2026-11-25", 2, 9); /* tomorrow */
}

static void rows_come_by_date_then_name(void **state)
{
	struct harness *h = *state;

	get(h, &viewer, TRENDS);
	assert_int_equal(h->status, 200);
	assert_body(h, "[]");
	fill(h);
	get(h, &viewer, TRENDS);
	assert_body(h, "[{\"date\":\"2026-10-26\",\"display_name\":\"B\","
	               "\"daily_total\":1},"
	               "{\"date\":\"2026-11-23\",\"display_name\":\"A\","
	               "\"daily_total\":3},"
	               "{\"date\":\"2026-11-23\",\"display_name\":\"B\","
	               "\"daily_total\":2},"
	               "{\"date\":\"2026-11-24\",\"display_name\":\"A\","
	               "\"daily_total\":4.5}]");
	get(h, &viewer, TRENDS "?days=2&location_id=1&format=rows");
	assert_body(h, "[{\"date\":\"2026-11-23\",\"display_name\":\"B\","
	               "\"daily_total\":2}]");
}

static void columns_have_null_for_what_is_unknown(void **state)
{
	struct harness *h = *state;

	fill(h);
	get(h, &viewer, TRENDS "?days=3&format=columns");
	assert_int_equal(h->status, 200);
	assert_body(h, "{\"dates\":[\"2026-11-22\",\"2026-11-23\","
	               "\"2026-11-24\"],\"series\":["
	               "{\"location_id\":2,\"display_name\":\"A\","
	               "\"bytes\":[null,3000000000,4500000000]},"
	               "{\"location_id\":1,\"display_name\":\"B\","
	               "\"bytes\":[null,2000000000,null]}]}");
	get(h, &viewer, TRENDS "?days=1&format=columns&location_id=1");
	assert_body(h, "{\"dates\":[\"2026-11-24\"],\"series\":[]}");
}

static void days_count_from_today_backwards(void **state)
{
	static const int counts[] = {1, 7, 30, 365, 366, 3660};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		size_t n = (size_t)counts[i];
		char uri[96], path[32], sql[96];

		snprintf(uri, sizeof(uri), TRENDS "?format=columns&days=%zu",
		         n);
		get(h, &viewer, uri);
		assert_int_equal(json_array_size(at(h, "dates")), n);
		snprintf(path, sizeof(path), "dates/%zu", n - 1);
		assert_string_equal(text_at(h, path), "2026-11-24");
		snprintf(sql, sizeof(sql),
		         "SELECT date('2026-11-24', '-%zu days') = '%s'", n - 1,
		         text_at(h, "dates/0"));
		assert_int_equal(fixture_number(h->f, sql), 1);
	}
}

static void wrong_parameters_are_named(void **state)
{
	static const struct {
		const char *query, *name;
	} rows[] = {
	    {"days=0", "days"},
	    {"days=3661", "days"},
	    {"days=1&days=1", "days"},
	    {"days=", "days"},
	    {"days=7.5", "days"},
	    {"location_id=9", "location_id"},
	    {"location_id=a", "location_id"},
	    {"format=csv", "format"},
	    {"format=Columns", "format"},
	    {"from=2026-01-01", "from"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char uri[96];

		snprintf(uri, sizeof(uri), TRENDS "?%s", rows[i].query);
		get(h, &viewer, uri);
		assert_problem(h, 400, rows[i].name);
	}
}

static void ten_years_stream_in_pieces(void **state)
{
	struct harness *h = *state;

	fixture_exec(h->f,
	             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	             " SELECT i + 1 FROM n WHERE i < 3659)"
	             " INSERT INTO daily_usage (date, location_id, usage_bytes)"
	             " SELECT date('2026-11-24', '-' || i || ' days'), l.id, i"
	             " FROM n, locations AS l");
	get(h, &viewer, TRENDS "?days=3660");
	assert_true(h->writes > 5);
	assert_int_equal(json_array_size(h->json), 2 * 3660);
	get(h, &viewer, TRENDS "?days=3660&format=columns");
	assert_true(h->writes > 2);
	assert_int_equal(json_array_size(at(h, "series/0/bytes")), 3660);
	assert_int_equal(number_at(h, "series/1/bytes/0"), 3659);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_come_by_date_then_name),
	    TEST(columns_have_null_for_what_is_unknown),
	    TEST(days_count_from_today_backwards),
	    TEST(wrong_parameters_are_named),
	    TEST(ten_years_stream_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
