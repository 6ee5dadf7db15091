/* Handler tests of GET /api/data/daily-usage as text/csv. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "csv_answer.h"

#define DAYS "/api/data/daily-usage"
#define TYPE "text/csv; charset=utf-8; header=present"

static struct session_pass viewer;

static int setup(void **state)
{
	struct harness *h;

	harness_setup(state);
	h = *state;
	viewer = harness_login(h, "vera", ROLE_VIEWER, NULL);
	harness_location(h, "north");
	harness_location(h, "=1+1");
	harness_day(h, "2026-11-01", 1, 1500000000);
	harness_day(h, "2026-11-01", 2, 1);
	harness_day(h, "2026-11-02", 1, 0);
	return 0;
}

static int64_t exports(struct harness *h)
{
	return fixture_number(h->f, "SELECT count(*) FROM journal WHERE tbl = "
	                            "'event' AND op = 'export'");
}

static int get_as(struct harness *h, const char *uri, const char *accept,
                  const char *if_none_match)
{
	return ask(h, &(struct ask){.method = "GET",
	                            .uri = uri,
	                            .accept = accept,
	                            .if_none_match = if_none_match,
	                            .as = &viewer});
}

enum { MANY = 5000 };

/* More than is sent in one piece. */
static void add_many_days(struct harness *h)
{
	fixture_exec(h->f,
	             "INSERT INTO daily_usage (date, location_id, usage_bytes) "
	             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
	             "FROM n WHERE i < 5000) SELECT date('2000-01-01', i || "
	             "' days'), 1, i FROM n");
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

static void the_days_are_a_table_that_dum_import_takes(void **state)
{
	static const char all[] = "date,location,usage_gb\n"
	                          "2026-11-02,north,0\n"
	                          "2026-11-01,north,1.5\n"
	                          "2026-11-01,'=1+1,0.000000001\n";
	struct harness *h = *state;

	assert_int_equal(get_as(h, DAYS, "text/csv", NULL), 200);
	assert_string_equal(header(h, "Content-Type"), TYPE);
	assert_string_equal(header(h, "Content-Disposition"),
	                    "attachment; filename=\"daily-usage.csv\"");
	assert_string_equal(header(h, "Vary"), "Accept");
	assert_string_equal(h->body, all);
	assert_int_equal(get_as(h, DAYS "?format=csv", NULL, NULL), 200);
	assert_string_equal(h->body, all);
	assert_int_equal(get_as(h,
	                        DAYS "?format=csv&location_id=1&"
	                             "end_date=2026-11-01",
	                        "application/json", NULL),
	                 200);
	assert_string_equal(h->body, "date,location,usage_gb\n"
	                             "2026-11-01,north,1.5\n");
	assert_int_equal(
	    get_as(h, DAYS "?format=csv&page=2&per_page=1", NULL, NULL), 200);
	assert_string_equal(h->body, "date,location,usage_gb\n"
	                             "2026-11-01,north,1.5\n");
	assert_int_equal(exports(h), 4);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal WHERE op = "
	                         "'export' AND actor = 'user:vera' AND pk = "
	                         "'" DAYS "' AND after LIKE "
	                         "'%location_id=1&end_date%'"),
	    1);
}

static void json_stays_what_it_was(void **state)
{
	struct harness *h = *state;

	get_as(h, DAYS, NULL, NULL);
	assert_string_equal(header(h, "Content-Type"), "application/json");
	assert_string_equal(header(h, "Vary"), "Accept");
	assert_null(header(h, "Content-Disposition"));
	get_as(h, DAYS "?format=json", "text/csv", NULL);
	assert_string_equal(header(h, "Content-Type"), "application/json");
	get_as(h, DAYS "?format=xml", NULL, NULL);
	assert_problem(h, 400, "format");
	assert_int_equal(exports(h), 0);
	/* No other read is to be had so. */
	get_as(h, "/api/data/locations", "text/csv", NULL);
	assert_string_equal(header(h, "Content-Type"), "application/json");
}

