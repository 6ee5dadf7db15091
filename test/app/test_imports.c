/*
 * Handler tests of /api/imports and /api/jobs. The tool that a job starts is a
 * script here; test/it/test_jobs.py has the real one.
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

static struct session_pass editor, viewer;

static int setup(void **state)
{
	struct harness *h;

	harness_setup(state);
	h = *state;
	editor = harness_login(h, "edith", ROLE_EDITOR, NULL);
	viewer = harness_login(h, "vera", ROLE_VIEWER, NULL);
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

/* --- in the worker ---------------------------------------------------------- */

static void a_table_is_taken_in_as_by_dum_import(void **state)
{
	struct harness *h = *state;

	assert_int_equal(
	    import_as(h, &editor, "?filename=a%2Fb%2Fmay.csv", CSV, NULL), 200);
	assert_body(h, "{\"import_id\":1,\"rows\":2,\"cells\":4,\"empty\":0,"
	               "\"skipped\":0,\"rejected\":0,\"new\":4,\"changed\":0,"
	               "\"same\":0,\"locations_created\":2,\"dry_run\":false,"
	               "\"errors\":[],\"errors_total\":0}");
	assert_int_equal(count(h, "daily_usage"), 4);
	assert_int_equal(fixture_number(h->f, "SELECT sum(usage_bytes) FROM "
	                                      "daily_usage"),
	                 10500000000);
	assert_int_equal(count(h, "imports WHERE file_name = 'may.csv' AND "
	                          "actor = 'user:edith'"),
	                 1);
	assert_int_equal(count(h, "journal WHERE tbl = 'imports' AND source = "
	                          "'api' AND address = '192.0.2.7'"),
	                 1);
	assert_int_equal(import_as(h, &editor, "", CSV, NULL), 200);
	assert_int_equal(number_at(h, "same"), 4);
}

static void the_options_are_those_of_dum_import(void **state)
{
	struct harness *h = *state;

	assert_int_equal(
	    import_as(h, &editor,
	              "?date_format=mdy&unit=MB&empty=skip&decimal=comma"
	              "&max_daily_gb=1&skip_rejected=true&allow_future=true",
	              "Day;north;south\n11/02/2026;1,5;\n11/03/2026;1001;7\n"
	              "12/31/2027;2;2\n",
	              NULL),
	    200);
	assert_int_equal(number_at(h, "empty"), 1);
	assert_int_equal(number_at(h, "rejected"), 1);
	assert_int_equal(number_at(h, "errors_total"), 1);
	assert_int_equal(count(h, "daily_usage WHERE date = '2026-11-02' AND "
	                          "usage_bytes = 1500000"),
	                 1);
	assert_int_equal(count(h, "daily_usage WHERE date = '2027-12-31'"), 2);
	assert_int_equal(count(h, "daily_usage"), 4);
	assert_int_equal(import_as(h, &editor, "?year=2025&format=wide",
	                           "d,north\n13-Mar,1\n", NULL),
	                 200);
	assert_int_equal(count(h, "daily_usage WHERE date = '2025-03-13'"), 1);
	assert_int_equal(import_as(h, &editor, "?format=long",
	                           "d,l,v\n2025-03-14,north,1\n", NULL),
	                 200);
	assert_int_equal(count(h, "daily_usage WHERE date = '2025-03-14'"), 1);
}

static void a_dry_run_shows_the_cells_and_changes_nothing(void **state)
{
	struct harness *h = *state;
	int64_t entries;

	harness_day(h, "2026-11-01", harness_location(h, "north"), 7000000000);
	entries = count(h, "journal");
	assert_int_equal(import_as(h, &editor, "?dry_run=true", CSV, "k"), 200);
	assert_int_equal(number_at(h, "new"), 3);
	assert_int_equal(number_at(h, "changed"), 1);
	assert_int_equal(json_array_size(at(h, "changes")), 4);
	assert_string_equal(text_at(h, "changes/0/date"), "2026-11-01");
	assert_string_equal(text_at(h, "changes/0/location"), "north");
	assert_int_equal(number_at(h, "changes/0/before_gb"), 7);
	assert_int_equal(number_at(h, "changes/0/after_gb"), 1);
	assert_true(json_is_null(at(h, "changes/1/before_gb")));
	assert_int_equal(count(h, "journal"), entries);
	assert_int_equal(count(h, "imports"), 0);
	assert_int_equal(count(h, "locations"), 1);
	assert_int_equal(count(h, "idempotency_keys"), 0);
	/* The writer's turn is free again. */
	assert_int_equal(import_as(h, &editor, "", CSV, "k"), 200);
}

