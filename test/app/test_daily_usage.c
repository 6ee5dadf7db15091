/* Handler tests of /api/data/daily-usage. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/slot.h"

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

static void a_day_is_created_then_updated(void **state)
{
	static const char record[] =
	    "{\"id\":1,\"date\":\"2026-11-20\",\"usage_gb\":9.9,"
	    "\"location_id\":1,\"location_name\":\"branch_a\","
	    "\"display_name\":\"Branch A\","
	    "\"updated_at\":\"2026-11-24T14:00:00Z\"}";
	static const char post[] = "{\"date\":\"2026-11-20\","
	                           "\"location_id\":1,\"usage_gb\":9.9}";
	struct harness *h = *state;

	send_json(h, &editor, "POST", DAYS, post);
	assert_int_equal(h->status, 201);
	assert_string_equal(header(h, "Location"), DAYS "/1");
	assert_body(h, record);
	/* The number is written from bytes, not from a double. */
	assert_non_null(strstr(h->body, "\"usage_gb\":9.9,"));
	harness_wait(h, 60);
	send_json(h, &editor, "POST", DAYS, post);
	assert_int_equal(h->status, 200);
	assert_null(header(h, "Location"));
	assert_body(h, record); /* the same amount: not updated */
	send_json(h, &editor, "POST", DAYS,
	          "{\"date\":\"2026-11-20\",\"location_id\":1,"
	          "\"usage_gb\":0.000000001}");
	assert_int_equal(h->status, 200);
	assert_non_null(strstr(h->body, "\"usage_gb\":0.000000001,"));
	assert_string_equal(text_at(h, "updated_at"), "2026-11-24T14:01:00Z");
	assert_int_equal(
	    fixture_number(h->f, "SELECT usage_bytes FROM daily_usage"), 1);
}

static void one_record_is_read_changed_and_deleted(void **state)
{
	struct harness *h = *state;

	harness_day(h, "2026-11-20", 2, 1500000000);
	get(h, &editor, DAYS "/1");
	assert_int_equal(h->status, 200);
	assert_body(h, "{\"id\":1,\"date\":\"2026-11-20\",\"usage_gb\":1.5,"
	               "\"location_id\":2,\"location_name\":\"branch_b\","
	               "\"display_name\":\"Branch B\","
	               "\"updated_at\":\"2026-11-24T14:00:00Z\"}");
	send_json(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":2}");
	assert_int_equal(h->status, 200);
	assert_int_equal(number_at(h, "usage_gb"), 2);
	send_json(h, &editor, "DELETE", DAYS "/1", NULL);
	assert_int_equal(h->status, 204);
	assert_string_equal(h->body, "");
	assert_null(header(h, "Content-Type"));
	assert_null(header(h, "Content-Length"));
	get(h, &editor, DAYS "/1");
	assert_problem(h, 404, NULL);
	send_json(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":2}");
	assert_problem(h, 404, NULL);
	send_json(h, &editor, "DELETE", DAYS "/1", NULL);
	assert_problem(h, 404, NULL);
}

static void the_list_is_newest_first(void **state)
{
	struct harness *h = *state;

	get(h, &editor, DAYS);
	assert_body(h, "[]");
	harness_day(h, "2026-11-01", 1, 1);
	harness_day(h, "2026-11-02", 2, 2);
	harness_day(h, "2026-11-02", 1, 3);
	get(h, &editor, DAYS);
	assert_int_equal(h->status, 200);
	assert_int_equal(json_array_size(h->json), 3);
	assert_int_equal(number_at(h, "0/id"), 3);
	assert_int_equal(number_at(h, "1/id"), 2);
	assert_int_equal(number_at(h, "2/id"), 1);
	assert_int_equal(json_object_size(at(h, "0")), 7);
	assert_string_equal(text_at(h, "0/location_name"), "branch_a");
}

