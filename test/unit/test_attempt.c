/*
 * Unit tests of access/attempt.h and hash_slot.h: what a failed log-in costs
 * the next one, one after the other and at once.
 */
#include "people.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/attempt.h"
#include "access/hash_slot.h"
#include "hash_count.h"

enum { T0 = 1800000000, DAY = 86400 };

/* How the children of a test fared; shared with them. */
static struct outcome {
	atomic_int blocked, refused, busy, other;
} * shared;

static int setup(void **state)
{
	struct fixture *f;

	hash_count_start();
	if (fixture_setup(state) != 0)
		return -1;
	f = *state;
	fixture_stop_clock(f, T0);
	return 0;
}

static enum dum_status try(struct fixture *f, const char *name,
                           const char *password)
{
	struct login_result result;

	return people_login(&result, f, name, password, NULL);
}

static int64_t wait_of(struct fixture *f, const char *name,
                       const char *password)
{
	struct login_result result;

	assert_int_equal(people_login(&result, f, name, password, NULL),
	                 DUM_EBUSY);
	return result.retry_after_s;
}

static void each_failure_past_the_free_ones_doubles_the_wait(void **state)
{
	static const int64_t waits[] = {2,   4,   8,   16,  32,  64,
	                                128, 256, 512, 900, 900, 900};
	struct fixture *f = *state;

	people_add(f, "alice", ROLE_EDITOR);
	for (int i = 0; i < ATTEMPT_FREE - 1; i++)
		assert_int_equal(try(f, "alice", "wrong"), DUM_EAUTH);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(try(f, "alice", "wrong"), DUM_EAUTH);
		assert_int_equal(wait_of(f, "alice", "wrong"), waits[i]);
		fixture_time += waits[i] - 1;
		assert_int_equal(wait_of(f, "alice", PEOPLE_PASSWORD), 1);
		fixture_time += 1;
	}
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	/* and all is forgotten */
	for (int i = 0; i < ATTEMPT_FREE - 1; i++)
		assert_int_equal(try(f, "alice", "wrong"), DUM_EAUTH);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
}

static void a_blocked_attempt_neither_hashes_nor_counts(void **state)
{
	struct fixture *f = *state;
	int hashes;

	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(try(f, "eve", "wrong"), DUM_EAUTH);
	hashes = hash_count->hashes;
	for (int i = 0; i < 20; i++)
		assert_int_equal(wait_of(f, "eve", "wrong"), 2);
	assert_int_equal(hash_count->hashes, hashes);
	fixture_time += 2;
	assert_int_equal(try(f, "eve", "wrong"), DUM_EAUTH);
}

static void a_day_without_a_failure_forgets(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(try(f, "eve", "wrong"), DUM_EAUTH);
	fixture_time += DAY + 1;
	assert_int_equal(try(f, "bob", "wrong"), DUM_EAUTH);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " login_attempts"),
	                 2); /* bob and the network, once each */
	assert_int_equal(
	    fixture_number(f, "SELECT max(failures) FROM login_attempts"), 1);
}

static void a_clock_that_was_put_back_blocks_no_longer_than_the_most(
    void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(try(f, "eve", "wrong"), DUM_EAUTH);
	fixture_time -= 30 * DAY;
	assert_int_equal(wait_of(f, "eve", "wrong"), ATTEMPT_DELAY_MAX_S);
}

static enum dum_status reserve(struct fixture *f, const char *name,
                               const char *address)
{
	struct dum_error err = {0};
	int64_t wait = 0;

	return attempt_reserve(&wait, f->db, &f->who, name, address, &err);
}

static void a_network_is_counted_whatever_names_it_tries(void **state)
{
	static const struct {
		const char *first, *second;
		bool same;
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.2", "192.0.2.3", false},
	    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::7", true},
	    {"2001:db8:1:3::1", "2001:db8:1:4::1", false},
	    {"::ffff:192.0.2.4", "192.0.2.4", true},
	    {"unix:", "unix:", true},
	};
	struct fixture *f = *state;
	char name[32];
	int n = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int j = 0; j < ATTEMPT_FREE; j++) {
			snprintf(name, sizeof(name), "n%d", n++);
			assert_int_equal(reserve(f, name, cases[i].first),
			                 DUM_OK);
		}
		snprintf(name, sizeof(name), "n%d", n++);
		if ((reserve(f, name, cases[i].second) == DUM_EBUSY) !=
		    cases[i].same)
			fail_msg("%s and %s", cases[i].first, cases[i].second);
	}
}

