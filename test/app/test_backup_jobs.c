/*
 * Handler tests of what dum-backup does for the API: make a backup, verify one,
 * restore one. The program is a script here, which closes its job by the
 * sqlite3 program; test/it/test_backup_api.py has the real one.
 */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"

#define TOOL "dum-backup"
#define MAKE "/api/system/backup"
#define ONE  "/api/system/backups/" HARNESS_BACKUP

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "ada", ROLE_ADMIN, NULL);
	return 0;
}

/* One that closes its job so. */
static void write_closing_tool(struct harness *h, const char *state,
                               const char *message, const char *result)
{
	char body[1000];

	snprintf(body, sizeof(body),
	         "sqlite3 data_usage.db '.timeout 5000' "
	         "'PRAGMA wal_autocheckpoint = 0' \""
	         "UPDATE jobs SET state = '%s', message = '%s', "
	         "finished_at = '2026-11-24T14:00:01Z', result = '%s' "
	         "WHERE id = $4\" >>out 2>&1",
	         state, message, result);
	harness_tool(h, TOOL, body);
}

static int64_t jobs(struct harness *h, const char *where)
{
	char sql[300];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM jobs WHERE %s", where);
	return fixture_number(h->f, sql);
}

static void make_file(struct harness *h)
{
	const char *dir = h->f->config.database_backup_dir;
	struct strbuf path = STRBUF_INIT;
	struct dum_error err = {0};

	strbuf_addf(&path, "%s/" HARNESS_BACKUP, dir);
	assert_ok(fs_make_dir(dir, &err), &err);
	assert_ok(fs_write_atomic(path.buf, "x", 1, 0600, &err), &err);
	strbuf_release(&path);
}

static void one_that_is_soon_ready_is_answered_as_first_described(void **state)
{
	static const struct {
		const char *bytes, *mb;
	} sizes[] = {{"12500000", "12.5"},
	             {"31245", "0.031245"},
	             {"3000000", "3"},
	             {"1", "0.000001"}};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char text[400];

		snprintf(text, sizeof(text),
		         "{\\\"file\\\":\\\"" HARNESS_BACKUP
		         "\\\",\\\"bytes\\\":%s}",
		         sizes[i].bytes);
		write_closing_tool(h, "done", "", text);
		send_json(h, &admin, "POST", MAKE, NULL);
		if (h->status != 201)
			fail_msg("%d: %s", h->status, h->body);
		snprintf(text, sizeof(text),
		         "{\"message\":\"Backup created successfully\","
		         "\"backup_file\":\"" HARNESS_BACKUP "\","
		         "\"backup_size_mb\":%s,"
		         "\"timestamp\":\"20261124_120000\"}",
		         sizes[i].mb);
		assert_string_equal(h->body, text);
		assert_string_equal(header(h, "Location"), ONE);
		assert_true(wait(NULL) > 0);
	}
	assert_file(h, "args", "--config dum.conf --job 4\n");
	assert_int_equal(jobs(h, "actor = 'user:ada' AND kind = 'backup'"), 4);
}

static void a_name_goes_along_and_has_to_be_one(void **state)
{
	static const char *const bad[] = {"a b", "../x", "x_y", "12", "\u00e9"};
	struct harness *h = *state;
	char body[80];

	harness_tool(h, TOOL, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{\"name\":\"%s\"}", bad[i]);
		send_json(h, &admin, "POST", MAKE, body);
		assert_problem(h, 400, "/name");
	}
	assert_int_equal(jobs(h, "1"), 0);
	send_json(h, &admin, "POST", MAKE, "{\"name\":\"before-move\"}");
	assert_true(wait(NULL) > 0);
	assert_int_equal(jobs(h, "request = '{\"label\":\"before-move\","
	                         "\"file\":\"\",\"level\":0}'"),
	                 1);
}

static void one_that_takes_longer_goes_on_as_a_job(void **state)
{
	struct strbuf pid = STRBUF_INIT;
	struct dum_error err = {0};
	struct harness *h = *state;

	harness_tool(h, TOOL, "echo $$ >pid; exec sleep 60");
	assert_int_equal(send_json(h, &admin, "POST", MAKE, "{}"), 202);
	assert_string_equal(header(h, "Location"), "/api/jobs/1");
	assert_string_equal(text_at(h, "kind"), "backup");
	assert_string_equal(text_at(h, "state"), "queued");
	assert_int_equal(get(h, &admin, "/api/jobs/1"), 200);
	assert_ok(fs_read_file(&pid, fixture_path(h->f, "pid"), 20, &err),
	          &err);
	kill((pid_t)strtol(pid.buf, NULL, 10), SIGKILL);
	assert_true(wait(NULL) > 0);
	get(h, &admin, "/api/jobs/1");
	assert_string_equal(text_at(h, "state"), "failed");
	strbuf_release(&pid);
}