static void the_two_forms_never_stand_for_each_other(void **state)
{
	struct harness *h = *state;
	char json[64], csv[64];

	get_as(h, DAYS, NULL, NULL);
	snprintf(json, sizeof(json), "%s", header(h, "ETag"));
	get_as(h, DAYS, "text/csv", NULL);
	snprintf(csv, sizeof(csv), "%s", header(h, "ETag"));
	assert_string_not_equal(json, csv);
	/* Nor by way of the answers that are kept. */
	get_as(h, DAYS, NULL, NULL);
	assert_int_equal(*h->body, '[');
	get_as(h, DAYS, "text/csv", NULL);
	assert_int_equal(*h->body, 'd');
	assert_int_equal(exports(h), 2);
	/* What is not sent is no export. */
	assert_int_equal(get_as(h, DAYS, "text/csv", csv), 304);
	assert_int_equal(get_as(h, DAYS, "text/csv", json), 200);
	ask(h, &(struct ask){.method = "HEAD",
	                     .uri = DAYS,
	                     .accept = "text/csv",
	                     .as = &viewer});
	assert_string_equal(header(h, "Content-Type"), TYPE);
	assert_int_equal(exports(h), 3);
	get_as(h, DAYS "?format=csv&location_id=9", NULL, NULL);
	assert_problem(h, 400, "location_id");
	assert_int_equal(exports(h), 3);
}

static void nothing_is_sent_that_could_not_be_entered(void **state)
{
	struct harness *h = *state;

	harness_busy(h);
	get_as(h, DAYS, "text/csv", NULL);
	assert_problem(h, 503, NULL);
	assert_string_equal(header(h, "Retry-After"), "1");
	assert_non_null(strstr(text_at(h, "detail"), "written down first"));
	/* Which JSON does not need. */
	assert_int_equal(get_as(h, DAYS, NULL, NULL), 200);
	harness_idle(h);
	assert_int_equal(exports(h), 0);
	/* Nor the beginning of what is too long for one piece. */
	add_many_days(h);
	harness_busy(h);
	get_as(h, DAYS, "text/csv", NULL);
	assert_problem(h, 503, NULL);
	harness_idle(h);
	assert_int_equal(exports(h), 0);
	get_as(h, DAYS, "text/csv", NULL);
	assert_false(h->lost);
	assert_true(h->writes > 3);
	assert_int_equal(exports(h), 1);
	assert_string_equal(header(h, "Content-Type"), TYPE);
	assert_int_equal(lines(h->body), 1 + 3 + MANY);
}

static void who_breaks_it_off_took_it_all_the_same(void **state)
{
	struct harness *h = *state;

	add_many_days(h);
	for (size_t pieces = 1; pieces <= 3; pieces++) {
		ask(h, &(struct ask){.method = "GET",
		                     .uri = DAYS,
		                     .accept = "text/csv",
		                     .as = &viewer,
		                     .peer_leaves_after = pieces});
		assert_true(h->lost);
		assert_int_equal(exports(h), pieces);
	}
}

static void what_is_accepted_is_weighed(void **state)
{
	static const struct {
		const char *accept;
		bool csv;
	} rows[] = {
	    {"", false},
	    {"*/*", false},
	    {"text/csv", true},
	    {"TEXT/CSV", true},
	    {"text/csv; charset=utf-8", true},
	    {"text/*", true},
	    {"text/csv, */*", false},
	    {"text/csv, */*;q=0.5", true},
	    {"application/json, text/csv", false},
	    {"application/json;q=0.8, text/csv;q=0.9", true},
	    {"application/json;q=0.9, text/csv;q=0.05", false},
	    {"application/*;q=0.2,text/csv;q=0.25", true},
	    {"text/csv;q=0", false},
	    {"text/csv;q=0.000, */*;q=0", false},
	    {"text/csvx", false},
	    {"xtext/csv", false},
	    {"text/html, text/*;q=0.1, */*;q=0.01", true},
	    {",,, ;q=1, text", false},
	    {"text/csv;q=", true},
	    {"/", false},
	    {"*", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (csv_answer_accepted(rows[i].accept) != rows[i].csv)
			fail_msg("%s", rows[i].accept);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_days_are_a_table_that_dum_import_takes),
	    TEST(json_stays_what_it_was),
	    TEST(the_two_forms_never_stand_for_each_other),
	    TEST(nothing_is_sent_that_could_not_be_entered),
	    TEST(who_breaks_it_off_took_it_all_the_same),
	    cmocka_unit_test(what_is_accepted_is_weighed),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