static void bounds_of_the_list_are_in_it(void **state)
{
	static const struct {
		const char *query;
		const char *ids; /* as they come, one digit each */
	} rows[] = {
	    {"", "4321"},
	    {"?start_date=2026-11-02", "432"},
	    {"?end_date=2026-11-02", "321"},
	    {"?start_date=2026-11-02&end_date=2026-11-02", "32"},
	    {"?start_date=2026-11-02&end_date=2026-11-02&location_id=2", "2"},
	    {"?location_id=1", "431"},
	    {"?start_date=1970-01-01&end_date=9999-12-31", "4321"},
	    {"?start_date=2026-11-04", ""},
	};
	struct harness *h = *state;

	harness_day(h, "2026-11-01", 1, 1);
	harness_day(h, "2026-11-02", 2, 2);
	/* Of one day the lower location comes first. */
	harness_day(h, "2026-11-02", 1, 3);
	harness_day(h, "2026-11-03", 1, 4);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char uri[160], got[16] = "";

		snprintf(uri, sizeof(uri), DAYS "%s", rows[i].query);
		get(h, &editor, uri);
		assert_int_equal(h->status, 200);
		for (size_t n = 0; n < json_array_size(h->json); n++) {
			char path[24];

			snprintf(path, sizeof(path), "%zu/id", n);
			got[n] = (char)('0' + number_at(h, path));
		}
		assert_string_equal(got, rows[i].ids);
	}
}

static void pages_tell_how_many_there_are(void **state)
{
	struct harness *h = *state;

	for (int day = 1; day <= 7; day++) {
		char date[32];

		snprintf(date, sizeof(date), "2026-11-%02d", day);
		harness_day(h, date, 1, day);
	}
	get(h, &editor, DAYS "?page=2&per_page=3");
	assert_int_equal(h->status, 200);
	assert_int_equal(json_array_size(at(h, "data")), 3);
	assert_string_equal(text_at(h, "data/0/date"), "2026-11-04");
	assert_int_equal(number_at(h, "pagination/page"), 2);
	assert_int_equal(number_at(h, "pagination/per_page"), 3);
	assert_int_equal(number_at(h, "pagination/total"), 7);
	assert_int_equal(number_at(h, "pagination/pages"), 3);
	get(h, &editor, DAYS "?page=3&per_page=3");
	assert_int_equal(json_array_size(at(h, "data")), 1);
	get(h, &editor, DAYS "?page=4&per_page=3");
	assert_int_equal(json_array_size(at(h, "data")), 0);
	get(h, &editor, DAYS "?page=1");
	assert_int_equal(number_at(h, "pagination/per_page"), 50);
	get(h, &editor, DAYS "?per_page=7&start_date=2026-11-06");
	assert_int_equal(number_at(h, "pagination/total"), 2);
	assert_int_equal(number_at(h, "pagination/pages"), 1);
	get(h, &editor, DAYS "?page=1&start_date=2027-01-01");
	assert_int_equal(number_at(h, "pagination/pages"), 0);
}

