/*
 * Handler tests of /api/settings/billing-cycle. Today is 2026-11-24, in the
 * cycle from 13 November to 12 December; the cycles wanted are by hand.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define SETTING "/api/settings/billing-cycle"

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "ada", ROLE_ADMIN, NULL);
	harness_location(*state, "branch_a");
	harness_location(*state, "branch_b");
	return 0;
}

static int put(struct harness *h, int day, const char *from, int64_t location)
{
	char body[200], id[32] = "null";

	if (location != 0)
		snprintf(id, sizeof(id), "%lld", (long long)location);
	snprintf(body, sizeof(body),
	         "{\"cycle_day\":%d,\"valid_from\":\"%s\","
	         "\"location_id\":%s}",
	         day, from, id);
	return send_json(h, &admin, "PUT", SETTING, body);
}

static void without_a_setting_the_configuration_holds(void **state)
{
	struct harness *h = *state;

	assert_int_equal(get(h, &admin, SETTING), 200);
	assert_body(h, "{\"cycle_day\":13,\"valid_from\":null,"
	               "\"location_id\":null,\"settings\":[]}");
	assert_non_null(header(h, "ETag"));
	assert_int_equal(get(h, &admin, SETTING "?location_id=2"), 200);
	assert_body(h, "{\"cycle_day\":13,\"valid_from\":null,"
	               "\"location_id\":2,\"settings\":[]}");
}

static void a_preview_tells_the_cycles_and_changes_nothing(void **state)
{
	struct harness *h = *state;

	get(h, &admin, SETTING "?preview_day=1&valid_from=2026-11-25");
	assert_body(h, "{\"cycle_day\":13,\"valid_from\":null,"
	               "\"location_id\":null,\"settings\":[],"
	               "\"takes_over\":\"2026-12-01\",\"preview\":["
	               "{\"start\":\"2026-10-13\",\"end\":\"2026-11-12\","
	               "\"days_in_cycle\":31,\"is_stub\":false},"
	               "{\"start\":\"2026-11-13\",\"end\":\"2026-11-30\","
	               "\"days_in_cycle\":18,\"is_stub\":true},"
	               "{\"start\":\"2026-12-01\",\"end\":\"2026-12-31\","
	               "\"days_in_cycle\":31,\"is_stub\":false}]}");
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM cycle_settings"), 0);
	/* The present day again cuts nothing. */
	get(h, &admin, SETTING "?preview_day=13&valid_from=2026-11-25");
	assert_int_equal(json_array_size(at(h, "preview")), 3);
	for (int i = 0; i < 3; i++)
		assert_true(json_is_false(json_object_get(
		    json_array_get(at(h, "preview"), (size_t)i), "is_stub")));
}

static void a_change_does_what_its_preview_told(void **state)
{
	struct harness *h = *state;
	json_t *told;

	get(h, &admin, SETTING "?preview_day=20&valid_from=2026-11-25");
	told = json_incref(json_object_get(h->json, "preview"));
	assert_int_equal(put(h, 20, "2026-11-25", 0), 200);
	assert_true(json_equal(told, at(h, "preview")));
	json_decref(told);
	/* From tomorrow on. */
	assert_int_equal(number_at(h, "cycle_day"), 13);
	assert_string_equal(text_at(h, "settings/0/valid_from"), "2026-11-25");
	assert_int_equal(number_at(h, "settings/0/cycle_day"), 20);
	assert_true(json_is_null(at(h, "settings/0/location_id")));
	/* 13 Dec to 19 Dec is the stub; what is over stays as it was. */
	harness_day(h, "2026-09-01", 1, 1);
	get(h, &admin, "/api/data/cycles");
	assert_string_equal(text_at(h, "0/end"), "2026-12-12");
	assert_string_equal(text_at(h, "1/start"), "2026-10-13");
	assert_int_equal(json_array_size(h->json), 4);
	harness_wait(h, 30 * 86400); /* 24 December */
	admin = harness_login(h, "ann", ROLE_ADMIN, NULL);
	get(h, &admin, "/api/data/cycles?limit=3");
	assert_string_equal(text_at(h, "0/start"), "2026-12-20");
	assert_string_equal(text_at(h, "1/start"), "2026-12-13");
	assert_int_equal(number_at(h, "1/days_in_cycle"), 7);
	assert_string_equal(text_at(h, "2/start"), "2026-11-13");
	get(h, &admin, SETTING);
	assert_int_equal(number_at(h, "cycle_day"), 20);
	assert_string_equal(text_at(h, "valid_from"), "2026-11-25");
}

