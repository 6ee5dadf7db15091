/* Handler tests of /api/users. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS "/api/users"
#define LOGIN "/api/auth/login"

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "admin", ROLE_ADMIN, NULL);
	harness_location(*state, "a");
	harness_location(*state, "b");
	return 0;
}

/* /api/users/ID */
static const char *uri_of(const struct session_pass *user)
{
	static char uri[64];

	snprintf(uri, sizeof(uri), USERS "/%lld", (long long)user->user_id);
	return uri;
}

static void the_list_is_by_name_and_holds_no_secret(void **state)
{
	static const int64_t limit[] = {2, 1, 0};
	struct harness *h = *state;

	(void)harness_login(h, "zoe", ROLE_EDITOR, NULL);
	(void)harness_login(h, "bob", ROLE_VIEWER, limit);
	get(h, &admin, USERS);
	assert_int_equal(h->status, 200);
	assert_body(h, "[{\"id\":1,\"username\":\"admin\",\"role\":\"admin\","
	               "\"is_active\":true,\"totp\":false,\"locations\":null,"
	               "\"created_at\":\"2026-11-24T14:00:00Z\","
	               "\"last_login_at\":null},"
	               "{\"id\":3,\"username\":\"bob\",\"role\":\"viewer\","
	               "\"is_active\":true,\"totp\":false,\"locations\":[1,2],"
	               "\"created_at\":\"2026-11-24T14:00:00Z\","
	               "\"last_login_at\":null},"
	               "{\"id\":2,\"username\":\"zoe\",\"role\":\"editor\","
	               "\"is_active\":true,\"totp\":false,\"locations\":null,"
	               "\"created_at\":\"2026-11-24T14:00:00Z\","
	               "\"last_login_at\":null}]");
	assert_null(strstr(h->body, "argon2"));
}

static void a_new_user_can_log_in(void **state)
{
	struct harness *h = *state;

	send_json(h, &admin, "POST", USERS,
	          "{\"username\":\"Bob.B\",\"password\":\"" HARNESS_PASSWORD
	          "\",\"role\":\"editor\",\"locations\":[2]}");
	assert_int_equal(h->status, 201);
	assert_string_equal(header(h, "Location"), USERS "/2");
	assert_body(h, "{\"id\":2,\"username\":\"bob.b\",\"role\":\"editor\","
	               "\"is_active\":true,\"totp\":false,\"locations\":[2],"
	               "\"created_at\":\"2026-11-24T14:00:00Z\","
	               "\"last_login_at\":null}");
	harness_wait(h, 60);
	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"bob.b\",\"password\":\"" HARNESS_PASSWORD
	          "\"}");
	assert_int_equal(h->status, 200);
	assert_int_equal(number_at(h, "user/locations/0"), 2);
	get(h, &admin, USERS);
	assert_string_equal(text_at(h, "1/last_login_at"),
	                    "2026-11-24T14:01:00Z");
}

static void a_new_user_that_is_wrong_is_named(void **state)
{
#define PW "\"password\":\"" HARNESS_PASSWORD "\""
	static const struct {
		const char *body, *pointer;
		int status;
	} rows[] = {
	    {"{}", "/username", 400},
	    {"{\"username\":\"bob\"," PW "}", "/role", 400},
	    {"{\"username\":\"bob\",\"role\":\"viewer\"}", "/password", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":\"root\"}", "/role", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":3}", "/role", 400},
	    {"{\"username\":\"b\\u00f6b\"," PW ",\"role\":\"viewer\"}",
	     "/username", 400},
	    {"{\"username\":\"../etc\"," PW ",\"role\":\"viewer\"}",
	     "/username", 400},
	    {"{\"username\":\"bob\",\"password\":\"short\","
	     "\"role\":\"viewer\"}",
	     "/password", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":\"viewer\","
	     "\"locations\":[]}",
	     "/locations", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":\"viewer\","
	     "\"locations\":[1,1]}",
	     "/locations", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":\"viewer\","
	     "\"locations\":[7]}",
	     "/locations", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":\"admin\","
	     "\"locations\":[1]}",
	     "/locations", 400},
	    {"{\"username\":\"bob\"," PW ",\"role\":\"viewer\",\"id\":1}",
	     "/id", 400},
	    {"{\"username\":\"ADMIN\"," PW ",\"role\":\"viewer\"}", "/username",
	     409},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &admin, "POST", USERS, rows[i].body);
		assert_problem(h, rows[i].status, rows[i].pointer);
	}
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM users"), 1);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM location_grants"), 0);
}

