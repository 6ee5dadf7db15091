/*
 * Unit tests of store/db.h, migrate.h, checkpoint.h and writer_lock.h: what is
 * refused, who waits how long, and that no connection checkpoints by itself.
 */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/checkpoint.h"
#include "store/cycle_setting.h"
#include "store/location.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/system_info.h"
#include "store/usage.h"

static void every_statement_can_be_prepared(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < SQL__MAX; i++) {
		struct dum_error err = {0};
		struct query q;

		query_start(&q, f->db, (enum sql_query)i, &err);
		assert_ok(query_end(&q), &err);
	}
}

static void a_database_that_is_not_there_is_not_made(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct db *db = NULL;

	assert_ok(
	    config_set(&f->config, "DATABASE_PATH", "other.db", f->dir, &err),
	    &err);
	assert_status(db_open(&db, &f->config, &err), DUM_ENOTFOUND, &err);
	assert_non_null(strstr(err.text, "begin anew with: dum-admin init"));
	assert_non_null(
	    strstr(err.text, "dum-backup restore FILE --confirm --whole"));
	assert_int_equal(access(f->config.database_path, F_OK), -1);
}

static void a_foreign_file_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct stat before, after;
	struct db *db = NULL;

	assert_ok(
	    config_set(&f->config, "DATABASE_PATH", "other.db", f->dir, &err),
	    &err);
	fixture_exec(f, "CREATE TABLE t (a)");
	assert_int_equal(stat(f->config.database_path, &before), 0);
	assert_status(db_open(&db, &f->config, &err), DUM_ESCHEMA, &err);
	error_clear(&err);
	assert_status(db_open_any_version(&db, &f->config, &err), DUM_ESCHEMA,
	              &err);
	assert_non_null(strstr(err.text, "another program"));
	assert_int_equal(stat(f->config.database_path, &after), 0);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void a_file_that_is_no_database_is_called_damaged(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct db *db = NULL;
	int fd;

	assert_ok(
	    config_set(&f->config, "DATABASE_PATH", "other.db", f->dir, &err),
	    &err);
	fd = open(f->config.database_path, O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < 200; i++)
		assert_int_equal(write(fd, "this is not a database\n", 23), 23);
	close(fd);
	assert_status(db_open(&db, &f->config, &err), DUM_EDAMAGED, &err);
}

static void a_newer_schema_is_refused_at_open_and_in_a_change(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct db *db = NULL;
	int from, to;

	fixture_exec(f, "PRAGMA user_version = 999");
	assert_status(db_open(&db, &f->config, &err), DUM_ESCHEMA, &err);
	error_clear(&err);
	assert_status(db_begin(f->db, &f->who, &err), DUM_ESCHEMA, &err);
	error_clear(&err);
	assert_status(db_read_begin(f->db, 0, &err), DUM_ESCHEMA, &err);
	error_clear(&err);
	assert_ok(db_open_any_version(&db, &f->config, &err), &err);
	assert_status(migrate(&from, &to, db, &f->who, &err), DUM_ESCHEMA,
	              &err);
	assert_non_null(strstr(err.text, "999"));
	db_free(db);
}

static void migrating_again_does_nothing(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t entries;
	int from = -1, to = -1;

	entries = fixture_number(f, "SELECT count(*) FROM journal");
	assert_ok(migrate(&from, &to, f->db, &f->who, &err), &err);
	assert_int_equal(from, migrate_newest());
	assert_int_equal(to, migrate_newest());
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"),
	                 entries);
	assert_int_equal(
	    fixture_number(f, "SELECT metric_value = CAST(user_version AS TEXT)"
	                      " FROM system_info, pragma_user_version"
	                      " WHERE metric_name = 'schema_version'"),
	    1);
}

