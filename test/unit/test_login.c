/*
 * Unit tests of access/login.h: who gets in, and that neither the work done nor
 * the changes made tell whether there is such a user. What failures cost is in
 * test_attempt.c.
 */
#include "people.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "access/attempt.h"
#include "access/confirm.h"
#include "access/second_factor.h"
#include "access/session.h"
#include "hash_count.h"
#include "store/handle.h"
#include "store/journal.h"

enum { T0 = 1800000000 };

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
	assert_int_equal(hash_count->hashes, 2);
	assert_int_equal(fixture_number(f, "SELECT password_hash LIKE"
	                                   " '$argon2id$v=19$m=19456,t=2,p=1$%'"
	                                   " FROM users"),
	                 1);
	assert_int_equal(try(f, "alice", PEOPLE_PASSWORD), DUM_OK);
	assert_int_equal(hash_count->hashes, 3);
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
	    .hashes = hash_count->hashes,
	    .changes = sqlite3_total_changes(f->db->sqlite),
	    .entries = fixture_number(f, "SELECT count(*) FROM journal")};

	assert_status(login(&result, f->db, &form, &nobody, &err), DUM_EAUTH,
	              &err);
	assert_false(result.code_needed);
	cost.hashes = hash_count->hashes - cost.hashes;
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

/* The owner should find out that somebody knows the password. */
static void a_right_password_without_its_code_is_told_now_and_then(void **state)
{
	static const char asked[] =
	    "SELECT count(*) FROM journal WHERE op = 'code_asked'"
	    " AND pk = 'alice' AND address <> ''";
	struct fixture *f = *state;
	struct login_result result;
	char codes[10][18];
	unsigned char seed[20];

	people_enrol(f, people_add(f, "alice", ROLE_ADMIN), seed, codes);
	for (int i = 0; i < 5; i++)
		(void)!people_login(&result, f, "alice", PEOPLE_PASSWORD, NULL);
	assert_int_equal(fixture_number(f, asked), 1);
	fixture_time += 600;
	(void)!people_login(&result, f, "alice", PEOPLE_PASSWORD, NULL);
	assert_int_equal(fixture_number(f, asked), 2);
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

	return confirm_password(wait, f->db, &who, id, password,
	                        "current_password", err);
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
	    WITH_DB(a_code_is_asked_for_after_the_right_password_only),
	    WITH_DB(a_right_password_without_its_code_is_told_now_and_then),
	    WITH_DB(wrong_codes_are_counted_as_wrong_passwords_are),
	    WITH_DB(a_password_asked_for_once_more_is_counted_too),
	    WITH_DB(the_chain_holds_after_all_of_it),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