static void a_change_ends_the_sessions_of_the_changed(void **state)
{
	static const char *const bodies[] = {
	    "{\"role\":\"editor\"}", "{\"locations\":[1]}",
	    "{\"password\":\"a quite new one\"}", "{\"is_active\":false}"};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct session_pass user;
		char name[32];

		snprintf(name, sizeof(name), "u%zu", i);
		user = harness_login(h, name, ROLE_VIEWER, NULL);
		assert_int_equal(get(h, &user, "/api/auth/session"), 200);
		send_json(h, &admin, "PATCH", uri_of(&user), bodies[i]);
		assert_int_equal(h->status, 200);
		assert_int_equal(get(h, &user, "/api/auth/session"), 401);
	}
	assert_int_equal(get(h, &admin, USERS), 200);
	assert_true(json_is_false(at(h, "4/is_active")));
	assert_string_equal(text_at(h, "1/role"), "editor");
	assert_int_equal(number_at(h, "2/locations/0"), 1);
}

static void a_limit_is_set_and_lifted(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_VIEWER, NULL);

	send_json(h, &admin, "PATCH", uri_of(&bob), "{\"locations\":[2,1]}");
	assert_int_equal(json_array_size(at(h, "locations")), 2);
	send_json(h, &admin, "PATCH", uri_of(&bob), "{\"locations\":[2]}");
	assert_int_equal(json_array_size(at(h, "locations")), 1);
	send_json(h, &admin, "PATCH", uri_of(&bob), "{\"role\":\"editor\"}");
	assert_int_equal(json_array_size(at(h, "locations")), 1);
	/* Nobody who is limited can become one who is not, by the way. */
	send_json(h, &admin, "PATCH", uri_of(&bob), "{\"role\":\"admin\"}");
	assert_problem(h, 400, "/locations");
	send_json(h, &admin, "PATCH", uri_of(&bob),
	          "{\"role\":\"admin\",\"locations\":null}");
	assert_int_equal(h->status, 200);
	assert_true(json_is_null(at(h, "locations")));
}

static void a_change_that_is_wrong_is_named(void **state)
{
	static const struct {
		const char *body, *pointer;
	} rows[] = {
	    {"{}", ""},
	    {"{\"role\":\"root\"}", "/role"},
	    {"{\"role\":null}", "/role"},
	    {"{\"is_active\":0}", "/is_active"},
	    {"{\"locations\":[9]}", "/locations"},
	    {"{\"password\":\"short\"}", "/password"},
	    {"{\"password\":\"bobbobbobbob\"}", "/password"},
	    {"{\"remove_totp\":false}", "/remove_totp"},
	    {"{\"username\":\"eve\"}", "/username"},
	    {"{\"tenant_id\":1}", "/tenant_id"},
	};
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_VIEWER, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &admin, "PATCH", uri_of(&bob), rows[i].body);
		assert_problem(h, 400, rows[i].pointer);
	}
	assert_int_equal(get(h, &bob, "/api/auth/session"), 200);
	send_json(h, &admin, "PATCH", USERS "/99", "{\"role\":\"viewer\"}");
	assert_problem(h, 404, NULL);
	send_json(h, &admin, "PATCH", USERS "/99",
	          "{\"password\":\"a quite new one\"}");
	assert_problem(h, 404, NULL);
}