static void a_location_may_have_its_own(void **state)
{
	struct harness *h = *state;

	assert_int_equal(put(h, 1, "2026-11-20", 2), 200);
	assert_int_equal(number_at(h, "location_id"), 2);
	assert_int_equal(number_at(h, "cycle_day"), 1);
	assert_int_equal(put(h, 5, "2026-11-14", 0), 200);
	/* All there are, and those that hold for one. */
	assert_int_equal(json_array_size(at(h, "settings")), 2);
	assert_int_equal(number_at(h, "cycle_day"), 5);
	get(h, &admin, SETTING "?location_id=1");
	assert_int_equal(json_array_size(at(h, "settings")), 1);
	assert_int_equal(number_at(h, "cycle_day"), 5);
	get(h, &admin, SETTING "?location_id=2");
	assert_int_equal(json_array_size(at(h, "settings")), 2);
	assert_int_equal(number_at(h, "cycle_day"), 1);
	/* The preview is of the location's own cycles. */
	get(h, &admin,
	    SETTING "?location_id=2&preview_day=10&valid_from=2026-12-02");
	assert_string_equal(text_at(h, "preview/1/start"), "2026-12-01");
	assert_string_equal(text_at(h, "preview/1/end"), "2026-12-09");
	assert_true(json_is_true(at(h, "preview/1/is_stub")));
}

static void who_does_not_see_a_location_does_not_see_its_day(void **state)
{
	struct harness *h = *state;
	struct session_pass limited = harness_login(h, "lim", ROLE_VIEWER,
	                                            (int64_t[]){1, 0});

	put(h, 1, "2026-11-20", 2);
	get(h, &limited, SETTING);
	assert_int_equal(json_array_size(at(h, "settings")), 0);
	get(h, &limited, SETTING "?location_id=2");
	assert_problem(h, 400, "location_id");
	get(h, &admin, SETTING);
	assert_int_equal(json_array_size(at(h, "settings")), 1);
}

static void what_can_not_be_is_named(void **state)
{
	static const struct {
		const char *query, *field;
	} reads[] = {
	    {"?location_id=3", "location_id"},
	    {"?preview_day=5", "valid_from"},
	    {"?valid_from=2026-12-01", "preview_day"},
	    {"?preview_day=0&valid_from=2026-12-01", "preview_day"},
	    {"?preview_day=32&valid_from=2026-12-01", "preview_day"},
	    {"?preview_day=5&valid_from=2026-11-12", "valid_from"},
	    {"?preview_day=5&valid_from=2037-01-01", "valid_from"},
	};
	static const struct {
		int day;
		const char *from;
		int64_t location;
		const char *field;
	} changes[] = {
	    {0, "2026-12-01", 0, "/cycle_day"},
	    {32, "2026-12-01", 0, "/cycle_day"},
	    {5, "2026-11-12", 0, "/valid_from"},
	    {5, "2037-01-01", 0, "/valid_from"},
	    {5, "2026-12-01", 3, "/location_id"},
	};
	struct harness *h = *state;
	char uri[128];

	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		snprintf(uri, sizeof(uri), SETTING "%s", reads[i].query);
		get(h, &admin, uri);
		assert_problem(h, 400, reads[i].field);
	}
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		put(h, changes[i].day, changes[i].from, changes[i].location);
		assert_problem(h, 400, changes[i].field);
	}
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM cycle_settings"), 0);
}

