/*
 * Handler tests of /api/jobs and of imports that become jobs. The tool that a
 * job starts is a script here; test/it/test_jobs.py has the real one.
 */
#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "store/job.h"

#define IMPORTS "/api/imports"
#define CSV     "Date,north,south\n2026-11-01,1,2\n2026-11-02,3,4.5\n"

static struct session_pass editor;

static int setup(void **state)
{
	harness_setup(state);
	editor = harness_login(*state, "edith", ROLE_EDITOR, NULL);
	return 0;
}

static int64_t count(struct harness *h, const char *what)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", what);
	return fixture_number(h->f, sql);
}

static int import_as(struct harness *h, const struct session_pass *as,
                     const char *query, const char *body, const char *key)
{
	char uri[200];

	snprintf(uri, sizeof(uri), IMPORTS "%s", query);
	return ask(h, &(struct ask){.method = "POST",
	                            .uri = uri,
	                            .body = body,
	                            .content_type = "text/csv; charset=utf-8",
	                            .idempotency_key = key,
	                            .as = as});
}

/* One that also counts what it is fed. */
static void write_import(struct harness *h, const char *body)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "wc -c >size\n%s", body);
	harness_tool(h, "dum-import", text.buf);
	strbuf_release(&text);
}

/* Of so many bytes at least, with so many locations in a row. */
static char *table(size_t bytes, int columns)
{
	struct strbuf text = STRBUF_INIT;
	char day[DATE_TEXT_MAX];

	strbuf_adds(&text, "Date");
	for (int i = 0; i < columns; i++)
		strbuf_addf(&text, ",site %d", i);
	for (int row = 0; text.len < bytes; row++) {
		date_format(day, date_add((struct date){1980, 1, 1}, row));
		strbuf_addf(&text, "\n%s", day);
		for (int i = 0; i < columns; i++)
			strbuf_adds(&text, ",1");
	}
	strbuf_addc(&text, '\n');
	return strbuf_detach(&text);
}

static void a_large_table_becomes_a_job(void **state)
{
	struct harness *h = *state;
	char *large = table(1100000, 500), *many = table(60000, 500);
	char size[24];

	write_import(h, "");
	assert_int_equal(import_as(h, &editor, "?unit=MB", large, "k"), 202);
	assert_string_equal(header(h, "Location"), "/api/jobs/1");
	assert_body(h, "{\"id\":1,\"kind\":\"import\",\"state\":\"queued\","
	               "\"progress\":0.0,\"message\":null,"
	               "\"started_at\":null,\"finished_at\":null,"
	               "\"result\":null}");
	assert_true(wait(NULL) > 0);
	assert_file(h, "args", "--config dum.conf --job 1\n");
	snprintf(size, sizeof(size), "%zu\n", strlen(large));
	assert_file(h, "size", size);
	assert_int_equal(count(h, "jobs WHERE actor = 'user:edith' AND "
	                          "request LIKE '%upload.csv%'"),
	                 1);
	/* A repeat gets the job that there is. */
	assert_int_equal(import_as(h, &editor, "?unit=MB", large, "k"), 202);
	assert_string_equal(header(h, "Location"), "/api/jobs/1");
	import_as(h, &editor, "", large, "k");
	assert_problem(h, 422, NULL);
	assert_int_equal(wait(NULL), -1);
	assert_int_equal(errno, ECHILD);
	/* Few bytes with many cells take as long. */
	assert_int_equal(import_as(h, &editor, "", many, NULL), 202);
	assert_true(wait(NULL) > 0);
	snprintf(size, sizeof(size), "%zu\n", strlen(many));
	assert_file(h, "size", size);
	assert_int_equal(count(h, "imports"), 0);
	free(large);
	free(many);
}

