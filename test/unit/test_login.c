/*
 * Unit tests of access/login.h, attempt.h and hash_slot.h: who gets in, what a
 * failure costs, and that neither the work done nor the changes made tell
 * whether there is such a user.
 */
#include "people.h"

#include <dlfcn.h>
#include <gcrypt.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/attempt.h"
#include "access/hash_slot.h"
#include "access/second_factor.h"
#include "access/session.h"
#include "store/handle.h"
#include "store/journal.h"

enum { T0 = 1800000000, MINUTE = 60, DAY = 86400 };

/* Shared with the children of a test. */
static struct shared {
	atomic_int hashes;
	atomic_int running, most_running;
	atomic_int blocked, refused, let_in, busy, other;
} * shared;

/* Stands before libgcrypt's, and counts. */
gcry_error_t gcry_kdf_compute(gcry_kdf_hd_t handle,
                              const gcry_kdf_thread_ops_t *ops)
{
	gcry_error_t (*real)(gcry_kdf_hd_t, const gcry_kdf_thread_ops_t *);
	gcry_error_t rc;
	int running, most;

	*(void **)&real = dlsym(RTLD_NEXT, "gcry_kdf_compute");
	atomic_fetch_add(&shared->hashes, 1);
	running = atomic_fetch_add(&shared->running, 1) + 1;
	most = atomic_load(&shared->most_running);
	while (running > most && !atomic_compare_exchange_weak(
	                             &shared->most_running, &most, running))
		continue;
	rc = real(handle, ops);
	atomic_fetch_sub(&shared->running, 1);
	return rc;
}

static int setup(void **state)
{
	struct fixture *f;

	*shared = (struct shared){0};
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

static void the_right_password_gives_a_session(void **state)
{
	struct fixture *f = *state;
	struct login_result result;
	struct dum_error err = {0};
	struct caller caller;
	int64_t id = people_add(f, "alice", ROLE_EDITOR);

	assert_int_equal(
	    people_login(&result, f, "Alice", PEOPLE_PASSWORD, NULL), DUM_OK);
	assert_int_equal(result.account.id, id);
	assert_string_equal(result.account.username, "alice");
	assert_string_equal(result.account.last_login_at,
	                    "2027-01-15T08:00:00Z");
	assert_ok(session_find(&caller, f->db, result.session.token, &err),
	          &err);
	assert_int_equal(caller.id, id);
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM journal"
	                      " WHERE tbl = 'event' AND op = 'login'"
	                      " AND actor = 'user:alice' AND pk = 'alice'"
	                      " AND address = '192.0.2.7'"),
	    1);
}

static void a_hash_of_old_parameters_is_made_anew_once(void **state)
{
	struct fixture *f = *state;

	people_add(f, "alice", ROLE_EDITOR);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	assert_int_equal(shared->hashes, 2);
	assert_int_equal(fixture_number(f, "SELECT password_hash LIKE"
	                                   " '$argon2id$v=19$m=19456,t=2,p=1$%'"
	                                   " FROM users"),
	                 1);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	assert_int_equal(shared->hashes, 3);
}

/* What a failed log-in did: hashes, rows changed, entries, and its answer. */
struct cost {
	int hashes;
	int changes;
	int64_t entries;
	char text[320];
};

static struct cost cost_of(struct fixture *f, const char *name,
                           const char *password)
{
	struct origin nobody = {.actor = "nobody", .source = "test"};
	struct login form = {.username = name, .password = password};
	struct login_result result;
	struct dum_error err = {0};
	struct cost cost = {
	    .hashes = shared->hashes,
	    .changes = sqlite3_total_changes(f->db->sqlite),
	    .entries = fixture_number(f, "SELECT count(*) FROM journal")};

	assert_status(login(&result, f->db, &form, &nobody, &err), DUM_EAUTH,
	              &err);
	assert_false(result.code_needed);
	cost.hashes = shared->hashes - cost.hashes;
	cost.changes = sqlite3_total_changes(f->db->sqlite) - cost.changes;
	cost.entries = fixture_number(f, "SELECT count(*) FROM journal") -
	               cost.entries;
	snprintf(cost.text, sizeof(cost.text), "%s", err.text);
	return cost;
}

