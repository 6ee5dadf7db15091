/* Handler tests of POST /api/data/daily-usage with an array. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "body.h"

#define DAYS      "/api/data/daily-usage"
#define LOCATIONS "/api/data/locations"

static struct session_pass editor, admin;

static int setup(void **state)
{
	struct harness *h;

	harness_setup(state);
	h = *state;
	editor = harness_login(h, "edith", ROLE_EDITOR, NULL);
	admin = harness_login(h, "ada", ROLE_ADMIN, NULL);
	assert_int_equal(harness_location(h, "north"), 1);
	assert_int_equal(harness_location(h, "south"), 2);
	return 0;
}

/* What must stay as it is where nothing may change. */
struct mark {
	int64_t entries, days, bytes, generation;
};

static struct mark mark(struct harness *h)
{
	struct fixture *f = h->f;

	return (struct mark){
	    fixture_number(f, "SELECT count(*) FROM journal"),
	    fixture_number(f, "SELECT count(*) FROM daily_usage"),
	    fixture_number(f, "SELECT coalesce(sum(usage_bytes), 0) FROM "
	                      "daily_usage"),
	    fixture_number(f, "SELECT CAST(metric_value AS INTEGER) FROM "
	                      "system_info WHERE metric_name = "
	                      "'data_generation'")};
}

static void assert_unchanged(struct harness *h, const struct mark *before)
{
	struct mark after = mark(h);

	assert_int_equal(after.entries, before->entries);
	assert_int_equal(after.days, before->days);
	assert_int_equal(after.bytes, before->bytes);
	assert_int_equal(after.generation, before->generation);
}

static void many_days_are_one_change(void **state)
{
	struct harness *h = *state;
	int64_t entries;

	harness_day(h, "2026-11-01", 1, 1000000000);
	harness_day(h, "2026-11-02", 1, 2000000000);
	entries = fixture_number(h->f, "SELECT count(*) FROM journal");
	assert_int_equal(
	    send_json(
	        h, &editor, "POST", DAYS,
	        " [ {\"date\":\"2026-11-03\",\"location_id\":2,\"usage_gb\":3},"
	        "{\"date\":\"2026-11-01\",\"location_id\":1,\"usage_gb\":1},\n"
	        "{\"usage_gb\":2.5,\"date\":\"2026-11-02\",\"location_id\":1},"
	        "{\"date\":\"2026-11-01\",\"location_id\":2,\"usage_gb\":0}"
	        "]\n"),
	    200);
	assert_body(h, "{\"created\":2,\"updated\":1,\"unchanged\":1}");
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"),
	                 entries + 1);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal WHERE op = "
	                         "'batch' AND actor = 'user:edith'"),
	    1);
	assert_int_equal(fixture_number(h->f, "SELECT sum(usage_bytes) FROM "
	                                      "daily_usage"),
	                 6500000000);
}

/* So many items, each with a day of its own. */
static char *many(int count)
{
	struct strbuf body = STRBUF_INIT;

	for (int i = 0; i < count; i++) {
		struct date day = date_add((struct date){1990, 1, 1}, i);
		char text[DATE_TEXT_MAX];

		date_format(text, day);
		strbuf_addf(&body,
		            "%s{\"date\":\"%s\",\"location_id\":%d,"
		            "\"usage_gb\":%d.25}",
		            i == 0 ? "[" : ",", text, 1 + i % 2, i % 100);
	}
	strbuf_addc(&body, ']');
	return strbuf_detach(&body);
}

static void ten_thousand_days_are_taken_and_no_more(void **state)
{
	struct harness *h = *state;
	char *body = many(BODY_ITEMS_MAX), *more = many(BODY_ITEMS_MAX + 1);
	struct mark before;

	assert_int_equal(send_json(h, &editor, "POST", DAYS, body), 200);
	assert_body(h, "{\"created\":10000,\"updated\":0,\"unchanged\":0}");
	before = mark(h);
	assert_int_equal(before.days, BODY_ITEMS_MAX);
	send_json(h, &editor, "POST", DAYS, more);
	assert_problem(h, 400, "");
	assert_unchanged(h, &before);
	ask(h, &(struct ask){.method = "POST",
	                     .uri = DAYS,
	                     .body = "[]",
	                     .length = "1048577",
	                     .as = &editor});
	assert_problem(h, 413, NULL);
	assert_unchanged(h, &before);
	free(body);
	free(more);
}

#define ITEM(day, location, amount)                       \
	"{\"date\":\"" day "\",\"location_id\":" location \
	",\"usage_gb\":" amount "}"
