/*
 * Handler tests of /api/data/monthly-summaries: bills beside what the days add
 * up to, by plain SQL.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define SUMMARIES "/api/data/monthly-summaries"

static struct session_pass editor;

static int setup(void **state)
{
	harness_setup(state);
	editor = harness_login(*state, "editor", ROLE_EDITOR, NULL);
	harness_location(*state, "branch_a");
	harness_location(*state, "branch_b");
	return 0;
}

static int put(struct harness *h, const char *start, int64_t location,
               const char *gb)
{
	char body[200];

	snprintf(body, sizeof(body),
	         "{\"period_start\":\"%s\",\"location_id\":%lld,"
	         "\"total_usage_gb\":%s}",
	         start, (long long)location, gb);
	return send_json(h, &editor, "PUT", SUMMARIES, body);
}

static void a_bill_stands_beside_the_days(void **state)
{
	static const char alone[] =
	    "{\"id\":1,\"period_start\":\"2026-10-13\","
	    "\"period_end\":\"2026-11-12\",\"location_id\":1,"
	    "\"display_name\":\"Branch A\",\"computed_gb\":null,"
	    "\"manual_gb\":100.5,\"difference_gb\":null,\"days_present\":0,"
	    "\"days_in_period\":31}";
	struct harness *h = *state;

	assert_int_equal(put(h, "2026-10-13", 1, "100.5"), 201);
	assert_body(h, alone);
	assert_int_equal(put(h, "2026-10-13", 1, "100.5"), 200);
	assert_body(h, alone);
	harness_day(h, "2026-10-12", 1, 64000000000); /* before it */
	harness_day(h, "2026-10-13", 1, 60000000000);
	harness_day(h, "2026-11-12", 1, 40900000001);
	harness_day(h, "2026-11-13", 1, 32000000000); /* after it */
	harness_day(h, "2026-11-12", 2, 16000000000); /* elsewhere */
	get(h, &editor, SUMMARIES);
	assert_int_equal(h->status, 200);
	assert_int_equal(json_array_size(h->json), 1);
	assert_non_null(strstr(h->body, "\"computed_gb\":100.900000001,"));
	assert_non_null(strstr(h->body, "\"manual_gb\":100.5,"));
	assert_non_null(strstr(h->body, "\"difference_gb\":-0.400000001,"));
	assert_int_equal(number_at(h, "0/days_present"), 2);
	assert_int_equal(put(h, "2026-10-13", 1, "101"), 200);
	assert_non_null(strstr(h->body, "\"difference_gb\":0.099999999,"));
	/* The days stay what they were. */
	assert_int_equal(fixture_number(h->f, "SELECT sum(usage_bytes) FROM "
	                                      "daily_usage"),
	                 212900000001);
}

static void a_bill_that_was_read_is_changed_as_it_was_read(void **state)
{
	struct harness *h = *state;
	struct ask change = {.method = "PUT",
	                     .uri = SUMMARIES,
	                     .as = &editor,
	                     .body = "{\"period_start\":\"2026-10-13\","
	                             "\"location_id\":1,"
	                             "\"total_usage_gb\":2}"};
	struct ask take = {
	    .method = "DELETE", .uri = SUMMARIES "/1", .as = &editor};
	char old[64], new[64];

	get(h, &editor, SUMMARIES "/1");
	assert_problem(h, 404, NULL);
	put(h, "2026-10-13", 1, "1");
	assert_int_equal(get(h, &editor, SUMMARIES "/1"), 200);
	assert_int_equal(number_at(h, "manual_gb"), 1);
	snprintf(old, sizeof(old), "%s", header(h, "ETag"));
	assert_int_equal(ask(h, &(struct ask){.method = "GET",
	                                      .uri = SUMMARIES "/1",
	                                      .as = &editor,
	                                      .if_none_match = old}),
	                 304);
	/* It is about the days as well, which are shown. */
	harness_day(h, "2026-10-13", 1, 60000000000);
	get(h, &editor, SUMMARIES "/1");
	assert_int_equal(number_at(h, "computed_gb"), 60);
	snprintf(new, sizeof(new), "%s", header(h, "ETag"));
	assert_string_not_equal(new, old);
	change.if_match = take.if_match = old;
	ask(h, &change);
	assert_problem(h, 412, NULL);
	ask(h, &take);
	assert_problem(h, 412, NULL);
	change.if_match = take.if_match = new;
	assert_int_equal(ask(h, &change), 200);
	ask(h, &take);
	assert_problem(h, 412, NULL);
	get(h, &editor, SUMMARIES "/1");
	snprintf(new, sizeof(new), "%s", header(h, "ETag"));
	assert_int_equal(ask(h, &take), 204);
}

