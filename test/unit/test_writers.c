/*
 * Eight writers that never pause, with checkpoints between them: nobody is
 * turned away, nothing that was acknowledged is missing.
 */
#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/checkpoint.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/usage.h"

enum { WRITERS = 8, CHANGES = 150 };

static const struct date first_day = {2020, 1, 1};

static enum dum_status write_one(struct db *db, const struct origin *who,
                                 int writer, int i, struct dum_error *err)
{
	struct date day = date_add(first_day, writer * CHANGES + i);
	enum usage_change change;
	enum dum_status status;
	struct usage usage;

	status = db_begin(db, who, err);
	if (status == DUM_OK)
		status = usage_put(&usage, &change, db, day, 1, i + 1, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

/* In a child: exits with the number of changes that failed, at most 100. */
static void run_writer(struct fixture *f, int writer)
{
	struct dum_error err = {0};
	struct db *db = NULL;
	int failed = 0;

	if (db_open(&db, &f->config, &err) != DUM_OK)
		_exit(101);
	for (int i = 0; i < CHANGES; i++) {
		error_clear(&err);
		if (write_one(db, &f->who, writer, i, &err) != DUM_OK) {
			fprintf(stderr, "writer %d: %s\n", writer, err.text);
			failed++;
		}
		if (i % 20 == writer)
			(void)!db_checkpoint(db, &err);
	}
	db_free(db);
	_exit(failed < 100 ? failed : 100);
}

static void eight_writers_without_a_pause_all_get_their_turn(void **state)
{
	struct fixture *f = *state;
	struct journal_verdict verdict;
	struct dum_error err = {0};
	struct location location;
	pid_t pids[WRITERS];

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, "a", NULL, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	/*
	 * A sanitizer's build is slow; the bound itself is measured elsewhere.
	 */
	f->config.sqlite_busy_timeout = 20000;
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			run_writer(f, i);
	}
	for (int i = 0; i < WRITERS; i++) {
		int rc = -1;

		assert_int_equal(waitpid(pids[i], &rc, 0), pids[i]);
		assert_true(WIFEXITED(rc));
		assert_int_equal(WEXITSTATUS(rc), 0);
	}
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM daily_usage"),
	                 WRITERS * CHANGES);
	assert_int_equal(fixture_number(f, "SELECT sum(records) FROM"
	                                   " location_records"),
	                 WRITERS * CHANGES);
	assert_int_equal(fixture_number(f, "SELECT integrity_check = 'ok'"
	                                   " FROM pragma_integrity_check"),
	                 1);
	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	assert_int_equal(verdict.broken_id, 0);
	assert_int_equal(verdict.entries, 2 + WRITERS * CHANGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        eight_writers_without_a_pause_all_get_their_turn, fixture_setup,
	        fixture_teardown),
	};

	return cmocka_run_group_tests_name("writers", tests, NULL, NULL);
}
