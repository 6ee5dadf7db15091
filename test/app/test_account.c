/* Handler tests of one's own account: sessions and password. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS "/api/auth/sessions"
#define PASSWORD "/api/auth/password"
#define LOGIN    "/api/auth/login"

static struct session_pass alice;

static int setup(void **state)
{
	harness_setup(state);
	alice = harness_login(*state, "alice", ROLE_VIEWER, NULL);
	return 0;
}

/* Another session of hers. */
static struct session_pass log_in_again(struct harness *h, const char *agent,
                                        const char *address)
{
	struct session_pass pass = alice;

	ask(h,
	    &(struct ask){.method = "POST",
	                  .uri = LOGIN,
	                  .body = "{\"username\":\"alice\",\"password\":\"" //
	                  HARNESS_PASSWORD "\"}",
	                  .agent = agent,
	                  .address = address});
	assert_int_equal(h->status, 200);
	assert_int_equal(
	    sscanf(header(h, "Set-Cookie"), "__Host-dum=%63[^;]", pass.token),
	    1);
	snprintf(pass.csrf, sizeof(pass.csrf), "%s", text_at(h, "csrf_token"));
	pass.session_id = fixture_number(h->f, "SELECT max(id) FROM sessions");
	return pass;
}

static void the_list_has_ones_own_newest_first(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_ADMIN, NULL);

	harness_wait(h, 60);
	(void)log_in_again(h, "Firefox\x1b[1m <b>", "2001:db8::7");
	get(h, &alice, SESSIONS);
	assert_int_equal(h->status, 200);
	assert_int_equal(json_array_size(h->json), 2);
	assert_int_equal(json_object_size(at(h, "0")), 7);
	assert_string_equal(text_at(h, "0/address"), "2001:db8::7");
	assert_string_equal(text_at(h, "0/agent"), "Firefox?[1m <b>");
	assert_string_equal(text_at(h, "0/created_at"), "2026-11-24T14:01:00Z");
	assert_string_equal(text_at(h, "0/seen_at"), "2026-11-24T14:01:00Z");
	assert_string_equal(text_at(h, "0/expires_at"), "2026-11-25T02:01:00Z");
	assert_true(json_is_false(at(h, "0/current")));
	assert_int_equal(number_at(h, "1/id"), alice.session_id);
	assert_true(json_is_true(at(h, "1/current")));
	get(h, &bob, SESSIONS);
	assert_int_equal(json_array_size(h->json), 1);
	assert_int_equal(number_at(h, "0/id"), bob.session_id);
}

static void ones_own_session_can_be_ended_and_no_other(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_ADMIN, NULL);
	struct session_pass phone = log_in_again(h, "phone", NULL);
	char uri[64];

	snprintf(uri, sizeof(uri), SESSIONS "/%lld", (long long)bob.session_id);
	send_json(h, &alice, "DELETE", uri, NULL);
	assert_problem(h, 404, NULL);
	assert_int_equal(get(h, &bob, SESSIONS), 200);
	snprintf(uri, sizeof(uri), SESSIONS "/%lld",
	         (long long)phone.session_id);
	send_json(h, &alice, "DELETE", uri, NULL);
	assert_int_equal(h->status, 204);
	assert_int_equal(get(h, &phone, SESSIONS), 401);
	assert_int_equal(get(h, &alice, SESSIONS), 200);
	send_json(h, &alice, "DELETE", uri, NULL);
	assert_problem(h, 404, NULL);
}

static void all_others_can_be_ended_at_once(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_ADMIN, NULL);
	struct session_pass phone = log_in_again(h, "phone", NULL);
	struct session_pass desk = log_in_again(h, "desk", NULL);

	send_json(h, &phone, "DELETE", SESSIONS, NULL);
	assert_int_equal(h->status, 204);
	assert_int_equal(get(h, &phone, SESSIONS), 200);
	assert_int_equal(json_array_size(h->json), 1);
	assert_int_equal(get(h, &alice, SESSIONS), 401);
	assert_int_equal(get(h, &desk, SESSIONS), 401);
	assert_int_equal(get(h, &bob, SESSIONS), 200);
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"
	                                      " WHERE op = 'session_end'"
	                                      " AND actor = 'user:alice'"),
	                 1);
}

