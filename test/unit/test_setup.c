/* Unit tests of access/setup.h: one link, one first admin, one winner. */
#include "people.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/setup.h"

enum { T0 = 1800000000, DAY = 86400 };

static const struct account_new boss = {.username = "boss",
                                        .password_hash = PEOPLE_HASH,
                                        .role = ROLE_VIEWER,
                                        .limit = {.count = 0}};

static void make(struct fixture *f, char token[static SETUP_TOKEN_MAX])
{
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(setup_token_make(token, f->db, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static enum dum_status finish(struct db *db, const struct origin *who,
                              const char *token, struct account *out)
{
	struct dum_error err = {0};
	enum dum_status status = db_begin(db, who, &err);

	if (status == DUM_OK)
		status = setup_finish(out, db, token, &boss, &err);
	if (status == DUM_OK)
		status = db_commit(db, &err);
	db_rollback(db);
	return status;
}

static void the_link_makes_an_admin_once(void **state)
{
	struct fixture *f = *state;
	char token[SETUP_TOKEN_MAX], other[SETUP_TOKEN_MAX];
	struct dum_error err = {0};
	struct account account;

	make(f, token);
	assert_int_equal(strlen(token), 43);
	assert_ok(setup_token_check(f->db, token, &err), &err);
	assert_int_equal(finish(f->db, &f->who, token, &account), DUM_OK);
	assert_int_equal(account.role, ROLE_ADMIN);
	assert_false(account.is_limited);
	assert_int_equal(finish(f->db, &f->who, token, &account),
	                 DUM_ECONFLICT);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(setup_token_make(other, f->db, &err), DUM_ECONFLICT,
	              &err);
	db_rollback(f->db);
	assert_int_equal(fixture_number(f, "SELECT metric_value = ''"
	                                   " FROM system_info"
	                                   " WHERE metric_name ="
	                                   " 'setup_token'"),
	                 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE op = 'setup'"
	                                   " AND pk = 'boss'"),
	                 1);
}

static void a_wrong_an_old_and_a_late_token_are_all_one(void **state)
{
	struct fixture *f = *state;
	char first[SETUP_TOKEN_MAX], token[SETUP_TOKEN_MAX];
	struct account account;

	fixture_stop_clock(f, T0);
	assert_int_equal(finish(f->db, &f->who, "", &account), DUM_EAUTH);
	make(f, first);
	make(f, token);
	assert_int_equal(finish(f->db, &f->who, "", &account), DUM_EAUTH);
	assert_int_equal(finish(f->db, &f->who, "x", &account), DUM_EAUTH);
	assert_int_equal(finish(f->db, &f->who, first, &account), DUM_EAUTH);
	fixture_time += DAY;
	assert_int_equal(finish(f->db, &f->who, token, &account), DUM_EAUTH);
	fixture_time -= 1;
	assert_int_equal(finish(f->db, &f->who, token, &account), DUM_OK);
}

static void an_empty_value_is_no_token(void **state)
{
	struct fixture *f = *state;
	char token[SETUP_TOKEN_MAX];
	struct account account;

	make(f, token);
	fixture_exec(f, "UPDATE system_info SET metric_value = ''"
	                " WHERE metric_name = 'setup_token'");
	assert_int_equal(finish(f->db, &f->who, "", &account), DUM_EAUTH);
	assert_int_equal(finish(f->db, &f->who, token, &account), DUM_EAUTH);
}

static void of_fifty_at_once_one_wins(void **state)
{
	enum { CHILDREN = 50 };
	struct fixture *f = *state;
	char token[SETUP_TOKEN_MAX];
	int won = 0, lost = 0;

	f->config.sqlite_busy_timeout = 60000;
	make(f, token);
	for (int i = 0; i < CHILDREN; i++) {
		struct dum_error err = {0};
		struct account account;
		struct db *db = NULL;

		if (fork() != 0)
			continue;
		if (db_open(&db, &f->config, &err) != DUM_OK)
			_exit(99);
		_exit((int)finish(db, &f->who, token, &account));
	}
	for (int i = 0; i < CHILDREN; i++) {
		int rc = -1;

		assert_true(wait(&rc) > 0);
		won += rc == 0;
		lost += WIFEXITED(rc) && WEXITSTATUS(rc) == DUM_ECONFLICT;
	}
	assert_int_equal(won, 1);
	assert_int_equal(lost, CHILDREN - 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 1);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(the_link_makes_an_admin_once),
	    WITH_DB(a_wrong_an_old_and_a_late_token_are_all_one),
	    WITH_DB(an_empty_value_is_no_token),
	    WITH_DB(of_fifty_at_once_one_wins),
	};

	return cmocka_run_group_tests_name("setup", tests, NULL, NULL);
}