static void what_is_wrong_is_told_by_its_cell_and_changes_nothing(void **state)
{
	static const struct {
		const char *query, *body, *pointer;
	} rows[] = {
	    {"", "Date,a\n2026-11-01,-1\n", "#cell=2,2"},
	    {"", "Date,a\n2026-11-01,1\n2026-11-02,20000\n", "#cell=3,2"},
	    {"", "Date,a\n2026-11-01,1\nnonsense,1\n", "#cell=3,1"},
	    {"", "Date,a\n01/02/2026,1\n", ""},
	    {"?max_daily_gb=1", "Date,a\n2026-11-01,2\n", "#cell=2,2"},
	};
	struct harness *h = *state;
	int64_t entries = count(h, "journal");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		import_as(h, &editor, rows[i].query, rows[i].body, "k");
		assert_int_equal(h->status, 400);
		assert_string_equal(header(h, "Content-Type"),
		                    "application/problem+json");
		if (*rows[i].pointer != '\0')
			assert_string_equal(text_at(h, "errors/0/pointer"),
			                    rows[i].pointer);
		assert_true(strlen(text_at(h, "errors/0/detail")) > 0);
		assert_true(number_at(h, "report/errors_total") > 0);
		assert_true(json_is_null(at(h, "report/import_id")));
		assert_int_equal(count(h, "journal"), entries);
		assert_int_equal(count(h, "imports"), 0);
		assert_int_equal(count(h, "idempotency_keys"), 0);
	}
}

static void a_body_that_is_no_table_is_refused(void **state)
{
	static const char *const bodies[] = {"x",
	                                     "{\"a\":1}",
	                                     ",,,\n,,,\n",
	                                     "\"\n\"\n\"",
	                                     "\x01\x02",
	                                     "Date,a\n",
	                                     "[{\"date\":}]",
	                                     "<html></html>\n<p>\n",
	                                     "Date,a,a\n2026-11-01,1,2\n",
	                                     "Date,\x1b[31m\n2026-11-01,1\n"};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		import_as(h, &editor, "", bodies[i], NULL);
		assert_int_equal(h->status, 400);
		assert_int_equal(count(h, "imports"), 0);
	}
	import_as(h, &editor, "", NULL, NULL);
	assert_int_equal(h->status, 400);
	import_as(h, &editor, "?unit=TB", CSV, NULL);
	assert_problem(h, 400, "unit");
	import_as(h, &editor, "?max_daily_gb=1000001", CSV, NULL);
	assert_problem(h, 400, "max_daily_gb");
	import_as(h, &editor, "?filename=a%0Ab", CSV, NULL);
	assert_problem(h, 400, "filename");
	send_json(h, &editor, "POST", IMPORTS, "{}");
	assert_problem(h, 415, NULL);
	ask(h, &(struct ask){.method = "POST",
	                     .uri = IMPORTS,
	                     .body = CSV,
	                     .content_type = "text/csvx",
	                     .as = &editor});
	assert_problem(h, 415, NULL);
	ask(h, &(struct ask){.method = "POST",
	                     .uri = IMPORTS,
	                     .body = CSV,
	                     .content_type = "text/csv",
	                     .length = "67108865",
	                     .as = &editor});
	assert_problem(h, 413, NULL);
	ask(h, &(struct ask){.method = "POST",
	                     .uri = IMPORTS,
	                     .body = CSV,
	                     .content_type = "text/csv",
	                     .length = "2000000",
	                     .as = &editor});
	assert_problem(h, 400, "");
	assert_int_equal(count(h, "imports"), 0);
	assert_int_equal(count(h, "jobs"), 0);
}