#define CHANGE(now, then) \
	"{\"current_password\":\"" now "\",\"new_password\":\"" then "\"}"

static void a_new_password_ends_all_other_sessions(void **state)
{
	struct harness *h = *state;
	struct session_pass phone = log_in_again(h, "phone", NULL);

	send_json(h, &alice, "POST", PASSWORD,
	          CHANGE(HARNESS_PASSWORD, "a quite new one"));
	assert_int_equal(h->status, 204);
	assert_string_equal(h->body, "");
	assert_int_equal(get(h, &alice, SESSIONS), 200);
	assert_int_equal(get(h, &phone, SESSIONS), 401);
	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"alice\",\"password\":\"" HARNESS_PASSWORD
	          "\"}");
	assert_problem(h, 401, NULL);
	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"alice\",\"password\":\"a quite new one\"}");
	assert_int_equal(h->status, 200);
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"
	                                      " WHERE op = 'password_changed'"
	                                      " AND actor = 'user:alice'"),
	                 1);
}

static void the_present_password_is_asked_for(void **state)
{
	struct harness *h = *state;

	send_json(h, &alice, "POST", PASSWORD,
	          CHANGE("not that one", "a quite new one"));
	/* Not 401: the session is as good as it was. */
	assert_problem(h, 403, "/current_password");
	assert_int_equal(get(h, &alice, SESSIONS), 200);
	for (int i = 0; i < 4; i++)
		send_json(h, &alice, "POST", PASSWORD,
		          CHANGE("not that one", "a quite new one"));
	send_json(h, &alice, "POST", PASSWORD,
	          CHANGE(HARNESS_PASSWORD, "a quite new one"));
	assert_problem(h, 429, NULL);
	assert_in_range(atoi(header(h, "Retry-After")), 1, 900);
	harness_wait(h, atoi(header(h, "Retry-After")));
	send_json(h, &alice, "POST", PASSWORD,
	          CHANGE(HARNESS_PASSWORD, "a quite new one"));
	assert_int_equal(h->status, 204);
}

static void a_password_that_is_no_good_is_refused(void **state)
{
	static const char *const bodies[] = {
	    CHANGE(HARNESS_PASSWORD, "short"),
	    CHANGE(HARNESS_PASSWORD, "elevenchars"),
	    CHANGE(HARNESS_PASSWORD, "password123456"),
	    CHANGE(HARNESS_PASSWORD, "alicealicealice"),
	    "{\"current_password\":\"" HARNESS_PASSWORD "\"}",
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		send_json(h, &alice, "POST", PASSWORD, bodies[i]);
		assert_problem(h, 400, "/new_password");
		assert_null(strstr(h->body, "password123456"));
	}
	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"alice\",\"password\":\"" HARNESS_PASSWORD
	          "\"}");
	assert_int_equal(h->status, 200);
}

static void a_password_may_have_any_characters(void **state)
{
	struct harness *h = *state;

	send_json(h, &alice, "POST", PASSWORD,
	          CHANGE(HARNESS_PASSWORD,
	                 "\\t\\n\\\"\\\\ \xf0\x9f\x98\x80 "
	                 "\xc3\xa4\xc3\xb6\xc3\xbc \\u0001x"));
	assert_int_equal(h->status, 204);
	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"alice\",\"password\":\"\\t\\n\\\"\\\\ "
	          "\xf0\x9f\x98\x80 \xc3\xa4\xc3\xb6\xc3\xbc \\u0001x\"}");
	assert_int_equal(h->status, 200);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_list_has_ones_own_newest_first),
	    TEST(ones_own_session_can_be_ended_and_no_other),
	    TEST(all_others_can_be_ended_at_once),
	    TEST(a_new_password_ends_all_other_sessions),
	    TEST(the_present_password_is_asked_for),
	    TEST(a_password_that_is_no_good_is_refused),
	    TEST(a_password_may_have_any_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