static void an_unfinished_database_is_finished_by_migrating(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct db *db = NULL;
	int from = -1, to = -1;

	assert_ok(
	    config_set(&f->config, "DATABASE_PATH", "other.db", f->dir, &err),
	    &err);
	assert_ok(db_create(&db, &f->config, &err), &err);
	db_free(db);
	db = NULL;
	assert_status(db_create(&db, &f->config, &err), DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_ok(db_open_any_version(&db, &f->config, &err), &err);
	assert_ok(migrate(&from, &to, db, &f->who, &err), &err);
	assert_int_equal(from, 0);
	db_free(db);
	assert_ok(db_open(&db, &f->config, &err), &err);
	db_free(db);
}

static void the_files_are_for_their_owner_alone(void **state)
{
	struct fixture *f = *state;
	const char *names[] = {"data_usage.db", "data_usage.db-lock",
	                       "secret.key"};
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(fixture_path(f, names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
}

static void no_connection_checkpoints_by_itself(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t n = -1;

	assert_ok(db_number(&n, f->db, "PRAGMA wal_autocheckpoint", &err),
	          &err);
	assert_int_equal(n, 0);
	assert_ok(db_number(&n, f->db, "PRAGMA synchronous", &err), &err);
	assert_int_equal(n, 2);
	assert_ok(db_number(&n, f->db, "PRAGMA foreign_keys", &err), &err);
	assert_int_equal(n, 1);
	assert_ok(db_checkpoint(f->db, &err), &err);
	assert_ok(db_number(&n,
	                    &(struct db){.sqlite = f->db->checkpointer,
	                                 .path = f->db->path},
	                    "PRAGMA wal_autocheckpoint", &err),
	          &err);
	assert_int_equal(n, 0);
}

static void grow_log(struct fixture *f, int changes)
{
	for (int i = 0; i < changes; i++) {
		struct dum_error err = {0};
		char value[16];

		snprintf(value, sizeof(value), "%d", i);
		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_ok(system_info_set(f->db, "x", value, &err), &err);
		assert_ok(db_commit(f->db, &err), &err);
	}
}

static void a_checkpoint_lets_the_log_start_over(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int frames;

	grow_log(f, 300);
	frames = db_wal_frames(f->db);
	assert_in_range((uintmax_t)frames, 300, 10000);
	assert_ok(db_checkpoint(f->db, &err), &err);
	assert_int_equal(db_wal_frames(f->db), 0);
	grow_log(f, 1);
	assert_in_range((uintmax_t)db_wal_frames(f->db), 1, 10);
}

static void closing_the_last_handle_leaves_the_log(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	grow_log(f, 20);
	db_free(f->db);
	f->db = NULL;
	assert_int_equal(stat(fixture_path(f, "data_usage.db-wal"), &st), 0);
	assert_true(st.st_size > 20 * 4096);
}

static void an_empty_plan_has_the_configured_day(void **state)
{
	struct fixture *f = *state;
	struct cycle_settings settings;
	struct dum_error err = {0};

	assert_ok(cycle_settings_load(&settings, f->db, 0, 13, &err), &err);
	assert_int_equal(settings.plan.count, 0);
	assert_int_equal(settings.plan.first_day, 13);
	cycle_settings_release(&settings);
}

static void a_location_without_settings_follows_those_of_all(void **state)
{
	struct fixture *f = *state;
	struct cycle_settings settings;
	struct dum_error err = {0};

	fixture_exec(f, "INSERT INTO locations (name, display_name)"
	                " VALUES ('a', 'A'), ('b', 'B');"
	                "INSERT INTO cycle_settings (location_id, cycle_day,"
	                " valid_from) VALUES (NULL, 5, '2026-02-01'),"
	                " (2, 20, '2026-03-01'), (2, 1, '2026-01-01')");
	assert_ok(cycle_settings_load(&settings, f->db, 1, 13, &err), &err);
	assert_int_equal(settings.plan.count, 1);
	assert_int_equal(settings.plan.settings[0].cycle_day, 5);
	cycle_settings_release(&settings);
	assert_ok(cycle_settings_load(&settings, f->db, 2, 13, &err), &err);
	assert_int_equal(settings.plan.count, 2);
	assert_int_equal(settings.plan.settings[0].cycle_day, 1);
	assert_int_equal(settings.plan.settings[1].cycle_day, 20);
	cycle_settings_release(&settings);
}

/* Run in a child: hold the lock, tell so by a byte, wait for the parent. */
static pid_t hold_lock(struct fixture *f, bool for_long, int told[2],
                       int done[2])
{
	struct dum_error err = {0};
	struct db *db = NULL;
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (pid != 0) {
		close(told[1]);
		close(done[0]);
		assert_int_equal(read(told[0], &byte, 1), 1);
		return pid;
	}
	close(done[1]);
	if (db_open(&db, &f->config, &err) != DUM_OK ||
	    (for_long ? db_begin_long(db, &f->who, &err)
	              : db_begin(db, &f->who, &err)) != DUM_OK)
		_exit(1);
	if (write(told[1], "x", 1) != 1 || read(done[0], &byte, 1) != 0)
		_exit(1);
	db_free(db);
	_exit(0);
}

static void a_change_waits_no_longer_than_the_time_out(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int told[2], done[2], rc = 0;
	int64_t start;
	pid_t pid;

	f->config.sqlite_busy_timeout = 300;
	pid = hold_lock(f, false, told, done);
	start = clock_monotonic_ms();
	assert_status(db_begin(f->db, &f->who, &err), DUM_EBUSY, &err);
	assert_in_range((uintmax_t)(clock_monotonic_ms() - start), 290, 5000);
	close(done[1]);
	assert_int_equal(waitpid(pid, &rc, 0), pid);
	assert_int_equal(rc, 0);
	error_clear(&err);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	db_rollback(f->db);
	close(told[0]);
}

static void a_long_change_turns_others_away_at_once_by_name(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int told[2], done[2], rc = 0;
	int64_t start;
	pid_t pid;

	f->config.sqlite_busy_timeout = 20000;
	pid = hold_lock(f, true, told, done);
	start = clock_monotonic_ms();
	assert_status(db_begin(f->db, &f->who, &err), DUM_EBUSY, &err);
	assert_in_range((uintmax_t)(clock_monotonic_ms() - start), 0, 10000);
	assert_non_null(strstr(err.text, "test (process "));
	close(done[1]);
	assert_int_equal(waitpid(pid, &rc, 0), pid);
	close(told[0]);
}

static void a_killed_holder_leaves_the_lock_free(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int told[2], done[2], rc = 0;
	pid_t pid;

	pid = hold_lock(f, true, told, done);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &rc, 0), pid);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	db_rollback(f->db);
	close(told[0]);
	close(done[1]);
}

static void reads_go_on_beside_a_change(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int told[2], done[2], rc = 0;
	int64_t n = -1;
	pid_t pid;

	pid = hold_lock(f, true, told, done);
	assert_ok(db_read_begin(f->db, 1000, &err), &err);
	assert_ok(location_count(&n, f->db, &err), &err);
	db_read_end(f->db);
	assert_int_equal(n, 0);
	close(done[1]);
	assert_int_equal(waitpid(pid, &rc, 0), pid);
	close(told[0]);
}

static enum dum_status take_time(void *arg, const struct usage_row *row,
                                 struct dum_error *err)
{
	struct timespec t = {.tv_nsec = 2000000};

	(void)arg;
	(void)row;
	(void)err;
	nanosleep(&t, NULL);
	return DUM_OK;
}

static void a_read_past_its_deadline_is_cut_off(void **state)
{
	struct fixture *f = *state;
	struct usage_filter all = {.location_id = 0};
	struct dum_error err = {0};

	fixture_exec(
	    f, "INSERT INTO locations (name, display_name) VALUES ('a', 'A');"
	       "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
	       " WHERE i < 5000) INSERT INTO daily_usage (date, location_id,"
	       " usage_bytes) SELECT date('2000-01-01', i || ' days'), 1, 1"
	       " FROM n");
	assert_ok(db_read_begin(f->db, 50, &err), &err);
	assert_status(usage_each(f->db, &all, 0, -1, take_time, NULL, &err),
	              DUM_EBUSY, &err);
	db_read_end(f->db);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(every_statement_can_be_prepared),
	    WITH_DB(a_database_that_is_not_there_is_not_made),
	    WITH_DB(a_foreign_file_is_refused_and_left_alone),
	    WITH_DB(a_file_that_is_no_database_is_called_damaged),
	    WITH_DB(a_newer_schema_is_refused_at_open_and_in_a_change),
	    WITH_DB(migrating_again_does_nothing),
	    WITH_DB(an_unfinished_database_is_finished_by_migrating),
	    WITH_DB(the_files_are_for_their_owner_alone),
	    WITH_DB(no_connection_checkpoints_by_itself),
	    WITH_DB(a_checkpoint_lets_the_log_start_over),
	    WITH_DB(closing_the_last_handle_leaves_the_log),
	    WITH_DB(an_empty_plan_has_the_configured_day),
	    WITH_DB(a_location_without_settings_follows_those_of_all),
	    WITH_DB(a_change_waits_no_longer_than_the_time_out),
	    WITH_DB(a_long_change_turns_others_away_at_once_by_name),
	    WITH_DB(a_killed_holder_leaves_the_lock_free),
	    WITH_DB(reads_go_on_beside_a_change),
	    WITH_DB(a_read_past_its_deadline_is_cut_off),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