static void whether_there_is_such_a_user_does_not_show(void **state)
{
	static const struct {
		const char *name, *password;
	} cases[] = {
	    {"alice", "wrong"},
	    {"nobody-has-it", "wrong"},
	    {"out", "wrong"},
	    {"out", PEOPLE_PASSWORD},
	    {"no name at all", "x"},
	    {"alice", ""},
	    {"eve", ""},
	};
	struct fixture *f = *state;
	struct cost first = {0};

	people_add(f, "alice", ROLE_EDITOR);
	people_change(f, people_add(f, "out", ROLE_EDITOR),
	              &(struct account_change){.is_active = 0});
	fixture_exec(f, "UPDATE users SET password_hash ="
	                " replace(password_hash, 'm=4096,t=3', 'm=19456,t=2')"
	                " WHERE username = 'alice'");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cost cost = cost_of(f, cases[i].name, cases[i].password);

		if (i == 0)
			first = cost;
		if (cost.hashes != 1)
			fail_msg("%s: %d hashes", cases[i].name, cost.hashes);
		assert_int_equal(cost.changes, first.changes);
		assert_int_equal(cost.entries, 1);
		assert_string_equal(cost.text, first.text);
	}
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
	hashes = shared->hashes;
	for (int i = 0; i < 20; i++)
		assert_int_equal(wait_of(f, "eve", "wrong"), 2);
	assert_int_equal(shared->hashes, hashes);
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
	assert_in_range((uintmax_t)shared->hashes, 1, ATTEMPT_FREE);
	assert_int_equal(shared->hashes, shared->refused);
	assert_int_equal(shared->blocked + shared->busy + shared->refused,
	                 CHILDREN);
	assert_in_range((uintmax_t)shared->most_running, 1, HASH_SLOTS);
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
	assert_int_equal(shared->hashes, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " login_attempts"),
	                 0);
	hash_slot_release(&slots[0]);
	hash_slot_release(&slots[0]);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	hash_slot_release(&slots[1]);
}

static void a_code_is_asked_for_after_the_right_password_only(void **state)
{
	struct fixture *f = *state;
	struct login_result result;
	char codes[10][18], code[TOTP_DIGITS + 1];
	unsigned char seed[20];
	struct dum_error err = {0};

	people_enrol(f, people_add(f, "alice", ROLE_ADMIN), seed, codes);
	assert_int_equal(people_login(&result, f, "alice", "wrong", NULL),
	                 DUM_EAUTH);
	assert_false(result.code_needed);
	for (int i = 0; i < 2 * ATTEMPT_FREE; i++) { /* costs nothing */
		assert_int_equal(
		    people_login(&result, f, "alice", PEOPLE_PASSWORD, NULL),
		    DUM_EAUTH);
		assert_true(result.code_needed);
	}
	fixture_time += 30;
	assert_ok(totp_code(code, seed, fixture_time / 30, &err), &err);
	/* The right code does not help a wrong password, nor is it used up. */
	assert_int_equal(people_login(&result, f, "alice", "wrong", code),
	                 DUM_EAUTH);
	assert_int_equal(
	    people_login(&result, f, "alice", PEOPLE_PASSWORD, code), DUM_OK);
	assert_true(result.account.has_totp);
	assert_int_equal(
	    people_login(&result, f, "alice", PEOPLE_PASSWORD, code),
	    DUM_EAUTH); /* not a second time */
	assert_false(result.code_needed);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE op = 'totp_used_twice'"),
	                 1);
	assert_int_equal(
	    people_login(&result, f, "alice", PEOPLE_PASSWORD, codes[3]),
	    DUM_OK);
	assert_int_equal(
	    people_login(&result, f, "alice", PEOPLE_PASSWORD, codes[3]),
	    DUM_EAUTH);
}