static void wrong_parameters_are_named(void **state)
{
	static const struct {
		const char *query, *name;
	} rows[] = {
	    {"start_date=2023-02-29", "start_date"},
	    {"end_date=x", "end_date"},
	    {"start_date=2026-11-02&end_date=2026-11-01", "end_date"},
	    {"location_id=0", "location_id"},
	    {"location_id=7", "location_id"},
	    {"location_id=1&location_id=2", "location_id"},
	    {"location_id=1%20OR%201=1", "location_id"},
	    {"page=0", "page"},
	    {"page=1000000001", "page"},
	    {"per_page=1001", "per_page"},
	    {"per_page=-1", "per_page"},
	    {"sort=date", "sort"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char uri[160];

		snprintf(uri, sizeof(uri), DAYS "?%s", rows[i].query);
		get(h, &editor, uri);
		assert_problem(h, 400, rows[i].name);
	}
}

static void wrong_members_are_named_and_change_nothing(void **state)
{
#define DATE "\"date\":\"2026-11-20\","
	static const struct {
		const char *body, *pointer;
	} rows[] = {
	    {"{\"location_id\":1,\"usage_gb\":1}", "/date"},
	    {"{" DATE "\"usage_gb\":1}", "/location_id"},
	    {"{" DATE "\"location_id\":1}", "/usage_gb"},
	    {"{\"date\":\"2026-11-31\",\"location_id\":1,\"usage_gb\":1}",
	     "/date"},
	    {"{\"date\":\"2026-11-26\",\"location_id\":1,\"usage_gb\":1}",
	     "/date"}, /* later than tomorrow */
	    {"{" DATE "\"location_id\":9,\"usage_gb\":1}", "/location_id"},
	    {"{" DATE "\"location_id\":\"1\",\"usage_gb\":1}", "/location_id"},
	    {"{" DATE "\"location_id\":1.0,\"usage_gb\":1}", "/location_id"},
	    {"{" DATE "\"location_id\":1,\"usage_gb\":-1}", "/usage_gb"},
	    {"{" DATE "\"location_id\":1,\"usage_gb\":10000.1}", "/usage_gb"},
	    {"{" DATE "\"location_id\":1,\"usage_gb\":\"1\"}", "/usage_gb"},
	    {"{" DATE "\"location_id\":1,\"usage_gb\":true}", "/usage_gb"},
	    {"{" DATE "\"location_id\":1,\"usage_gb\":1,\"id\":1}", "/id"},
	};
	struct harness *h = *state;
	int64_t entries;

	harness_day(h, "2026-11-19", 1, 1);
	entries = fixture_number(h->f, "SELECT count(*) FROM journal");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &editor, "POST", DAYS, rows[i].body);
		assert_problem(h, 400, rows[i].pointer);
	}
	send_json(h, &editor, "PUT", DAYS "/1", "{}");
	assert_problem(h, 400, "/usage_gb");
	send_json(h, &editor, "PUT", DAYS "/1", "{" DATE "\"usage_gb\":1}");
	assert_problem(h, 400, "/date");
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"),
	                 entries);
	assert_int_equal(
	    fixture_number(h->f, "SELECT sum(usage_bytes) FROM daily_usage"),
	    1);
}

static void tomorrow_can_be_entered(void **state)
{
	struct harness *h = *state;

	send_json(h, &editor, "POST", DAYS,
	          "{\"date\":\"2026-11-25\",\"location_id\":1,\"usage_gb\":0}");
	assert_int_equal(h->status, 201);
	assert_non_null(strstr(h->body, "\"usage_gb\":0,"));
}

/* 20,000 days of three locations, past the store, which would take longer. */
static void fill(struct harness *h)
{
	harness_location(h, "branch_c");
	fixture_exec(h->f,
	             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	             " SELECT i + 1 FROM n WHERE i < 19999)"
	             " INSERT INTO daily_usage (date, location_id, usage_bytes)"
	             " SELECT date('1980-01-01', '+' || (i / 3) || ' days'),"
	             " i % 3 + 1, i FROM n");
}

static void a_long_list_streams_in_pieces(void **state)
{
	struct harness *h = *state;

	fill(h);
	get(h, &editor, DAYS);
	assert_int_equal(h->status, 200);
	assert_false(h->lost);
	assert_null(header(h, "Content-Length"));
	assert_true(h->writes > 50);
	assert_int_equal(json_array_size(h->json), 20000);
	assert_int_equal(number_at(h, "19999/id"), 3);
	/* The same with HEAD sends a head and nothing else. */
	ask(h, &(struct ask){.method = "HEAD", .uri = DAYS, .as = &editor});
	assert_int_equal(h->status, 200);
	assert_string_equal(h->body, "");
}

