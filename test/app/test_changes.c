/*
 * Handler tests of what HTTP adds to a change: ETag and If-Match of single
 * records, Idempotency-Key.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "store/idempotency.h"

#define DAYS      "/api/data/daily-usage"
#define LOCATIONS "/api/data/locations"
#define BILLS     "/api/data/monthly-summaries"
#define CYCLE_DAY "/api/settings/billing-cycle"

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

#define ITEM(day, location, amount)                       \
	"{\"date\":\"" day "\",\"location_id\":" location \
	",\"usage_gb\":" amount "}"
#define GOOD ITEM("2026-11-05", "1", "5")

/* --- ETag and If-Match ---------------------------------------------------- */

/* The ETag of the last answer, with its quotes. */
static void keep_tag(struct harness *h, char out[64])
{
	assert_non_null(header(h, "ETag"));
	snprintf(out, 64, "%s", header(h, "ETag"));
}

static int send_if(struct harness *h, const struct session_pass *as,
                   const char *method, const char *uri, const char *body,
                   const char *if_match)
{
	return ask(h, &(struct ask){.method = method,
	                            .uri = uri,
	                            .body = body,
	                            .as = as,
	                            .if_match = if_match});
}

static void a_record_has_a_tag_that_its_own_changes_move(void **state)
{
	struct harness *h = *state;
	char first[64], second[64], again[64];

	assert_int_equal(send_json(h, &editor, "POST", DAYS, GOOD), 201);
	keep_tag(h, first);
	get(h, &editor, DAYS "/1");
	keep_tag(h, again);
	assert_string_equal(first, again);
	assert_int_equal(ask(h, &(struct ask){.method = "GET",
	                                      .uri = DAYS "/1",
	                                      .as = &editor,
	                                      .if_none_match = first}),
	                 304);
	assert_string_equal(h->body, "");
	/* Another record does not move it; nor does a change to the same. */
	send_json(h, &editor, "POST", DAYS, ITEM("2026-11-06", "1", "1"));
	send_json(h, &editor, "POST", DAYS, GOOD);
	assert_int_equal(h->status, 200);
	keep_tag(h, again);
	assert_string_equal(first, again);
	send_json(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":6}");
	keep_tag(h, second);
	assert_string_not_equal(first, second);
	/* The location's name is shown with it. */
	send_json(h, &admin, "PATCH", LOCATIONS "/1", "{\"name\":\"n\"}");
	get(h, &editor, DAYS "/1");
	keep_tag(h, again);
	assert_string_not_equal(second, again);
	assert_int_equal(ask(h, &(struct ask){.method = "GET",
	                                      .uri = DAYS "/1",
	                                      .as = &editor,
	                                      .if_none_match = second}),
	                 200);
}

static void a_post_over_a_day_heeds_if_match(void **state)
{
	struct harness *h = *state;
	struct mark before;
	char old[64];

	/* There is nothing yet that it could be. */
	send_if(h, &editor, "POST", DAYS, GOOD, "*");
	assert_problem(h, 412, NULL);
	send_json(h, &editor, "POST", DAYS, GOOD);
	keep_tag(h, old);
	assert_int_equal(send_if(h, &editor, "POST", DAYS,
	                         ITEM("2026-11-05", "1", "6"), old),
	                 200);
	before = mark(h);
	send_if(h, &editor, "POST", DAYS, ITEM("2026-11-05", "1", "7"), old);
	assert_problem(h, 412, NULL);
	send_if(h, &editor, "POST", DAYS, "[" GOOD "]", old);
	assert_problem(h, 400, "");
	assert_unchanged(h, &before);
}

static void settings_heed_if_match(void **state)
{
	static const char uri[] = CYCLE_DAY;
	static const char first[] =
	    "{\"cycle_day\":5,\"valid_from\":\"2027-01-05\"}";
	static const char second[] =
	    "{\"cycle_day\":6,\"valid_from\":\"2027-01-06\"}";
	struct harness *h = *state;
	struct mark before;
	char old[64];

	get(h, &admin, uri);
	keep_tag(h, old);
	assert_int_equal(ask(h, &(struct ask){.method = "GET",
	                                      .uri = uri,
	                                      .as = &admin,
	                                      .if_none_match = old}),
	                 304);
	assert_int_equal(send_if(h, &admin, "PUT", uri, first, old), 200);
	before = mark(h);
	send_if(h, &admin, "PUT", uri, second, old);
	assert_problem(h, 412, NULL);
	assert_unchanged(h, &before);
	get(h, &admin, uri);
	keep_tag(h, old);
	assert_int_equal(send_if(h, &admin, "PUT", uri, second, old), 200);
	/* The answer to a change has what the next one needs. */
	keep_tag(h, old);
	get(h, &admin, uri);
	assert_string_equal(header(h, "ETag"), old);
	assert_int_equal(send_if(h, &admin, "PUT", uri, first, old), 200);
}