static void wrong_codes_are_counted_as_wrong_passwords_are(void **state)
{
	struct fixture *f = *state;
	struct login_result result;
	char codes[10][18];
	unsigned char seed[20];

	people_enrol(f, people_add(f, "alice", ROLE_ADMIN), seed, codes);
	for (int i = 0; i < ATTEMPT_FREE; i++)
		assert_int_equal(
		    people_login(&result, f, "alice", PEOPLE_PASSWORD, "no"),
		    DUM_EAUTH);
	assert_int_equal(
	    people_login(&result, f, "alice", PEOPLE_PASSWORD, "no"),
	    DUM_EBUSY);
}

static enum dum_status confirm(struct fixture *f, int64_t id,
                               const char *password, int64_t *wait,
                               struct dum_error *err)
{
	struct origin who = {
	    .actor = "user:alice", .address = "192.0.2.7", .source = "test"};

	return login_confirm(wait, f->db, id, password, "current_password",
	                     &who, err);
}

static void a_password_asked_for_once_more_is_counted_too(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add(f, "alice", ROLE_EDITOR), wait = -1;

	for (int i = 0; i < ATTEMPT_FREE - 1; i++) {
		struct dum_error err = {0};

		assert_status(confirm(f, id, "wrong", &wait, &err), DUM_EAUTH,
		              &err);
		assert_string_equal(err.field, "current_password");
		assert_int_equal(wait, 0);
	}
	assert_ok(
	    confirm(f, id, PEOPLE_PASSWORD, &wait, &(struct dum_error){0}),
	    &(struct dum_error){0});
	for (int i = 0; i < ATTEMPT_FREE; i++)
		(void)!confirm(f, id, "wrong", &wait, &(struct dum_error){0});
	assert_int_equal(
	    confirm(f, id, PEOPLE_PASSWORD, &wait, &(struct dum_error){0}),
	    DUM_EBUSY);
	assert_int_equal(wait, 2);
	assert_int_equal(wait_of(f, "alice", PEOPLE_PASSWORD), 2);
}

static void the_chain_holds_after_all_of_it(void **state)
{
	struct fixture *f = *state;
	struct journal_verdict verdict;
	struct dum_error err = {0};

	people_add(f, "alice", ROLE_EDITOR);
	(void)!try(f, "alice", "wrong");
	(void)!try(f, "alice", PEOPLE_PASSWORD);
	(void)!try(f, "weird \x01\xff name", "wrong");
	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	assert_int_equal(verdict.broken_id, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE op = 'login_failed'"
	                                   " AND pk = '?'"),
	                 1);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(the_right_password_gives_a_session),
	    WITH_DB(a_hash_of_old_parameters_is_made_anew_once),
	    WITH_DB(whether_there_is_such_a_user_does_not_show),
	    WITH_DB(each_failure_past_the_free_ones_doubles_the_wait),
	    WITH_DB(a_blocked_attempt_neither_hashes_nor_counts),
	    WITH_DB(a_day_without_a_failure_forgets),
	    WITH_DB(a_clock_that_was_put_back_blocks_no_longer_than_the_most),
	    WITH_DB(a_network_is_counted_whatever_names_it_tries),
	    WITH_DB(an_attempt_that_was_not_tried_is_taken_back),
	    WITH_DB(guesses_at_once_never_hash_more_than_the_free_ones),
	    WITH_DB(no_more_than_two_hash_at_a_time),
	    WITH_DB(a_code_is_asked_for_after_the_right_password_only),
	    WITH_DB(wrong_codes_are_counted_as_wrong_passwords_are),
	    WITH_DB(a_password_asked_for_once_more_is_counted_too),
	    WITH_DB(the_chain_holds_after_all_of_it),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
