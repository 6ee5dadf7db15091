/* Handler tests of how long a session lasts. */
#include "harness.h"

#define SESSION "/api/auth/session"

static struct session_pass alice;

static int setup(void **state)
{
	harness_setup(state);
	alice = harness_login(*state, "alice", ROLE_EDITOR, NULL);
	return 0;
}

static void a_session_ends_when_nobody_uses_it(void **state)
{
	struct harness *h = *state;

	harness_wait(h, 30 * 60 - 1);
	assert_int_equal(get(h, &alice, SESSION), 200);
	harness_wait(h, 30 * 60 - 1);
	assert_int_equal(get(h, &alice, SESSION), 200);
	harness_wait(h, 30 * 60);
	assert_int_equal(get(h, &alice, SESSION), 401);
}

static void a_session_ends_in_12_hours_in_any_case(void **state)
{
	struct harness *h = *state;

	for (int minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
		harness_wait(h, 20 * 60);
		assert_int_equal(get(h, &alice, SESSION), 200);
	}
	harness_wait(h, 20 * 60);
	assert_int_equal(get(h, &alice, SESSION), 401);
}

static void a_session_outlives_the_worker(void **state)
{
	struct harness *h = *state;

	app_release(&h->app);
	app_init(&h->app, &h->f->config, "dum.conf");
	/* By the real clock until the handle is open. */
	fixture_exec(h->f, "UPDATE sessions SET seen_at = unixepoch(),"
	                   " expires_at = unixepoch() + 100");
	assert_int_equal(get(h, &alice, SESSION), 200);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_session_ends_when_nobody_uses_it),
	    TEST(a_session_ends_in_12_hours_in_any_case),
	    TEST(a_session_outlives_the_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