static void what_has_no_tag_does_not_overlook_if_match(void **state)
{
	struct harness *h = *state;
	struct mark before = mark(h);

	send_if(h, &admin, "DELETE", "/api/users/1", NULL, "\"0\"");
	assert_problem(h, 400, NULL);
	send_if(h, &admin, "POST", LOCATIONS, "{\"name\":\"new\"}", "*");
	assert_problem(h, 400, NULL);
	assert_unchanged(h, &before);
}

static void a_stale_change_of_a_day_is_412(void **state)
{
	struct harness *h = *state;
	struct mark before;
	char old[64], new[64], weak[80];

	send_json(h, &editor, "POST", DAYS, GOOD);
	keep_tag(h, old);
	assert_int_equal(
	    send_if(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":6}", old),
	    200);
	keep_tag(h, new);
	before = mark(h);
	send_if(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":7}", old);
	assert_problem(h, 412, NULL);
	assert_null(header(h, "ETag"));
	send_if(h, &editor, "DELETE", DAYS "/1", NULL, old);
	assert_problem(h, 412, NULL);
	send_if(h, &editor, "DELETE", DAYS "/1", NULL, "nonsense");
	assert_problem(h, 412, NULL);
	assert_unchanged(h, &before);
	/* The writer's turn is free again. */
	assert_int_equal(
	    send_if(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":8}", "*"),
	    200);
	send_if(h, &editor, "PUT", DAYS "/9", "{\"usage_gb\":8}", "*");
	assert_problem(h, 404, NULL);
	keep_tag(h, (get(h, &editor, DAYS "/1"), new));
	snprintf(weak, sizeof(weak), "\"x\", W/%s", new);
	assert_int_equal(send_if(h, &editor, "DELETE", DAYS "/1", NULL, weak),
	                 204);
}

static void a_stale_change_of_a_location_is_412(void **state)
{
	struct harness *h = *state;
	struct mark before;
	char old[64], tag[64];

	assert_int_equal(get(h, &editor, LOCATIONS "/1"), 200);
	keep_tag(h, old);
	assert_int_equal(send_if(h, &admin, "PATCH", LOCATIONS "/1",
	                         "{\"display_name\":\"N\"}", old),
	                 200);
	keep_tag(h, tag);
	before = mark(h);
	send_if(h, &admin, "PATCH", LOCATIONS "/1", "{\"display_name\":\"M\"}",
	        old);
	assert_problem(h, 412, NULL);
	assert_unchanged(h, &before);
	assert_int_equal(send_if(h, &admin, "PATCH", LOCATIONS "/1",
	                         "{\"is_active\":false}", tag),
	                 200);
	assert_int_equal(
	    send_json(h, &admin, "POST", LOCATIONS, "{\"name\":\"west\"}"),
	    201);
	keep_tag(h, tag);
	get(h, &editor, LOCATIONS "/3");
	keep_tag(h, old);
	assert_string_equal(tag, old);
}

static void a_stale_change_of_a_bill_is_412(void **state)
{
	static const char bill[] = "{\"period_start\":\"2026-10-13\","
	                           "\"location_id\":1,\"total_usage_gb\":5}";
	static const char other[] = "{\"period_start\":\"2026-10-13\","
	                            "\"location_id\":1,\"total_usage_gb\":6}";
	struct harness *h = *state;
	struct mark before = mark(h);
	char old[64];

	send_if(h, &editor, "PUT", BILLS, bill, "*");
	assert_problem(h, 412, NULL);
	assert_unchanged(h, &before);
	assert_int_equal(send_json(h, &editor, "PUT", BILLS, bill), 201);
	keep_tag(h, old);
	assert_int_equal(send_if(h, &editor, "PUT", BILLS, other, old), 200);
	before = mark(h);
	send_if(h, &editor, "PUT", BILLS, bill, old);
	assert_problem(h, 412, NULL);
	assert_unchanged(h, &before);
}

/* --- Idempotency-Key ------------------------------------------------------ */

static int send_key(struct harness *h, const struct session_pass *as,
                    const char *method, const char *uri, const char *body,
                    const char *key)
{
	return ask(h, &(struct ask){.method = method,
	                            .uri = uri,
	                            .body = body,
	                            .as = as,
	                            .idempotency_key = key});
}