static void why_none_was_made_is_said(void **state)
{
	static const struct {
		const char *result;
		int status;
		bool again;
	} cases[] = {
	    {"{\\\"reason\\\":\\\"busy\\\"}", 503, true},
	    {"{\\\"reason\\\":\\\"disk_full\\\"}", 507, false},
	    {"{\\\"reason\\\":\\\"wrong_key\\\"}", 500, false},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_closing_tool(h, "failed", "dum-verify is at work",
		                   cases[i].result);
		send_json(h, &admin, "POST", MAKE, NULL);
		assert_problem(h, cases[i].status, NULL);
		assert_string_equal(text_at(h, "detail"),
		                    "dum-verify is at work");
		if (cases[i].again)
			assert_string_equal(header(h, "Retry-After"), "30");
		assert_true(wait(NULL) > 0);
	}
	/* It died. */
	harness_tool(h, TOOL, "exit 1");
	send_json(h, &admin, "POST", MAKE, NULL);
	assert_problem(h, 500, NULL);
	assert_non_null(strstr(text_at(h, "detail"), "ended before"));
	assert_true(wait(NULL) > 0);
	/* It is not there. */
	assert_int_equal(remove(fixture_path(h->f, "dum-backup")), 0);
	send_json(h, &admin, "POST", MAKE, NULL);
	assert_problem(h, 500, NULL);
	assert_int_equal(jobs(h, "1"), 4);
}

static void the_database_is_free_while_one_waits(void **state)
{
	struct harness *h = *state;
	int64_t here;

	/* The program stores something itself before it is done. */
	harness_tool(h, TOOL,
	             "sqlite3 data_usage.db '.timeout 5000' "
	             "'PRAGMA wal_autocheckpoint = 0' "
	             "\"BEGIN IMMEDIATE; UPDATE locations SET "
	             "display_name = 'seen'; COMMIT\" >>out 2>&1");
	here = harness_location(h, "here");
	send_json(h, &admin, "POST", MAKE, NULL);
	assert_true(wait(NULL) > 0);
	assert_int_equal(fixture_number(h->f,
	                                "SELECT count(*) FROM locations WHERE "
	                                "display_name = 'seen'"),
	                 1);
	assert_true(here > 0);
}

static void a_verification_is_a_job(void **state)
{
	struct harness *h = *state;

	harness_tool(h, TOOL, "");
	send_json(h, &admin, "POST", ONE "/verify", NULL);
	assert_problem(h, 404, NULL);
	make_file(h);
	send_json(h, &admin, "POST", ONE "/verify", "{\"level\":4}");
	assert_problem(h, 400, "/level");
	assert_int_equal(jobs(h, "1"), 0);
	assert_int_equal(send_json(h, &admin, "POST", ONE "/verify", NULL),
	                 202);
	assert_string_equal(header(h, "Location"), "/api/jobs/1");
	assert_string_equal(text_at(h, "kind"), "backup_verify");
	assert_true(wait(NULL) > 0);
	assert_int_equal(
	    send_json(h, &admin, "POST", ONE "/verify", "{\"level\":3}"), 202);
	assert_true(wait(NULL) > 0);
	assert_int_equal(
	    jobs(h, "request = '{\"label\":\"\",\"file\":\"" HARNESS_BACKUP
	            "\",\"level\":2}'"),
	    1);
	assert_int_equal(jobs(h, "request LIKE '%\"level\":3}'"), 1);
}

static void a_restore_is_confirmed_by_the_name(void **state)
{
	static const char other[] =
	    "{\"confirm\":\"data_usage_backup_20261124_120001.db.gz\"}";
	static const char right[] = "{\"confirm\":\"" HARNESS_BACKUP "\"}";
	struct harness *h = *state;

	harness_tool(h, TOOL, "");
	send_json(h, &admin, "POST", ONE "/restore", right);
	assert_problem(h, 404, NULL);
	make_file(h);
	send_json(h, &admin, "POST", ONE "/restore", "{}");
	assert_problem(h, 400, "/confirm");
	send_json(h, &admin, "POST", ONE "/restore", other);
	assert_problem(h, 400, "/confirm");
	assert_int_equal(jobs(h, "1"), 0);
	assert_int_equal(send_json(h, &admin, "POST", ONE "/restore", right),
	                 202);
	assert_string_equal(text_at(h, "kind"), "backup_restore");
	assert_true(wait(NULL) > 0);
	assert_file(h, "args", "--config dum.conf --job 1\n");
}

static void a_key_for_backups_never_restores_nor_removes(void **state)
{
	static const char right[] = "{\"confirm\":\"" HARNESS_BACKUP "\"}";
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_BACKUP, NULL);

	harness_tool(h, TOOL, "");
	make_file(h);
	ask(h, &(struct ask){.method = "POST",
	                     .uri = ONE "/restore",
	                     .body = right,
	                     .key = key});
	assert_problem(h, 403, NULL);
	ask(h, &(struct ask){.method = "DELETE", .uri = ONE, .key = key});
	assert_problem(h, 403, NULL);
	ask(h,
	    &(struct ask){.method = "POST", .uri = ONE "/verify", .key = key});
	assert_int_equal(h->status, 202);
	assert_true(wait(NULL) > 0);
	free(key);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_that_is_soon_ready_is_answered_as_first_described),
	    TEST(a_name_goes_along_and_has_to_be_one),
	    TEST(one_that_takes_longer_goes_on_as_a_job),
	    TEST(why_none_was_made_is_said),
	    TEST(the_database_is_free_while_one_waits),
	    TEST(a_verification_is_a_job),
	    TEST(a_restore_is_confirmed_by_the_name),
	    TEST(a_key_for_backups_never_restores_nor_removes),
	};

	return cmocka_run_group_tests_name("backup jobs", tests, NULL, NULL);
}
