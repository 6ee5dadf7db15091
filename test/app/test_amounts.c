/* Handler tests of usage_gb: which numbers are taken, and as how many bytes. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define DAYS "/api/data/daily-usage"

static struct session_pass editor;

static int setup(void **state)
{
	harness_setup(state);
	editor = harness_login(*state, "editor", ROLE_EDITOR, NULL);
	harness_location(*state, "branch_a");
	harness_location(*state, "branch_b");
	return 0;
}

/* JavaScript and Python write 500 bytes so. */
static void an_amount_with_an_exponent_is_taken_as_it_is(void **state)
{
	struct harness *h = *state;

	send_json(h, &editor, "POST", DAYS,
	          "{\"date\":\"2026-11-20\",\"location_id\":1,"
	          "\"usage_gb\":5e-7}");
	assert_int_equal(h->status, 201);
	assert_non_null(strstr(h->body, "\"usage_gb\":0.0000005,"));
	send_json(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":2.5E-8}");
	assert_int_equal(h->status, 200);
	get(h, &editor, DAYS "/1");
	assert_non_null(strstr(h->body, "\"usage_gb\":0.000000025,"));
}

static void the_greatest_amount_is_that_of_the_settings(void **state)
{
	struct harness *h = *state;

	h->f->config.max_daily_gb = 1000000;
	send_json(h, &editor, "POST", DAYS,
	          "{\"date\":\"2026-11-20\",\"location_id\":1,"
	          "\"usage_gb\":999999.999999999}");
	assert_int_equal(h->status, 201);
	assert_non_null(strstr(h->body, "\"usage_gb\":999999.999999999,"));
	assert_true(
	    fixture_number(h->f, "SELECT usage_bytes FROM daily_usage") ==
	    INT64_C(999999999999999));
	send_json(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":1000000}");
	assert_int_equal(h->status, 200);
	assert_non_null(strstr(h->body, "\"usage_gb\":1000000,"));
}

/* Whatever is wrong with a number, and one or many: one figure is told. */
static void the_refusal_tells_the_most_that_the_settings_allow(void **state)
{
	static const char *const amounts[] = {"-1", "10000.1", "1000000.5",
	                                      "2e300", "\"1\""};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++)
		for (int many = 0; many < 2; many++) {
			char body[128];

			snprintf(body, sizeof(body),
			         "%s{\"date\":\"2026-11-20\","
			         "\"location_id\":1,\"usage_gb\":%s}%s",
			         many ? "[" : "", amounts[i], many ? "]" : "");
			send_json(h, &editor, "POST", DAYS, body);
			assert_problem(h, 400,
			               many ? "/0/usage_gb" : "/usage_gb");
			assert_string_equal(text_at(h, "detail"),
			                    "usage_gb must be a number from 0 "
			                    "to 10000");
		}
}

static void a_part_of_a_byte_is_refused_and_not_rounded(void **state)
{
	static const char *const wrong[] = {
	    "0.1234567891", "1.0000000005", "1e-10",
	    "4e-320",       "1e-30",        "0.333333333333333333"};
	/* What JavaScript makes of 0.1 + 0.2, and of 9.9 in the end. */
	static const struct {
		const char *sent, *kept;
	} right[] = {
	    {"0.30000000000000004", "\"usage_gb\":0.3,"},
	    {"9.9000000000000004", "\"usage_gb\":9.9,"},
	    {"1.2345678900", "\"usage_gb\":1.23456789,"},
	    {"9999.999999999", "\"usage_gb\":9999.999999999,"},
	    {"1e-9", "\"usage_gb\":0.000000001,"},
	    {"0.0", "\"usage_gb\":0,"},
	    {"-0.0", "\"usage_gb\":0,"},
	};
	struct harness *h = *state;
	char body[128];

	harness_day(h, "2026-11-19", 1, 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(body, sizeof(body), "{\"usage_gb\":%s}", wrong[i]);
		send_json(h, &editor, "PUT", DAYS "/1", body);
		assert_problem(h, 400, "/usage_gb");
		assert_non_null(strstr(h->body, "whole number of bytes"));
	}
	assert_int_equal(
	    fixture_number(h->f, "SELECT usage_bytes FROM daily_usage"), 1);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		snprintf(body, sizeof(body), "{\"usage_gb\":%s}",
		         right[i].sent);
		send_json(h, &editor, "PUT", DAYS "/1", body);
		assert_int_equal(h->status, 200);
		assert_non_null(strstr(h->body, right[i].kept));
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_amount_with_an_exponent_is_taken_as_it_is),
	    TEST(the_greatest_amount_is_that_of_the_settings),
	    TEST(the_refusal_tells_the_most_that_the_settings_allow),
	    TEST(a_part_of_a_byte_is_refused_and_not_rounded),
	};

	return cmocka_run_group_tests_name("amounts", tests, NULL, NULL);
}