static void a_repeated_import_happens_once(void **state)
{
	struct harness *h = *state;
	char body[600];

	assert_int_equal(import_as(h, &editor, "", CSV, "k"), 200);
	snprintf(body, sizeof(body), "%s", h->body);
	assert_int_equal(import_as(h, &editor, "", CSV, "k"), 200);
	assert_string_equal(header(h, "Idempotency-Replayed"), "true");
	assert_string_equal(h->body, body);
	assert_int_equal(count(h, "imports"), 1);
	import_as(h, &editor, "?empty=skip", CSV, "k");
	assert_problem(h, 422, NULL);
	import_as(h, &editor, "", "Date,north\n2026-11-01,9\n", "k");
	assert_problem(h, 422, NULL);
	assert_int_equal(count(h, "imports"), 1);
}

static void a_limited_caller_imports_into_what_he_sees(void **state)
{
	static const int64_t north[] = {1, 0};
	struct harness *h = *state;
	struct session_pass limited;
	char first[400];

	harness_location(h, "north");
	harness_location(h, "south");
	limited = harness_login(h, "lim", ROLE_EDITOR, north);
	assert_int_equal(
	    import_as(h, &limited, "", "Date,north\n2026-11-01,1\n", NULL),
	    200);
	/* One that is there and one that is not are told in the same words. */
	import_as(h, &limited, "", "Date,south\n2026-11-01,1\n", NULL);
	assert_int_equal(h->status, 400);
	snprintf(first, sizeof(first), "%s", text_at(h, "errors/0/detail"));
	import_as(h, &limited, "", "Date,soutx\n2026-11-01,1\n", NULL);
	assert_int_equal(h->status, 400);
	*strstr(first, "south") = '\0';
	assert_int_equal(
	    strncmp(first, text_at(h, "errors/0/detail"), strlen(first)), 0);
	assert_int_equal(count(h, "daily_usage"), 1);
	assert_int_equal(count(h, "locations"), 2);
	get(h, &limited, IMPORTS);
	assert_problem(h, 403, NULL);
	send_json(h, &limited, "POST", IMPORTS "/1/undo", NULL);
	assert_problem(h, 403, NULL);
}

/* --- list and undo ----------------------------------------------------------- */

static void imports_are_listed_newest_first_by_pages(void **state)
{
	struct harness *h = *state;

	for (int i = 0; i < 3; i++)
		import_as(h, &editor, "", CSV, NULL);
	assert_int_equal(get(h, &viewer, IMPORTS "?limit=2"), 200);
	assert_non_null(header(h, "ETag"));
	assert_int_equal(json_array_size(at(h, "data")), 2);
	assert_int_equal(number_at(h, "data/0/id"), 3);
	assert_int_equal(number_at(h, "data/0/same"), 4);
	assert_string_equal(text_at(h, "data/0/actor"), "user:edith");
	assert_true(json_is_null(at(h, "data/0/undone_at")));
	assert_int_equal(number_at(h, "next"), 2);
	assert_int_equal(get(h, &viewer, IMPORTS "?limit=2&before=2"), 200);
	assert_int_equal(json_array_size(at(h, "data")), 1);
	assert_int_equal(number_at(h, "data/0/new"), 4);
	assert_true(json_is_null(at(h, "next")));
	get(h, &viewer, IMPORTS "?limit=501");
	assert_problem(h, 400, "limit");
}

static void an_import_is_taken_back_once(void **state)
{
	struct harness *h = *state;

	import_as(h, &editor, "", CSV, NULL);
	assert_int_equal(send_json(h, &editor, "POST", IMPORTS "/1/undo", NULL),
	                 200);
	assert_int_equal(number_at(h, "import_id"), 1);
	assert_int_equal(number_at(h, "removed"), 4);
	assert_int_equal(number_at(h, "restored"), 0);
	assert_int_equal(count(h, "daily_usage"), 0);
	assert_int_equal(count(h, "locations"), 0);
	get(h, &viewer, IMPORTS);
	assert_int_equal(strlen(text_at(h, "data/0/undone_at")), 20);
	send_json(h, &editor, "POST", IMPORTS "/1/undo", NULL);
	assert_problem(h, 409, NULL);
	send_json(h, &editor, "POST", IMPORTS "/2/undo", NULL);
	assert_problem(h, 404, NULL);
}