static void a_job_is_shown_to_its_maker_and_to_admins(void **state)
{
	struct harness *h = *state;
	struct session_pass other = harness_login(h, "eve", ROLE_EDITOR, NULL);
	struct session_pass admin = harness_login(h, "ada", ROLE_ADMIN, NULL);
	char *key = harness_key(h, SCOPE_IMPORT, NULL);
	char *large = table(1100000, 500);

	/* What it leaves unfinished has failed. */
	write_import(h, "exit 1");
	assert_int_equal(import_as(h, &editor, "", large, NULL), 202);
	assert_true(wait(NULL) > 0);
	assert_int_equal(get(h, &editor, "/api/jobs/1"), 200);
	assert_string_equal(text_at(h, "state"), "failed");
	assert_non_null(strstr(text_at(h, "message"), "ended before"));
	assert_null(header(h, "ETag"));
	assert_int_equal(get(h, &admin, "/api/jobs/1"), 200);
	get(h, &other, "/api/jobs/1");
	assert_problem(h, 404, NULL);
	ask(h,
	    &(struct ask){.method = "GET", .uri = "/api/jobs/1", .key = key});
	assert_problem(h, 404, NULL);
	get(h, &admin, "/api/jobs/2");
	assert_problem(h, 404, NULL);
	free(large);
	free(key);
}

/* End what write_import()'s "echo $$ >>pids" made, so many of them. */
static void end_tools(struct harness *h, int number)
{
	struct dum_error err = {0};
	int lines = 0;

	while (lines < number) {
		struct strbuf pids = STRBUF_INIT;

		assert_ok(
		    fs_read_file(&pids, fixture_path(h->f, "pids"), 200, &err),
		    &err);
		lines = 0;
		for (char *p = pids.buf; *p != '\0'; p++)
			lines += *p == '\n';
		for (char *p = pids.buf; lines == number && *p != '\0'; p++)
			kill((pid_t)strtol(p, &p, 10), SIGKILL);
		strbuf_release(&pids);
		usleep(10000);
	}
	while (wait(NULL) > 0)
		;
}

static void no_more_jobs_are_started_than_there_is_room_for(void **state)
{
	struct harness *h = *state;
	struct dum_error err = {0};
	char *large = table(1100000, 500);

	write_import(h, "echo $$ >>pids; exec sleep 60");
	assert_ok(
	    fs_write_atomic(fixture_path(h->f, "pids"), "", 0, 0600, &err),
	    &err);
	for (int i = 0; i < JOBS_AT_WORK_MAX; i++)
		assert_int_equal(import_as(h, &editor, "", large, NULL), 202);
	import_as(h, &editor, "", large, "k");
	assert_problem(h, 503, NULL);
	assert_non_null(header(h, "Retry-After"));
	assert_int_equal(count(h, "jobs"), JOBS_AT_WORK_MAX);
	assert_int_equal(count(h, "idempotency_keys"), 0);
	end_tools(h, JOBS_AT_WORK_MAX);
	/* Those are dead, so there is room. */
	write_import(h, "");
	assert_int_equal(import_as(h, &editor, "", large, "k"), 202);
	assert_true(wait(NULL) > 0);
	free(large);
}

static void a_tool_that_is_not_there_leaves_nothing(void **state)
{
	struct harness *h = *state;
	char *large = table(1100000, 500);

	write_import(h, "");
	assert_int_equal(remove(fixture_path(h->f, "dum-import")), 0);
	import_as(h, &editor, "", large, "k");
	assert_problem(h, 500, NULL);
	assert_int_equal(count(h, "jobs"), 0);
	assert_int_equal(count(h, "idempotency_keys"), 0);
	free(large);
}

static void the_undo_of_a_large_import_becomes_a_job(void **state)
{
	struct harness *h = *state;

	import_as(h, &editor, "", CSV, NULL);
	fixture_exec(h->f, "UPDATE imports SET new = 20001");
	write_import(h, "");
	assert_int_equal(send_json(h, &editor, "POST", IMPORTS "/1/undo", NULL),
	                 202);
	assert_string_equal(text_at(h, "kind"), "import_undo");
	assert_true(wait(NULL) > 0);
	assert_file(h, "size", "0\n");
	assert_int_equal(count(h, "jobs WHERE request = '{\"import_id\":1}'"),
	                 1);
	assert_int_equal(count(h, "daily_usage"), 4);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_large_table_becomes_a_job),
	    TEST(a_job_is_shown_to_its_maker_and_to_admins),
	    TEST(no_more_jobs_are_started_than_there_is_room_for),
	    TEST(a_tool_that_is_not_there_leaves_nothing),
	    TEST(the_undo_of_a_large_import_becomes_a_job),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