static void a_change_is_in_the_journal_and_gives_other_tags(void **state)
{
	struct harness *h = *state;
	char before[64];

	get(h, &admin, "/api/dashboard/overview");
	snprintf(before, sizeof(before), "%s", header(h, "ETag"));
	/* Twice is once, though the cycle that runs began on the 20th now. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(put(h, 20, "2026-11-13", 0), 200);
		assert_string_equal(text_at(h, "preview/1/end"), "2026-11-19");
	}
	put(h, 21, "2026-11-13", 0);
	assert_problem(h, 400, "/valid_from");
	get(h, &admin, "/api/dashboard/overview");
	assert_string_not_equal(header(h, "ETag"), before);
	assert_string_equal(text_at(h, "cycle/start"), "2026-11-20");
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal WHERE tbl = "
	                         "'cycle_settings' AND actor = 'user:ada'"),
	    1);
}

/* Before it could, a setting of a later date does. */
static void a_setting_that_never_takes_over_says_so(void **state)
{
	struct harness *h = *state;

	fixture_exec(h->f, "INSERT INTO cycle_settings (cycle_day, valid_from) "
	                   "VALUES (31, '2026-12-01'), (13, '2027-01-10')");
	get(h, &admin, SETTING "?preview_day=1&valid_from=2027-01-05");
	assert_true(json_is_null(at(h, "takes_over")));
	get(h, &admin, SETTING "?preview_day=12&valid_from=2027-01-05");
	assert_string_equal(text_at(h, "takes_over"), "2027-01-12");
}

/* As the page says that it is done. */
static void a_change_to_come_is_taken_back_by_the_day_before_it(void **state)
{
	struct harness *h = *state;
	char before[2000];

	get(h, &admin, "/api/data/cycles?limit=3");
	snprintf(before, sizeof(before), "%s", h->body);
	assert_int_equal(put(h, 1, "2026-11-25", 0), 200);
	get(h, &admin, "/api/data/cycles?limit=3");
	assert_string_not_equal(h->body, before);
	assert_int_equal(put(h, 13, "2026-11-25", 0), 200);
	get(h, &admin, "/api/data/cycles?limit=3");
	assert_body(h, before);
}

static void send_delete(struct harness *h, int id)
{
	char uri[64];

	snprintf(uri, sizeof(uri), SETTING "/%d", id);
	send_json(h, &admin, "DELETE", uri, NULL);
}

static void a_location_goes_by_the_general_day_again(void **state)
{
	struct harness *h = *state;

	put(h, 5, "2026-11-14", 0);
	put(h, 1, "2026-11-25", 2);
	get(h, &admin, SETTING "?location_id=2");
	assert_int_equal(json_array_size(at(h, "settings")), 2);
	send_delete(h, 2);
	assert_int_equal(h->status, 204);
	/* Also where that changes later on. */
	put(h, 8, "2026-12-10", 0);
	get(h, &admin, SETTING "?location_id=2");
	assert_int_equal(json_array_size(at(h, "settings")), 2);
	assert_int_equal(number_at(h, "settings/1/cycle_day"), 8);
	send_delete(h, 2);
	assert_problem(h, 404, NULL);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal WHERE tbl = "
	                         "'cycle_settings' AND op = 'delete' AND "
	                         "after IS NULL AND pk = '2'"),
	    1);
}

static void a_setting_by_which_a_cycle_has_started_stays(void **state)
{
	struct harness *h = *state;
	char cycles[2000];

	/* It cut a cycle short on the 19th. */
	put(h, 20, "2026-11-13", 0);
	harness_day(h, "2026-09-01", 1, 1);
	get(h, &admin, "/api/data/cycles?limit=4");
	snprintf(cycles, sizeof(cycles), "%s", h->body);
	send_delete(h, 1);
	assert_problem(h, 409, NULL);
	/* This one will cut it on the 30th; till then it has done nothing. */
	put(h, 1, "2026-11-20", 0);
	send_delete(h, 2);
	assert_int_equal(h->status, 204);
	get(h, &admin, "/api/data/cycles?limit=4");
	assert_body(h, cycles);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM cycle_settings"), 1);
}

static void who_saw_a_preview_may_change_what_he_saw(void **state)
{
	struct harness *h = *state;
	char tag[64];

	get(h, &admin, SETTING "?preview_day=1&valid_from=2026-11-25");
	snprintf(tag, sizeof(tag), "%s", header(h, "ETag"));
	get(h, &admin, SETTING);
	assert_string_equal(header(h, "ETag"), tag);
	for (int i = 0; i < 2; i++) {
		ask(h, &(struct ask){.method = "PUT",
		                     .uri = SETTING,
		                     .body = "{\"cycle_day\":1,\"valid_from\":"
		                             "\"2026-11-25\"}",
		                     .as = &admin,
		                     .if_match = tag});
		assert_int_equal(h->status, i == 0 ? 200 : 412);
	}
	/* Taken back by whoever knows of it alone. */
	for (int i = 0; i < 2; i++) {
		ask(h, &(struct ask){.method = "DELETE",
		                     .uri = SETTING "/1",
		                     .as = &admin,
		                     .if_match = tag});
		assert_int_equal(h->status, i == 0 ? 412 : 204);
		get(h, &admin, SETTING);
		snprintf(tag, sizeof(tag), "%s", header(h, "ETag"));
	}
}

#define WITH_ADMIN(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_ADMIN(without_a_setting_the_configuration_holds),
	    WITH_ADMIN(a_preview_tells_the_cycles_and_changes_nothing),
	    WITH_ADMIN(a_change_does_what_its_preview_told),
	    WITH_ADMIN(a_setting_that_never_takes_over_says_so),
	    WITH_ADMIN(a_change_to_come_is_taken_back_by_the_day_before_it),
	    WITH_ADMIN(a_location_may_have_its_own),
	    WITH_ADMIN(a_location_goes_by_the_general_day_again),
	    WITH_ADMIN(a_setting_by_which_a_cycle_has_started_stays),
	    WITH_ADMIN(who_saw_a_preview_may_change_what_he_saw),
	    WITH_ADMIN(who_does_not_see_a_location_does_not_see_its_day),
	    WITH_ADMIN(what_can_not_be_is_named),
	    WITH_ADMIN(a_change_is_in_the_journal_and_gives_other_tags),
	};

	return cmocka_run_group_tests_name("cycle_day", tests, NULL, NULL);
}