static void an_import_that_was_changed_since_names_the_cells(void **state)
{
	struct harness *h = *state;
	int64_t entries;

	import_as(h, &editor, "", CSV, NULL);
	send_json(h, &editor, "PUT", "/api/data/daily-usage/1",
	          "{\"usage_gb\":9}");
	entries = count(h, "journal");
	send_json(h, &editor, "POST", IMPORTS "/1/undo", NULL);
	assert_int_equal(h->status, 409);
	assert_int_equal(json_array_size(at(h, "errors")), 1);
	assert_string_equal(text_at(h, "errors/0/date"), "2026-11-01");
	assert_string_equal(text_at(h, "errors/0/location"), "north");
	assert_int_equal(number_at(h, "touched_total"), 1);
	assert_int_equal(count(h, "journal"), entries);
	assert_int_equal(count(h, "daily_usage"), 4);
}

/* --- jobs ------------------------------------------------------------------- */

/* A tool that notes what it got, and then does as body says. */
static void write_tool(struct harness *h, const char *body)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error err = {0};

	strbuf_addf(&text,
	            "#!/bin/sh\ncd %s || exit 1\n"
	            "echo \"$*\" >args\nwc -c >size\n%s\n",
	            h->f->dir, body);
	assert_ok(fs_write_atomic(fixture_path(h->f, "dum-import"), text.buf,
	                          text.len, 0700, &err),
	          &err);
	assert_ok(config_set(&h->f->config, "TOOLS_DIR", h->f->dir, NULL, &err),
	          &err);
	strbuf_release(&text);
}

static void assert_note(struct harness *h, const char *name, const char *text)
{
	struct strbuf got = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(fs_read_file(&got, fixture_path(h->f, name), 1000, &err),
	          &err);
	assert_string_equal(got.buf, text);
	strbuf_release(&got);
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

	write_tool(h, "");
	assert_int_equal(import_as(h, &editor, "?unit=MB", large, "k"), 202);
	assert_string_equal(header(h, "Location"), "/api/jobs/1");
	assert_body(h, "{\"id\":1,\"kind\":\"import\",\"state\":\"queued\","
	               "\"progress\":0.0,\"message\":null,"
	               "\"started_at\":null,\"finished_at\":null,"
	               "\"result\":null}");
	assert_true(wait(NULL) > 0);
	assert_note(h, "args", "--config dum.conf --job 1\n");
	snprintf(size, sizeof(size), "%zu\n", strlen(large));
	assert_note(h, "size", size);
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
	assert_note(h, "size", size);
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
	write_tool(h, "exit 1");
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

/* End what write_tool()'s "echo $$ >>pids" made, so many of them. */
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

	write_tool(h, "echo $$ >>pids; exec sleep 60");
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
	write_tool(h, "");
	assert_int_equal(import_as(h, &editor, "", large, "k"), 202);
	assert_true(wait(NULL) > 0);
	free(large);
}

static void a_tool_that_is_not_there_leaves_nothing(void **state)
{
	struct harness *h = *state;
	char *large = table(1100000, 500);

	write_tool(h, "");
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
	write_tool(h, "");
	assert_int_equal(send_json(h, &editor, "POST", IMPORTS "/1/undo", NULL),
	                 202);
	assert_string_equal(text_at(h, "kind"), "import_undo");
	assert_true(wait(NULL) > 0);
	assert_note(h, "size", "0\n");
	assert_int_equal(count(h, "jobs WHERE request = '{\"import_id\":1}'"),
	                 1);
	assert_int_equal(count(h, "daily_usage"), 4);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_table_is_taken_in_as_by_dum_import),
	    TEST(the_options_are_those_of_dum_import),
	    TEST(a_dry_run_shows_the_cells_and_changes_nothing),
	    TEST(what_is_wrong_is_told_by_its_cell_and_changes_nothing),
	    TEST(a_body_that_is_no_table_is_refused),
	    TEST(a_repeated_import_happens_once),
	    TEST(a_limited_caller_imports_into_what_he_sees),
	    TEST(imports_are_listed_newest_first_by_pages),
	    TEST(an_import_is_taken_back_once),
	    TEST(an_import_that_was_changed_since_names_the_cells),
	    TEST(a_large_table_becomes_a_job),
	    TEST(a_job_is_shown_to_its_maker_and_to_admins),
	    TEST(the_undo_of_a_large_import_becomes_a_job),
	    TEST(a_tool_that_is_not_there_leaves_nothing),
	    TEST(no_more_jobs_are_started_than_there_is_room_for),
	};

	return cmocka_run_group_tests_name("imports", tests, NULL, NULL);
}