static void the_list_is_newest_first_and_of_one_where_wanted(void **state)
{
	static const char *const starts[] = {"2026-10-13", "2026-11-13",
	                                     "2026-09-13"};
	struct harness *h = *state;

	get(h, &editor, SUMMARIES);
	assert_body(h, "[]");
	assert_non_null(header(h, "ETag"));
	for (int i = 0; i < 3; i++) {
		put(h, starts[i], 2, "1");
		put(h, starts[i], 1, "2");
	}
	get(h, &editor, SUMMARIES);
	assert_int_equal(json_array_size(h->json), 6);
	assert_string_equal(text_at(h, "0/period_start"), "2026-11-13");
	assert_string_equal(text_at(h, "0/period_end"), "2026-12-12");
	assert_int_equal(number_at(h, "0/location_id"), 1);
	assert_int_equal(number_at(h, "1/location_id"), 2);
	assert_string_equal(text_at(h, "5/period_start"), "2026-09-13");
	get(h, &editor, SUMMARIES "?location_id=2");
	assert_int_equal(json_array_size(h->json), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    json_integer_value(json_object_get(
		        json_array_get(h->json, (size_t)i), "location_id")),
		    2);
}

static void the_list_is_of_the_periods_that_start_in_between(void **state)
{
	struct harness *h = *state;

	put(h, "2026-09-13", 1, "1");
	put(h, "2026-10-13", 1, "2");
	put(h, "2026-10-13", 2, "3");
	put(h, "2026-11-13", 1, "4");
	get(h, &editor, SUMMARIES "?start_date=2026-10-13&end_date=2026-10-13");
	assert_int_equal(json_array_size(h->json), 2);
	assert_string_equal(text_at(h, "1/period_start"), "2026-10-13");
	get(h, &editor, SUMMARIES "?start_date=2026-10-14&location_id=1");
	assert_int_equal(json_array_size(h->json), 1);
	get(h, &editor, SUMMARIES "?end_date=2026-10-12&location_id=1");
	assert_int_equal(json_array_size(h->json), 1);
	assert_int_equal(number_at(h, "0/manual_gb"), 1);
	get(h, &editor, SUMMARIES "?start_date=2026-02-30");
	assert_int_equal(h->status, 400);
}

/* The cycle from 13 October is cut to end on the 31st. */
static void a_bill_of_a_cycle_that_was_cut_is_not_written_over(void **state)
{
	struct harness *h = *state;

	assert_int_equal(put(h, "2026-10-13", 1, "100"), 201);
	fixture_exec(h->f, "INSERT INTO cycle_settings (cycle_day, valid_from) "
	                   "VALUES (1, '2026-11-01')");
	assert_int_equal(put(h, "2026-10-13", 1, "60"), 409);
	assert_non_null(strstr(h->body, "2026-10-13 to 2026-11-12"));
	get(h, &editor, SUMMARIES);
	assert_int_equal(number_at(h, "0/manual_gb"), 100);
	assert_int_equal(send_json(h, &editor, "DELETE", SUMMARIES "/1", NULL),
	                 204);
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal "
	                                      "WHERE tbl = 'monthly_summaries' "
	                                      "AND op = 'delete' AND after IS "
	                                      "NULL"),
	                 1);
	assert_int_equal(send_json(h, &editor, "DELETE", SUMMARIES "/1", NULL),
	                 404);
	assert_int_equal(put(h, "2026-10-13", 1, "60"), 201);
	assert_string_equal(text_at(h, "period_end"), "2026-10-31");
	assert_int_equal(put(h, "2026-10-13", 1, "61"), 200);
}

static void what_a_program_computed_is_no_bill(void **state)
{
	struct harness *h = *state;

	fixture_exec(h->f, "INSERT INTO monthly_summaries (period_start, "
	                   "period_end, location_id, total_usage_bytes, "
	                   "manual_entry) VALUES ('2026-10-01', '2026-10-31', "
	                   "1, 5000000000, 0)");
	harness_day(h, "2026-10-31", 1, 4000000000);
	get(h, &editor, SUMMARIES);
	assert_true(json_is_null(at(h, "0/manual_gb")));
	assert_true(json_is_null(at(h, "0/difference_gb")));
	assert_int_equal(number_at(h, "0/computed_gb"), 4);
	assert_int_equal(number_at(h, "0/days_in_period"), 31);
}