static void a_repeat_gets_the_same_answer_and_changes_nothing(void **state)
{
	static const struct {
		const char *method, *uri, *body;
		int status;
	} rows[] = {
	    {"POST", LOCATIONS, "{\"name\":\"west\"}", 201},
	    {"PATCH", LOCATIONS "/1", "{\"display_name\":\"N\"}", 200},
	    {"POST", DAYS, GOOD, 201},
	    {"POST", DAYS, "[" ITEM("2026-11-07", "1", "1") "]", 200},
	    {"PUT", DAYS "/1", "{\"usage_gb\":9}", 200},
	    {"PUT", BILLS,
	     "{\"period_start\":\"2026-10-13\",\"location_id\":1,"
	     "\"total_usage_gb\":5}",
	     201},
	    {"PUT", CYCLE_DAY,
	     "{\"cycle_day\":5,\"valid_from\":\"2026-12-01\"}", 200},
	    {"DELETE", DAYS "/1", NULL, 204},
	};
	struct harness *h = *state;
	char key[8], body[600], tag[64], place[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mark before;

		snprintf(key, sizeof(key), "k%zu", i);
		send_key(h, &admin, rows[i].method, rows[i].uri, rows[i].body,
		         key);
		if (h->status != rows[i].status)
			fail_msg("%s: %s", rows[i].uri, h->body);
		assert_null(header(h, "Idempotency-Replayed"));
		snprintf(body, sizeof(body), "%s", h->body);
		snprintf(tag, sizeof(tag), "%s",
		         header(h, "ETag") ? header(h, "ETag") : "");
		snprintf(place, sizeof(place), "%s",
		         header(h, "Location") ? header(h, "Location") : "");
		before = mark(h);
		send_key(h, &admin, rows[i].method, rows[i].uri, rows[i].body,
		         key);
		assert_int_equal(h->status, rows[i].status);
		assert_string_equal(header(h, "Idempotency-Replayed"), "true");
		assert_string_equal(h->body, body);
		assert_string_equal(header(h, "ETag") ? header(h, "ETag") : "",
		                    tag);
		assert_string_equal(
		    header(h, "Location") ? header(h, "Location") : "", place);
		assert_unchanged(h, &before);
	}
}

static void a_key_is_of_one_request_and_one_caller(void **state)
{
	struct harness *h = *state;
	struct mark before;

	assert_int_equal(send_key(h, &editor, "POST", DAYS, GOOD, "k"), 201);
	before = mark(h);
	send_key(h, &editor, "POST", DAYS, ITEM("2026-11-05", "1", "6"), "k");
	assert_problem(h, 422, NULL);
	send_key(h, &editor, "DELETE", DAYS "/1", NULL, "k");
	assert_problem(h, 422, NULL);
	assert_unchanged(h, &before);
	assert_int_equal(send_key(h, &admin, "POST", DAYS, GOOD, "k"), 200);
	assert_null(header(h, "Idempotency-Replayed"));
	harness_wait(h, IDEMPOTENCY_LIFE_S);
	editor = harness_login(h, "later", ROLE_EDITOR, NULL);
	assert_int_equal(send_key(h, &editor, "POST", DAYS, GOOD, "k"), 200);
}

static void an_error_is_not_kept(void **state)
{
	struct harness *h = *state;

	send_key(h, &editor, "POST", DAYS, ITEM("2026-11-05", "3", "1"), "k");
	assert_problem(h, 400, "/location_id");
	send_if(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":8}", "\"x\"");
	assert_problem(h, 404, NULL);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM idempotency_keys"), 0);
	harness_location(h, "west");
	assert_int_equal(send_key(h, &editor, "POST", DAYS,
	                          ITEM("2026-11-05", "3", "1"), "k"),
	                 201);
}

static void a_key_that_is_none_is_refused(void **state)
{
	struct harness *h = *state;
	struct mark before = mark(h);
	char longest[257];

	memset(longest, 'k', sizeof(longest) - 1);
	longest[256] = '\0';
	send_key(h, &editor, "POST", DAYS, GOOD, longest);
	assert_problem(h, 400, "Idempotency-Key");
	send_key(h, &editor, "POST", DAYS, "[" GOOD "]", "a b");
	assert_problem(h, 400, "Idempotency-Key");
	assert_unchanged(h, &before);
	assert_int_equal(send_key(h, &editor, "POST", DAYS, GOOD, longest + 1),
	                 201);
}

static void a_repeat_needs_the_right_that_the_first_one_had(void **state)
{
	struct harness *h = *state;

	assert_int_equal(send_key(h, &editor, "POST", DAYS, GOOD, "k"), 201);
	fixture_exec(h->f, "UPDATE users SET role = 'viewer' WHERE "
	                   "username = 'edith'");
	send_key(h, &editor, "POST", DAYS, GOOD, "k");
	assert_problem(h, 403, NULL);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_record_has_a_tag_that_its_own_changes_move),
	    TEST(a_post_over_a_day_heeds_if_match),
	    TEST(settings_heed_if_match),
	    TEST(what_has_no_tag_does_not_overlook_if_match),
	    TEST(a_stale_change_of_a_day_is_412),
	    TEST(a_stale_change_of_a_location_is_412),
	    TEST(a_stale_change_of_a_bill_is_412),
	    TEST(a_repeat_gets_the_same_answer_and_changes_nothing),
	    TEST(a_key_is_of_one_request_and_one_caller),
	    TEST(an_error_is_not_kept),
	    TEST(a_key_that_is_none_is_refused),
	    TEST(a_repeat_needs_the_right_that_the_first_one_had),
	};

	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
