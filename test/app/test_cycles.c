/*
 * Handler tests of /api/data/cycles. What a cycle is comes from walking the
 * calendar day by day, what it holds from plain SQL over the same days.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CYCLES "/api/data/cycles"
#define TODAY  "2026-11-24"

static struct session_pass viewer;

static int setup(void **state)
{
	harness_setup(state);
	viewer = harness_login(*state, "viewer", ROLE_VIEWER, NULL);
	return 0;
}

static void of_nothing_the_cycle_of_today_is_told(void **state)
{
	struct harness *h = *state;

	get(h, &viewer, CYCLES);
	assert_int_equal(h->status, 200);
	assert_body(h, "[{\"start\":\"2026-11-13\",\"end\":\"2026-12-12\","
	               "\"total_gb\":null,\"days_in_cycle\":30,"
	               "\"is_stub\":false,"
	               "\"coverage\":{\"present\":0,\"expected\":0}}]");
	assert_non_null(header(h, "ETag"));
}

/* Days of three locations, one of them closed, for more than a year. */
static void fill(struct harness *h, int64_t ids[static 3])
{
	static const char *const names[] = {"a", "b", "closed"};
	const struct date today = {2026, 11, 24};
	char date[DATE_TEXT_MAX], uri[64];
	struct session_pass admin;

	for (int i = 0; i < 3; i++)
		ids[i] = harness_location(h, names[i]);
	for (int back = -1; back < 400; back++) {
		date_format(date, date_add(today, -back));
		if (back % 7 != 3)
			harness_day(h, date, ids[0], 1000000007L * (back + 1));
		if (back % 3 == 0)
			harness_day(h, date, ids[1], 1);
		if (back > 200)
			harness_day(h, date, ids[2], 5000000000);
	}
	snprintf(uri, sizeof(uri), "/api/data/locations/%lld",
	         (long long)ids[2]);
	admin = harness_login(h, "ada", ROLE_ADMIN, NULL);
	assert_int_equal(
	    send_json(h, &admin, "PATCH", uri, "{\"is_active\":false}"), 200);
}

/* A number of the records between two days, by SQL. */
static int64_t by_sql(struct harness *h, const char *what, const char *start,
                      const char *end, int64_t location)
{
	char sql[500];

	snprintf(sql, sizeof(sql),
	         "SELECT coalesce(%s, 0) FROM daily_usage u JOIN locations l "
	         "ON l.id = u.location_id WHERE date BETWEEN '%s' AND '%s' "
	         "AND date <= '" TODAY "' AND (location_id = %lld OR %lld = 0)",
	         what, start, end, (long long)location, (long long)location);
	return fixture_number(h->f, sql);
}

static void check_cycle(struct harness *h, const json_t *cycle, struct date day,
                        int64_t location)
{
	const json_t *coverage = json_object_get(cycle, "coverage");
	struct date start = day, end = day;
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];
	const char *counted = location == 0 ? "sum(is_active)" : "count(*)";
	int64_t bytes, days;

	while (start.day != 13)
		start = date_add(start, -1);
	do
		end = date_add(end, 1);
	while (end.day != 13);
	date_format(first, start);
	date_format(last, date_add(end, -1));
	assert_string_equal(json_string_value(json_object_get(cycle, "start")),
	                    first);
	assert_string_equal(json_string_value(json_object_get(cycle, "end")),
	                    last);
	assert_int_equal(
	    json_integer_value(json_object_get(cycle, "days_in_cycle")),
	    date_diff(start, end));
	bytes = by_sql(h, "sum(usage_bytes)", first, last, location);
	if (by_sql(h, "count(*)", first, last, location) == 0)
		assert_true(json_is_null(json_object_get(cycle, "total_gb")));
	else
		assert_int_equal(llround(json_number_value(json_object_get(
		                             cycle, "total_gb")) *
		                         1e9),
		                 bytes);
	assert_int_equal(
	    json_integer_value(json_object_get(coverage, "present")),
	    by_sql(h, counted, first, last, location));
	days = date_diff(start, end);
	if (date_cmp(end, (struct date){2026, 11, 25}) > 0)
		days = 12;
	assert_int_equal(
	    json_integer_value(json_object_get(coverage, "expected")),
	    days * (location == 0 ? 2 : 1));
}

static void each_cycle_has_what_its_days_add_up_to(void **state)
{
	struct harness *h = *state;
	int64_t ids[4] = {0};

	fill(h, ids + 1);
	for (int i = 0; i < 4; i++) {
		struct date day = {2026, 11, 24};
		char uri[64] = CYCLES "?limit=1200";

		if (i > 0)
			snprintf(uri, sizeof(uri),
			         CYCLES "?limit=1200&location_id=%lld",
			         (long long)ids[i]);
		assert_int_equal(get(h, &viewer, uri), 200);
		/* Cycles that hold 2025-10-21 to today. */
		assert_int_equal(json_array_size(h->json), 14);
		for (size_t k = 0; k < json_array_size(h->json); k++) {
			const json_t *cycle = json_array_get(h->json, k);

			check_cycle(h, cycle, day, ids[i]);
			while (day.day != 13)
				day = date_add(day, -1);
			day = date_add(day, -1);
		}
	}
}

