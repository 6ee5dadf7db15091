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

static void a_clock_that_was_put_back_blocks_nobody(void **state)
{
	struct fixture *f = *state;

	people_add(f, "alice", ROLE_EDITOR);
	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(try(f, "alice", "wrong"), DUM_EAUTH);
	fixture_time -= 30 * DAY;
	/* It is counted on, by the clock of now. */
	assert_int_equal(try(f, "alice", "wrong"), DUM_EAUTH);
	assert_int_equal(wait_of(f, "alice", PEOPLE_PASSWORD), 4);
	fixture_time += 4;
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
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

	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_EBUSY);
	attempt_not_tried(f->db, &f->who, "a", "192.0.2.1");
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	for (int i = 0; i < ATTEMPT_FREE; i++)
		attempt_not_tried(f->db, &f->who, "a", "192.0.2.1");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " login_attempts"),
	                 0);
}

static void what_was_no_failure_starts_no_block(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < ATTEMPT_FREE + 2; i++) {
		assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
		fixture_time += 8; /* the block of the last one */
	}
	/* Far past the free ones, but let try again: and that was right. */
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	attempt_not_tried(f->db, &f->who, "a", "192.0.2.1");
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_EBUSY);
}

/* Behind a network there are others; it is held up, but not for long. */
static void a_network_waits_a_minute_at_most(void **state)
{
	struct fixture *f = *state;
	int64_t wait = 0;
	char name[32];

	for (int i = 0; i < 50; i++) {
		struct dum_error err = {0};

		snprintf(name, sizeof(name), "n%d", i);
		fixture_time += wait;
		assert_int_equal(reserve(f, name, "192.0.2.1"), DUM_OK);
		if (attempt_reserve(&wait, f->db, &f->who, "x", "192.0.2.1",
		                    &err) != DUM_EBUSY)
			attempt_not_tried(f->db, &f->who, "x", "192.0.2.1");
	}
	assert_int_equal(wait, ATTEMPT_NET_DELAY_MAX_S);
}

/* Somebody mistypes a name now and then; that must not add up for ever. */
static void one_failure_is_forgotten_every_ten_minutes(void **state)
{
	struct fixture *f = *state;
	char name[32];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(reserve(f, name, "192.0.2.1"), DUM_OK);
		fixture_time += ATTEMPT_FORGET_S;
	}
	for (int i = 0; i < ATTEMPT_FREE - 1; i++)
		assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	fixture_time += ATTEMPT_FORGET_S - 1;
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_OK);
	assert_int_equal(reserve(f, "a", "192.0.2.1"), DUM_EBUSY);
}

static void clear(struct fixture *f, const char *name, const char *address)
{
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(attempt_clear(f->db, name, address, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

/* Or an account of one's own would give any number of guesses at others. */
static void ones_own_login_forgives_no_guesses_at_others(void **state)
{
	struct fixture *f = *state;
	char name[32];

	for (int i = 0; i < ATTEMPT_FREE - 1; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(reserve(f, name, "192.0.2.1"), DUM_OK);
	}
	assert_int_equal(reserve(f, "mallory", "192.0.2.1"), DUM_OK);
	clear(f, "mallory", "192.0.2.1");
	assert_int_equal(reserve(f, "mallory", "192.0.2.1"), DUM_OK);
	assert_int_equal(reserve(f, "n9", "192.0.2.1"), DUM_EBUSY);
}

/* Many people behind one address mistype theirs now and then. */
static void a_login_forgives_the_network_what_the_account_failed(void **state)
{
	struct fixture *f = *state;
	char name[32];

	for (int i = 0; i < 10 * ATTEMPT_FREE; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(reserve(f, name, "192.0.2.1"), DUM_OK);
		assert_int_equal(reserve(f, name, "192.0.2.1"), DUM_OK);
		clear(f, name, "192.0.2.1");
	}
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
	                 : result.retry_after_s > 0 ? &shared->blocked
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
	struct slot slots[HASH_SLOTS], more = {.fd = -1};
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
	assert_int_equal(result.retry_after_s, 0);
	assert_int_equal(hash_count->hashes, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " login_attempts"),
	                 0);
	slot_release(&slots[0]);
	slot_release(&slots[0]);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	slot_release(&slots[1]);
}

/* Takes its time: it ends when the parent lets the pipe go. */
static void wait_in_child(struct fixture *f, int go)
{
	struct slot slot = {.fd = -1};
	struct dum_error err = {0};
	char byte;

	atomic_fetch_add(&shared->other, 1);
	if (hash_slot_take(&slot, db_path(f->db), &err) == DUM_OK)
		atomic_fetch_add(&shared->refused, 1);
	(void)!read(go, &byte, 1);
	_exit(0);
}

static void one_waits_for_a_slot_and_the_next_is_sent_away(void **state)
{
	struct fixture *f = *state;
	struct slot slots[HASH_SLOTS], more = {.fd = -1};
	struct dum_error err = {0};
	int go[2], tries = 0;

	shared->other = shared->refused = 0;
	for (int i = 0; i < HASH_SLOTS; i++)
		assert_ok(hash_slot_take(&slots[i], db_path(f->db), &err),
		          &err);
	assert_int_equal(pipe(go), 0);
	if (fork() == 0) {
		/* The locks go with the last copy of their descriptors. */
		for (int i = 0; i < HASH_SLOTS; i++)
			close(slots[i].fd);
		close(go[1]);
		wait_in_child(f, go[0]);
	}
	close(go[0]);
	while (shared->other == 0 && tries++ < 5000)
		usleep(1000);
	usleep(100000); /* in hash_slot_take() by now, for most of a second */
	assert_status(hash_slot_take(&more, db_path(f->db), &err), DUM_EBUSY,
	              &err);
	/* While the first still waits, so not after the wait. */
	slot_release(&slots[0]);
	for (tries = 0; shared->refused == 0 && tries < 5000; tries++)
		usleep(1000);
	assert_int_equal(shared->refused, 1);
	close(go[1]);
	assert_true(wait(NULL) > 0);
	slot_release(&slots[1]);
	shared->other = shared->refused = 0;
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(each_failure_past_the_free_ones_doubles_the_wait),
	    WITH_DB(a_blocked_attempt_neither_hashes_nor_counts),
	    WITH_DB(a_day_without_a_failure_forgets),
	    WITH_DB(a_clock_that_was_put_back_blocks_nobody),
	    WITH_DB(a_network_is_counted_whatever_names_it_tries),
	    WITH_DB(an_attempt_that_was_not_tried_is_taken_back),
	    WITH_DB(what_was_no_failure_starts_no_block),
	    WITH_DB(a_network_waits_a_minute_at_most),
	    WITH_DB(one_failure_is_forgotten_every_ten_minutes),
	    WITH_DB(ones_own_login_forgives_no_guesses_at_others),
	    WITH_DB(a_login_forgives_the_network_what_the_account_failed),
	    WITH_DB(guesses_at_once_never_hash_more_than_the_free_ones),
	    WITH_DB(no_more_than_two_hash_at_a_time),
	    WITH_DB(one_waits_for_a_slot_and_the_next_is_sent_away),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