static void the_last_admin_stays(void **state)
{
	static const char *const bodies[] = {"{\"role\":\"editor\"}",
	                                     "{\"is_active\":false}"};
	struct harness *h = *state;
	struct session_pass other;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		send_json(h, &admin, "PATCH", uri_of(&admin), bodies[i]);
		assert_problem(h, 409, NULL);
	}
	send_json(h, &admin, "DELETE", uri_of(&admin), NULL);
	assert_problem(h, 409, NULL);
	assert_int_equal(get(h, &admin, USERS), 200);
	/* Another one that is disabled is none. */
	other = harness_login(h, "other", ROLE_ADMIN, NULL);
	send_json(h, &admin, "PATCH", uri_of(&other), "{\"is_active\":false}");
	assert_int_equal(h->status, 200);
	send_json(h, &admin, "DELETE", uri_of(&admin), NULL);
	assert_problem(h, 409, NULL);
	send_json(h, &admin, "PATCH", uri_of(&other), "{\"is_active\":true}");
	send_json(h, &admin, "DELETE", uri_of(&admin), NULL);
	assert_int_equal(h->status, 204);
	assert_int_equal(get(h, &admin, USERS), 401);
}

static void ones_own_secrets_are_changed_elsewhere(void **state)
{
	struct harness *h = *state;

	send_json(h, &admin, "PATCH", uri_of(&admin),
	          "{\"password\":\"a quite new one\"}");
	assert_problem(h, 400, "/password");
	send_json(h, &admin, "PATCH", uri_of(&admin), "{\"remove_totp\":true}");
	assert_problem(h, 400, "/remove_totp");
}

static void a_deleted_user_is_gone_with_all_that_was_his(void **state)
{
	static const int64_t limit[] = {1, 0};
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_VIEWER, limit);

	send_json(h, &admin, "DELETE", uri_of(&bob), NULL);
	assert_int_equal(h->status, 204);
	assert_int_equal(get(h, &bob, "/api/auth/session"), 401);
	send_json(h, &admin, "DELETE", uri_of(&bob), NULL);
	assert_problem(h, 404, NULL);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM location_grants"), 0);
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM sessions"),
	                 1);
}

static void a_user_who_falls_loses_the_keys_that_he_made(void **state)
{
	static const char *const bodies[] = {"{\"is_active\":false}",
	                                     "{\"role\":\"viewer\"}"};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct session_pass other;
		char name[32], *key;

		snprintf(name, sizeof(name), "x%zu", i);
		other = harness_login(h, name, ROLE_ADMIN, NULL);
		send_json(h, &other, "POST", "/api/keys",
		          "{\"name\":\"k\",\"scopes\":[\"read\"]}");
		key = strdup(text_at(h, "key"));
		ask(h, &(struct ask){.method = "GET",
		                     .uri = "/api/data/locations",
		                     .key = key});
		assert_int_equal(h->status, 200);
		send_json(h, &admin, "PATCH", uri_of(&other), bodies[i]);
		assert_int_equal(h->status, 200);
		ask(h, &(struct ask){.method = "GET",
		                     .uri = "/api/data/locations",
		                     .key = key});
		assert_problem(h, 401, NULL);
		free(key);
	}
}

static void the_journal_has_no_secrets(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_VIEWER, NULL);

	send_json(h, &admin, "PATCH", uri_of(&bob),
	          "{\"password\":\"a quite new one\",\"role\":\"editor\"}");
	assert_int_equal(h->status, 200);
	assert_int_equal(fixture_number(h->f,
	                                "SELECT count(*) > 0 FROM journal"
	                                " WHERE tbl = 'users' AND op = 'update'"
	                                " AND actor = 'user:admin'"),
	                 1);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal"
	                         " WHERE coalesce(before, '') || "
	                         " coalesce(after, '') LIKE '%argon2%'"
	                         " OR coalesce(after, '') LIKE '%quite%'"),
	    0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_list_is_by_name_and_holds_no_secret),
	    TEST(a_new_user_can_log_in),
	    TEST(a_new_user_that_is_wrong_is_named),
	    TEST(a_change_ends_the_sessions_of_the_changed),
	    TEST(a_limit_is_set_and_lifted),
	    TEST(a_change_that_is_wrong_is_named),
	    TEST(the_last_admin_stays),
	    TEST(ones_own_secrets_are_changed_elsewhere),
	    TEST(a_deleted_user_is_gone_with_all_that_was_his),
	    TEST(a_user_who_falls_loses_the_keys_that_he_made),
	    TEST(the_journal_has_no_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
