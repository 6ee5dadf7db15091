/* Handler tests of /api/imports: what the worker takes in by itself. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

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

/* --- in the worker -------------------------------------------------------- */

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
	assert_int_equal(import_as(h, &editor, "?filename=a%2F", CSV, NULL),
	                 200);
	assert_int_equal(number_at(h, "same"), 4);
	assert_int_equal(count(h, "imports WHERE file_name = 'upload.csv'"), 1);
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

/* A program that reads the answer has no command line to say --year on. */
static void a_complaint_names_the_parameter_that_would_help(void **state)
{
	static const struct {
		const char *csv, *option;
	} cases[] = {
	    {"d,A\n01/02/2026,1\n02/03/2026,1\n", "date_format"},
	    {"d,A\n2026-01-01,\"1,234\"\n", "decimal"},
	    {"d,A\n2026-01-01;1,5\n", NULL},
	    {"d,A\n29-Feb,1\n1-Aug,1\n1-Jan,1\n29-Feb,1\n", "year"},
	    {"d,A\n2027-06-01,1\n", "allow_future"},
	    {"d,A\n2026-01-01,20000\n", "max_daily_gb"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct harness *h = *state;
		const json_t *error;

		assert_int_equal(
		    import_as(h, &editor, "?unit=GB", cases[i].csv, NULL), 400);
		assert_null(strstr(text_at(h, "errors/0/detail"), "--"));
		error = at(h, "errors/0");
		if (cases[i].option == NULL) {
			assert_null(json_object_get(error, "option"));
			continue;
		}
		assert_string_equal(text_at(h, "errors/0/option"),
		                    cases[i].option);
		assert_string_equal(text_at(h, "report/errors/0/option"),
		                    cases[i].option);
	}
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

/* --- list and undo -------------------------------------------------------- */

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

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_table_is_taken_in_as_by_dum_import),
	    TEST(the_options_are_those_of_dum_import),
	    TEST(a_complaint_names_the_parameter_that_would_help),
	    TEST(a_dry_run_shows_the_cells_and_changes_nothing),
	    TEST(what_is_wrong_is_told_by_its_cell_and_changes_nothing),
	    TEST(a_body_that_is_no_table_is_refused),
	    TEST(a_repeated_import_happens_once),
	    TEST(a_limited_caller_imports_into_what_he_sees),
	    TEST(imports_are_listed_newest_first_by_pages),
	    TEST(an_import_is_taken_back_once),
	    TEST(an_import_that_was_changed_since_names_the_cells),
	};

	return cmocka_run_group_tests_name("imports", tests, NULL, NULL);
}