static void an_attempt_that_was_not_tried_is_taken_back(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};

	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_EBUSY);
	assert_ok(attempt_take_back(f->db, &f->who, "a", "192.0.2.1", &err),
	          &err);
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_ok(
		    attempt_take_back(f->db, &f->who, "a", "192.0.2.1", &err),
		    &err);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " login_attempts"),
	                 0);
}

/* One of many at once, in a process and with a handle of its own. */
static void guess_in_child(struct fixture *f)
{
	struct login_result result;
	struct dum_error err = {0};
	struct fixture own = *f;
	enum dum_status status;

	if (db_open(&own.db, &f->config, &err) != DUM_OK)
		_exit(1);
	db_use_clock(own.db, fixture_clock);
	status = people_login(&result, &own, "alice", "wrong", NULL);
	atomic_fetch_add(status == DUM_EAUTH        ? &shared->refused
	                 : status != DUM_EBUSY      ? &shared->other
	                 : result.retry_after_s > 1 ? &shared->blocked
	                                            : &shared->busy,
	                 1);
	db_free(own.db);
	_exit(0);
}

static void guesses_at_once_never_hash_more_than_the_free_ones(void **state)
{
	enum { CHILDREN = 50 };
	struct fixture *f = *state;

	people_add(f, "alice", ROLE_EDITOR);
	f->config.sqlite_busy_timeout = 60000;
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			guess_in_child(f);
	for (int i = 0; i < CHILDREN; i++) {
		int rc = -1;

		assert_true(wait(&rc) > 0);
		assert_int_equal(rc, 0);
	}
	assert_int_equal(shared->other, 0);
	assert_in_range((uintmax_t)hash_count->hashes, 1, ATTEMPT_FREE);
	assert_int_equal(hash_count->hashes, shared->refused);
	assert_int_equal(shared->blocked + shared->busy + shared->refused,
	                 CHILDREN);
	assert_in_range((uintmax_t)hash_count->most_running, 1, HASH_SLOTS);
}

static void no_more_than_two_hash_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct hash_slot slots[HASH_SLOTS], more = {.fd = -1};
	struct login_result result;
	struct dum_error err = {0};

	people_add(f, "alice", ROLE_EDITOR);
	for (int i = 0; i < HASH_SLOTS; i++)
		assert_ok(hash_slot_take(&slots[i], db_path(f->db), &err),
		          &err);
	assert_status(hash_slot_take(&more, db_path(f->db), &err), DUM_EBUSY,
	              &err);
	assert_int_equal(more.fd, -1);
	/* A log-in that got no slot was not tried, and is not counted. */
	assert_int_equal(
	    people_login(&result, f, "alice", PEOPLE_PASSWORD, NULL),
	    DUM_EBUSY);
	assert_int_equal(result.retry_after_s, 1);
	assert_int_equal(hash_count->hashes, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " login_attempts"),
	                 0);
	hash_slot_release(&slots[0]);
	hash_slot_release(&slots[0]);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	hash_slot_release(&slots[1]);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(each_failure_past_the_free_ones_doubles_the_wait),
	    WITH_DB(a_blocked_attempt_neither_hashes_nor_counts),
	    WITH_DB(a_day_without_a_failure_forgets),
	    WITH_DB(a_clock_that_was_put_back_blocks_no_longer_than_the_most),
	    WITH_DB(a_network_is_counted_whatever_names_it_tries),
	    WITH_DB(an_attempt_that_was_not_tried_is_taken_back),
	    WITH_DB(guesses_at_once_never_hash_more_than_the_free_ones),
	    WITH_DB(no_more_than_two_hash_at_a_time),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