static void there_are_twelve_unless_more_or_fewer_are_wanted(void **state)
{
	struct harness *h = *state;
	int64_t ids[3];

	fill(h, ids);
	get(h, &viewer, CYCLES);
	assert_int_equal(json_array_size(h->json), 12);
	get(h, &viewer, CYCLES "?limit=2");
	assert_int_equal(json_array_size(h->json), 2);
	assert_string_equal(text_at(h, "0/start"), "2026-11-13");
	assert_string_equal(text_at(h, "1/start"), "2026-10-13");
}

static void an_amount_is_exact(void **state)
{
	struct harness *h = *state;
	int64_t a = harness_location(h, "a");

	harness_day(h, "2026-11-13", a, 9900000000);
	harness_day(h, "2026-11-24", a, 1);
	harness_day(h, "2026-11-25", a, 7000000000); /* not used yet */
	harness_day(h, "2026-10-20", a, 0);
	get(h, &viewer, CYCLES);
	assert_non_null(strstr(h->body, "\"total_gb\":9.900000001,"));
	assert_non_null(strstr(h->body, "\"total_gb\":0,"));
	assert_int_equal(number_at(h, "1/coverage/present"), 1);
	assert_int_equal(number_at(h, "1/coverage/expected"), 31);
}

static void who_sees_one_location_gets_its_cycles_alone(void **state)
{
	struct harness *h = *state;
	int64_t a = harness_location(h, "a"), b = harness_location(h, "b");
	struct session_pass limited = harness_login(h, "lim", ROLE_VIEWER,
	                                            (int64_t[]){b, 0});
	char uri[64];

	harness_day(h, "2026-11-20", a, 5000000000);
	harness_day(h, "2026-11-21", b, 3000000000);
	harness_day(h, "2026-09-21", a, 3000000000);
	get(h, &limited, CYCLES);
	assert_int_equal(json_array_size(h->json), 1);
	assert_int_equal(number_at(h, "0/total_gb"), 3);
	assert_int_equal(number_at(h, "0/coverage/expected"), 12);
	snprintf(uri, sizeof(uri), CYCLES "?location_id=%lld", (long long)a);
	get(h, &limited, uri);
	assert_problem(h, 400, "location_id");
}

/* Day 13 until 11 November: 29 days, as many as a cycle may have. */
static void a_cycle_that_was_cut_says_so_however_long_it_is(void **state)
{
	struct harness *h = *state;

	harness_day(h, "2026-09-20", harness_location(h, "a"), 1);
	fixture_exec(h->f, "INSERT INTO cycle_settings (cycle_day, valid_from) "
	                   "VALUES (11, '2026-11-01')");
	get(h, &viewer, CYCLES);
	assert_string_equal(text_at(h, "0/start"), "2026-11-11");
	assert_true(json_is_false(at(h, "0/is_stub")));
	assert_string_equal(text_at(h, "1/start"), "2026-10-13");
	assert_int_equal(number_at(h, "1/days_in_cycle"), 29);
	assert_true(json_is_true(at(h, "1/is_stub")));
	assert_true(json_is_false(at(h, "2/is_stub")));
}

static void what_can_not_be_asked_is_refused(void **state)
{
	static const struct {
		const char *query, *field;
	} cases[] = {
	    {"?location_id=99", "location_id"},
	    {"?location_id=0", "location_id"},
	    {"?limit=0", "limit"},
	    {"?limit=1201", "limit"},
	    {"?limit=1.5", "limit"},
	    {"?page=1", "page"},
	};
	struct harness *h = *state;
	char uri[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(uri, sizeof(uri), CYCLES "%s", cases[i].query);
		get(h, &viewer, uri);
		assert_problem(h, 400, cases[i].field);
	}
}

#define WITH_VIEWER(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_VIEWER(of_nothing_the_cycle_of_today_is_told),
	    WITH_VIEWER(each_cycle_has_what_its_days_add_up_to),
	    WITH_VIEWER(there_are_twelve_unless_more_or_fewer_are_wanted),
	    WITH_VIEWER(an_amount_is_exact),
	    WITH_VIEWER(who_sees_one_location_gets_its_cycles_alone),
	    WITH_VIEWER(a_cycle_that_was_cut_says_so_however_long_it_is),
	    WITH_VIEWER(what_can_not_be_asked_is_refused),
	};

	return cmocka_run_group_tests_name("cycles", tests, NULL, NULL);
}