#define GOOD ITEM("2026-11-05", "1", "5")

static void an_array_with_one_error_changes_nothing(void **state)
{
	static const struct {
		const char *body, *pointer;
	} rows[] = {
	    {"[]", ""},
	    {"[ ]", ""},
	    {"[", "/0"},
	    {"[" GOOD, ""},
	    {"[" GOOD ",]", "/1"},
	    {"[" GOOD " " GOOD "]", ""},
	    {"[" GOOD "] []", ""},
	    {"[" GOOD "]x", ""},
	    {"[" GOOD ",7]", "/1"},
	    {"[" GOOD ",null]", "/1"},
	    {"[" GOOD ",[]]", "/1"},
	    {"[" GOOD ",{}]", "/1/date"},
	    {"[" GOOD "," GOOD "]", "/1"},
	    {"[" ITEM("2026-11-06", "1", "1") "," GOOD "," GOOD "]", "/2"},
	    {"[" GOOD "," ITEM("2026-11-31", "1", "5") "]", "/1/date"},
	    {"[" GOOD "," ITEM("2026-11-26", "1", "5") "]", "/1/date"},
	    {"[" GOOD "," ITEM("2026-11-06", "1", "-1") "]", "/1/usage_gb"},
	    {"[" GOOD "," ITEM("2026-11-06", "1", "1e99") "]", "/1/usage_gb"},
	    {"[" GOOD "," ITEM("2026-11-06", "1", "10001") "]", "/1/usage_gb"},
	    {"[" GOOD "," ITEM("2026-11-06", "9", "1") "]", "/1/location_id"},
	    {"[" ITEM("2026-11-06", "9", "1") "," GOOD "]", "/0/location_id"},
	    {"[" GOOD ",{\"a/b\":1}]", "/1/a~1b"},
	    {"[" GOOD ",{\"date\":1,\"date\":2}]", "/1/date"},
	};
	struct harness *h = *state;
	struct mark before = mark(h);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &editor, "POST", DAYS, rows[i].body);
		assert_problem(h, 400, rows[i].pointer);
		assert_unchanged(h, &before);
	}
}

static void what_is_no_object_is_told_by_its_place(void **state)
{
	static const struct {
		const char *body, *pointer, *detail;
	} rows[] = {
	    {"[1]", "/0", "element 0 of the array is no object"},
	    {"[" GOOD ",\"a\"]", "/1", "element 1 of the array is no object"},
	    {"[" GOOD ",null,[]]", "/1", "element 1 of the array is no object"},
	    {"[" GOOD ",[]]", "/1", "element 1 of the array is no object"},
	    {"[x]", "/0", "the body is not valid JSON"},
	    {"[1", "/0", "element 0 of the array is no object"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &editor, "POST", DAYS, rows[i].body);
		assert_problem(h, 400, rows[i].pointer);
		if (strstr(text_at(h, "detail"), rows[i].detail) == NULL)
			fail_msg("%s: %s", rows[i].body, text_at(h, "detail"));
	}
}

static void an_array_is_taken_nowhere_else(void **state)
{
	struct harness *h = *state;

	send_json(h, &admin, "POST", LOCATIONS, "[{\"name\":\"x\"}]");
	assert_problem(h, 400, "");
	send_json(h, &editor, "PUT", DAYS "/1", "[{\"usage_gb\":1}]");
	assert_problem(h, 400, "");
}

static void what_a_limited_caller_does_not_see_is_not_there(void **state)
{
	static const int64_t north[] = {1, 0};
	struct harness *h = *state;
	struct session_pass limited = harness_login(h, "lim", ROLE_EDITOR,
	                                            north);
	struct mark before = mark(h);

	send_json(h, &limited, "POST", DAYS,
	          "[" GOOD "," ITEM("2026-11-06", "2", "1") "]");
	assert_problem(h, 400, "/1/location_id");
	assert_unchanged(h, &before);
	assert_int_equal(send_json(h, &limited, "POST", DAYS, "[" GOOD "]"),
	                 200);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(many_days_are_one_change),
	    TEST(ten_thousand_days_are_taken_and_no_more),
	    TEST(an_array_with_one_error_changes_nothing),
	    TEST(what_is_no_object_is_told_by_its_place),
	    TEST(an_array_is_taken_nowhere_else),
	    TEST(what_a_limited_caller_does_not_see_is_not_there),
	};

	return cmocka_run_group_tests_name("many_days", tests, NULL, NULL);
}