static void a_large_bill_is_exact(void **state)
{
	struct harness *h = *state;

	/* Half of such products are a byte off where a double makes them. */
	for (int i = 0; i < 1000; i++) {
		char gb[24], wanted[48];

		snprintf(gb, sizeof(gb), "%d.%d", 12000000 + i * 331,
		         1 + i % 9);
		assert_true(put(h, "2026-10-13", 1, gb) < 202);
		snprintf(wanted, sizeof(wanted), "\"manual_gb\":%s,", gb);
		if (strstr(h->body, wanted) == NULL)
			fail_msg("%s became %s", gb, h->body);
	}
	assert_int_equal(put(h, "2026-10-13", 1, "366000000"), 200);
	assert_non_null(strstr(h->body, "\"manual_gb\":366000000,"));
}

static void what_is_wrong_is_named_and_stores_nothing(void **state)
{
	static const struct {
		const char *start;
		int64_t location;
		const char *gb, *field;
	} cases[] = {
	    {"2026-10-14", 1, "1", "/period_start"}, /* no cycle's first day */
	    {"2026-12-13", 1, "1", "/period_start"}, /* not begun */
	    {"9999-12-13", 1, "1", "/period_start"},
	    {"1970-01-01", 1, "1", "/period_start"},
	    {"2026-10-13", 3, "1", "/location_id"},
	    {"2026-10-13", 1, "-1", "/total_usage_gb"},
	    {"2026-10-13", 1, "366000001", "/total_usage_gb"},
	    {"2026-10-13", 1, "\"1\"", "/total_usage_gb"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(h, cases[i].start, cases[i].location, cases[i].gb);
		assert_problem(h, 400, cases[i].field);
	}
	get(h, &editor, SUMMARIES);
	assert_body(h, "[]");
	get(h, &editor, SUMMARIES "?location_id=3");
	assert_problem(h, 400, "location_id");
}

static void who_sees_one_location_sees_its_bills_alone(void **state)
{
	struct harness *h = *state;
	struct session_pass limited = harness_login(h, "lim", ROLE_EDITOR,
	                                            (int64_t[]){2, 0});

	put(h, "2026-10-13", 1, "1");
	put(h, "2026-10-13", 2, "2");
	get(h, &limited, SUMMARIES);
	assert_int_equal(json_array_size(h->json), 1);
	assert_int_equal(number_at(h, "0/location_id"), 2);
	get(h, &limited, SUMMARIES "?location_id=1");
	assert_problem(h, 400, "location_id");
	editor = limited;
	put(h, "2026-10-13", 1, "3");
	assert_problem(h, 400, "/location_id");
	assert_int_equal(put(h, "2026-10-13", 2, "3"), 200);
}

static void each_bill_is_in_the_journal(void **state)
{
	struct harness *h = *state;

	put(h, "2026-10-13", 1, "1");
	put(h, "2026-10-13", 1, "1");
	put(h, "2026-10-13", 1, "2");
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal WHERE tbl = "
	                         "'monthly_summaries' AND actor = "
	                         "'user:editor'"),
	    2);
}

#define WITH_EDITOR(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_EDITOR(a_bill_stands_beside_the_days),
	    WITH_EDITOR(a_bill_that_was_read_is_changed_as_it_was_read),
	    WITH_EDITOR(the_list_is_newest_first_and_of_one_where_wanted),
	    WITH_EDITOR(the_list_is_of_the_periods_that_start_in_between),
	    WITH_EDITOR(a_bill_of_a_cycle_that_was_cut_is_not_written_over),
	    WITH_EDITOR(what_a_program_computed_is_no_bill),
	    WITH_EDITOR(a_large_bill_is_exact),
	    WITH_EDITOR(what_is_wrong_is_named_and_stores_nothing),
	    WITH_EDITOR(who_sees_one_location_sees_its_bills_alone),
	    WITH_EDITOR(each_bill_is_in_the_journal),
	};

	return cmocka_run_group_tests_name("summaries", tests, NULL, NULL);
}
