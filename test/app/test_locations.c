/* Handler tests of /api/data/locations. */
#include "harness.h"

#include <string.h>

#define LOCATIONS "/api/data/locations"

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "admin", ROLE_ADMIN, NULL);
	return 0;
}

static void a_new_location_gets_a_readable_name(void **state)
{
	struct harness *h = *state;

	send_json(h, &admin, "POST", LOCATIONS,
	          "{\"name\":\"branch_north-2\"}");
	assert_int_equal(h->status, 201);
	assert_body(h,
	            "{\"id\":1,\"name\":\"branch_north-2\","
	            "\"display_name\":\"Branch North 2\",\"is_active\":true}");
	send_json(h, &admin, "POST", LOCATIONS,
	          "{\"name\":\"US\",\"display_name\":\"United States\"}");
	assert_int_equal(h->status, 201);
	assert_string_equal(text_at(h, "display_name"), "United States");
}

static void the_list_has_active_ones_by_display_name(void **state)
{
	struct harness *h = *state;

	get(h, &admin, LOCATIONS);
	assert_int_equal(h->status, 200);
	assert_string_equal(header(h, "Content-Type"), "application/json");
	assert_body(h, "[]");
	harness_location(h, "b");
	harness_location(h, "c");
	harness_location(h, "a");
	send_json(h, &admin, "PATCH", LOCATIONS "/2", "{\"is_active\":false}");
	assert_int_equal(h->status, 200);
	get(h, &admin, LOCATIONS);
	assert_body(h, "[{\"id\":3,\"name\":\"a\",\"display_name\":\"A\","
	               "\"is_active\":true},{\"id\":1,\"name\":\"b\","
	               "\"display_name\":\"B\",\"is_active\":true}]");
	get(h, &admin, LOCATIONS "?include_inactive=false");
	assert_int_equal(json_array_size(h->json), 2);
	get(h, &admin, LOCATIONS "?include_inactive=true");
	assert_int_equal(json_array_size(h->json), 3);
	assert_true(json_is_false(at(h, "2/is_active")));
	get(h, &admin, LOCATIONS "?include_inactive=1");
	assert_problem(h, 400, "include_inactive");
}

static void a_change_leaves_what_it_does_not_name(void **state)
{
	struct harness *h = *state;

	harness_location(h, "a");
	send_json(h, &admin, "PATCH", LOCATIONS "/1", "{\"name\":\"b\"}");
	assert_int_equal(h->status, 200);
	assert_body(h, "{\"id\":1,\"name\":\"b\",\"display_name\":\"A\","
	               "\"is_active\":true}");
	send_json(h, &admin, "PATCH", LOCATIONS "/1",
	          "{\"display_name\":\"B\xc3\xa4\",\"is_active\":false}");
	assert_body(h,
	            "{\"id\":1,\"name\":\"b\",\"display_name\":\"B\xc3\xa4\","
	            "\"is_active\":false}");
}

static void a_name_that_is_taken_is_409(void **state)
{
	struct harness *h = *state;

	harness_location(h, "a");
	harness_location(h, "b");
	send_json(h, &admin, "POST", LOCATIONS, "{\"name\":\"a\"}");
	assert_problem(h, 409, "/name");
	send_json(h, &admin, "PATCH", LOCATIONS "/2", "{\"name\":\"a\"}");
	assert_problem(h, 409, "/name");
	send_json(h, &admin, "PATCH", LOCATIONS "/2", "{\"name\":\"b\"}");
	assert_int_equal(h->status, 200);
}

static const struct {
	const char *body;
	const char *pointer;
} refused[] = {
    {"{}", ""}, /* PATCH: nothing to change; POST: /name */
    {"{\"name\":\"\"}", "/name"},
    {"{\"name\":\" a\"}", "/name"},
    {"{\"name\":\"a \"}", "/name"},
    {"{\"name\":\"a\\tb\"}", "/name"},
    {"{\"name\":\"a\\u0007\"}", "/name"},
    {"{\"name\":\"a\\u0000\"}", ""},
    {"{\"name\":null}", "/name"},
    {"{\"name\":[\"a\"]}", "/name"},
    {"{\"name\":\"a\",\"display_name\":\"\"}", "/display_name"},
    {"{\"name\":\"a\",\"display_name\":7}", "/display_name"},
    {"{\"name\":\"a\",\"id\":7}", "/id"},
    {"{\"name\":\"a\",\"a~/b\":7}", "/a~0~1b"},
    {"{\"name\":\"a\",\"name\":\"b\"}", "/name"},
};

static void what_is_wrong_changes_nothing(void **state)
{
	struct harness *h = *state;
	int64_t entries;

	harness_location(h, "x");
	entries = fixture_number(h->f, "SELECT count(*) FROM journal");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		send_json(h, &admin, "POST", LOCATIONS, refused[i].body);
		assert_problem(h, 400, i == 0 ? "/name" : refused[i].pointer);
		send_json(h, &admin, "PATCH", LOCATIONS "/1", refused[i].body);
		assert_problem(h, 400, refused[i].pointer);
	}
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"),
	                 entries);
}

static void names_end_at_100_and_200_characters(void **state)
{
	struct harness *h = *state;
	char body[1600];
	char name[500] = "", display[900] = "";

	for (int i = 0; i < 100; i++)
		strcat(name, "\xc3\xa4");
	for (int i = 0; i < 200; i++)
		strcat(display, "\xe2\x82\xac");
	snprintf(body, sizeof(body),
	         "{\"name\":\"%s\",\"display_name\":\"%s\"}", name, display);
	send_json(h, &admin, "POST", LOCATIONS, body);
	assert_int_equal(h->status, 201);
	assert_string_equal(text_at(h, "name"), name);
	assert_string_equal(text_at(h, "display_name"), display);
	snprintf(body, sizeof(body), "{\"name\":\"%sx\"}", name);
	send_json(h, &admin, "POST", LOCATIONS, body);
	assert_problem(h, 400, "/name");
	snprintf(body, sizeof(body),
	         "{\"name\":\"y\",\"display_name\":\"%sx\"}", display);
	send_json(h, &admin, "POST", LOCATIONS, body);
	assert_problem(h, 400, "/display_name");
}

static void a_location_that_is_not_there_is_404(void **state)
{
	struct harness *h = *state;

	send_json(h, &admin, "PATCH", LOCATIONS "/7", "{\"name\":\"a\"}");
	assert_problem(h, 404, NULL);
	send_json(h, &admin, "DELETE", LOCATIONS "/7", NULL);
	assert_problem(h, 405, NULL);
	assert_string_equal(header(h, "Allow"), "GET, HEAD, PATCH, OPTIONS");
}

static void the_journal_tells_who_did_it(void **state)
{
	struct harness *h = *state;

	send_json(h, &admin, "POST", LOCATIONS, "{\"name\":\"a\"}");
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal"
	                         " WHERE tbl = 'locations' AND op = 'insert'"
	                         " AND actor = 'user:admin' AND source = 'api'"
	                         " AND address = '192.0.2.7'"
	                         " AND request_id = '0123456789abcdef'"),
	    1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_location_gets_a_readable_name),
	    TEST(the_list_has_active_ones_by_display_name),
	    TEST(a_change_leaves_what_it_does_not_name),
	    TEST(a_name_that_is_taken_is_409),
	    TEST(what_is_wrong_changes_nothing),
	    TEST(names_end_at_100_and_200_characters),
	    TEST(a_location_that_is_not_there_is_404),
	    TEST(the_journal_tells_who_did_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
