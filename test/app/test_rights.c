/*
 * Tests of app_begin(): who lost his rights while his request waited, for the
 * hash of a password or for his turn, changes nothing any more.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "access/api_key.h"
#include "access/session.h"

static struct session_pass admin, bob;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "admin", ROLE_ADMIN, NULL);
	bob = harness_login(*state, "bob", ROLE_ADMIN, NULL);
	return 0;
}

/* Begin a change as somebody who was let in before. */
static enum dum_status begin(struct harness *h, const struct caller *caller)
{
	struct request req = {.caller = *caller, .address = "192.0.2.7"};
	struct dum_error err = {0};
	enum dum_status status = app_begin(&h->app, &req, &err);

	/* It is over either way; another one may begin. */
	db_rollback(h->app.db);
	return status;
}

static struct caller bob_now(struct harness *h)
{
	struct caller caller;
	struct dum_error err = {0};

	get(h, &bob, "/health"); /* opens the database */
	assert_ok(session_find(&caller, h->app.db, bob.token, &err), &err);
	return caller;
}

static void a_session_that_lost_something_begins_nothing(void **state)
{
	static const char *const changes[] = {
	    "{\"is_active\":false}", "{\"role\":\"viewer\"}",
	    "{\"password\":\"a quite new one\"}",
	    "{\"role\":\"editor\",\"locations\":[1]}"};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct harness *h;
		struct caller caller;

		setup(state);
		h = *state;
		harness_location(h, "a");
		caller = bob_now(h);
		assert_int_equal(begin(h, &caller), DUM_OK);
		send_json(h, &admin, "PATCH", "/api/users/2", changes[i]);
		assert_int_equal(h->status, 200);
		assert_int_equal(begin(h, &caller), DUM_EAUTH);
		harness_teardown(state);
	}
}

static void an_ended_session_begins_nothing(void **state)
{
	struct harness *h = *state;
	struct caller caller = bob_now(h);

	send_json(h, &bob, "POST", "/api/auth/logout", NULL);
	assert_int_equal(begin(h, &caller), DUM_EAUTH);
}

static void a_revoked_key_begins_nothing(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_WRITE, NULL);
	struct caller caller;
	struct dum_error err = {0};

	get(h, &bob, "/health");
	assert_ok(api_key_find(&caller, h->app.db, key, &err), &err);
	assert_int_equal(begin(h, &caller), DUM_OK);
	send_json(h, &admin, "DELETE", "/api/keys/1", NULL);
	assert_int_equal(h->status, 204);
	assert_int_equal(begin(h, &caller), DUM_EAUTH);
	free(key);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_that_lost_something_begins_nothing),
	    TEST(an_ended_session_begins_nothing),
	    TEST(a_revoked_key_begins_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