static void a_client_that_leaves_ends_the_list(void **state)
{
	struct harness *h = *state;

	fill(h);
	ask(h, &(struct ask){.method = "GET",
	                     .uri = DAYS,
	                     .as = &editor,
	                     .peer_leaves_after = 5});
	assert_true(h->lost);
	assert_int_equal(h->writes, 5);
	/* The transaction that it read in is gone. */
	assert_int_equal(get(h, &editor, DAYS "/1"), 200);
	send_json(h, &editor, "DELETE", DAYS "/1", NULL);
	assert_int_equal(h->status, 204);
}

static void a_read_that_takes_too_long_is_cut_off(void **state)
{
	struct harness *h = *state;

	fill(h);
	h->app.read_deadline_ms = 1;
	get(h, &editor, DAYS);
	/* Busy where nothing was sent yet, else broken off: never half a list
	 * that looks whole. */
	assert_true(h->lost || h->status == 503);
	assert_null(h->lost ? h->json : NULL);
	h->app.read_deadline_ms = 60000;
	get(h, &editor, DAYS);
	assert_int_equal(json_array_size(h->json), 20000);
}

/* The time that the client needs is not the read's. */
static void a_slow_client_gets_all_of_a_long_list(void **state)
{
	struct harness *h = *state;

	fill(h);
	h->app.read_deadline_ms = 1500;
	ask(h, &(struct ask){.method = "GET",
	                     .uri = DAYS,
	                     .as = &editor,
	                     .peer_takes_ms = 30});
	assert_false(h->lost);
	assert_int_equal(json_array_size(h->json), 20000);
	assert_true(h->writes > 60); /* so it took longer than the read may */
}

static void one_long_list_is_made_at_a_time(void **state)
{
	struct harness *h = *state;
	struct slot slot = {.fd = -1};
	struct dum_error err = {0};

	fill(h);
	/* It goes by the number that is kept, which need not be true here. */
	fixture_exec(h->f, "DELETE FROM location_records;"
	                   "INSERT INTO location_records SELECT location_id,"
	                   " count(*) * 20 FROM daily_usage GROUP BY "
	                   "location_id");
	assert_ok(slot_take(&slot, db_path(h->f->db), "-list", 1, 0, &err),
	          &err);
	get(h, &editor, DAYS);
	assert_problem(h, 503, NULL);
	assert_string_equal(header(h, "Retry-After"), "1");
	get(h, &editor, DAYS "?format=csv");
	assert_problem(h, 503, NULL);
	/* Short ones and pages are nothing to wait for. */
	assert_int_equal(get(h, &editor, DAYS "?end_date=1985-01-01"), 200);
	assert_int_equal(get(h, &editor, DAYS "?per_page=1000"), 200);
	slot_release(&slot);
	assert_int_equal(get(h, &editor, DAYS), 200);
	assert_int_equal(json_array_size(h->json), 20000);
}

static void the_journal_has_each_change(void **state)
{
	struct harness *h = *state;

	send_json(h, &editor, "POST", DAYS,
	          "{\"date\":\"2026-11-20\",\"location_id\":1,\"usage_gb\":1}");
	send_json(h, &editor, "PUT", DAYS "/1", "{\"usage_gb\":2}");
	send_json(h, &editor, "DELETE", DAYS "/1", NULL);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal"
	                         " WHERE tbl = 'daily_usage'"
	                         " AND actor = 'user:editor' AND pk = '1'"),
	    3);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_day_is_created_then_updated),
	    TEST(one_record_is_read_changed_and_deleted),
	    TEST(the_list_is_newest_first),
	    TEST(bounds_of_the_list_are_in_it),
	    TEST(pages_tell_how_many_there_are),
	    TEST(wrong_parameters_are_named),
	    TEST(wrong_members_are_named_and_change_nothing),
	    TEST(tomorrow_can_be_entered),
	    TEST(a_long_list_streams_in_pieces),
	    TEST(a_client_that_leaves_ends_the_list),
	    TEST(a_read_that_takes_too_long_is_cut_off),
	    TEST(one_long_list_is_made_at_a_time),
	    TEST(a_slow_client_gets_all_of_a_long_list),
	    TEST(the_journal_has_each_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
