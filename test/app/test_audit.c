/* Handler tests of /api/audit. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/journal.h"
#include "store/usage_batch.h"

#define AUDIT "/api/audit"

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "admin", ROLE_ADMIN, NULL);
	return 0;
}

static void a_change_tells_from_what_to_what(void **state)
{
	struct harness *h = *state;

	harness_location(h, "a");
	harness_wait(h, 60);
	send_json(h, &admin, "PATCH", "/api/data/locations/1",
	          "{\"display_name\":\"\\\"quoted\\\" \xc3\xa4\"}");
	assert_int_equal(h->status, 200);
	get(h, &admin, AUDIT "?limit=1");
	assert_int_equal(h->status, 200);
	assert_int_equal(json_object_size(at(h, "data/0")), 12);
	assert_string_equal(text_at(h, "data/0/at"), "2026-11-24T14:01:00Z");
	assert_string_equal(text_at(h, "data/0/actor"), "user:admin");
	assert_string_equal(text_at(h, "data/0/address"), "192.0.2.7");
	assert_string_equal(text_at(h, "data/0/source"), "api");
	assert_string_equal(text_at(h, "data/0/request_id"),
	                    "0123456789abcdef");
	assert_string_equal(text_at(h, "data/0/kind"), "change");
	assert_string_equal(text_at(h, "data/0/op"), "update");
	assert_string_equal(text_at(h, "data/0/table"), "locations");
	assert_string_equal(text_at(h, "data/0/pk"), "1");
	assert_string_equal(text_at(h, "data/0/before/display_name"), "A");
	assert_string_equal(text_at(h, "data/0/after/display_name"),
	                    "\"quoted\" \xc3\xa4");
}

/* A thousand days of two locations at once, but for the first of each. */
static void put_many(struct harness *h, struct date from)
{
	int64_t a = harness_location(h, "a"), b = harness_location(h, "b");
	struct usage_batch *batch = NULL;
	enum usage_change change;
	struct dum_error err = {0};

	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	assert_ok(usage_batch_open(&batch, h->f->db, 0, &err), &err);
	for (int i = 0; i < 1000; i++) {
		struct date day = date_add(from, i);

		assert_ok(usage_batch_put(&change, batch, day, a, 1000 + i,
		                          USAGE_REPLACE, &err),
		          &err);
		assert_ok(usage_batch_put(&change, batch, day, b, 2000 + i,
		                          USAGE_REPLACE, &err),
		          &err);
	}
	assert_ok(usage_batch_finish(batch, &err), &err);
	usage_batch_free(batch);
	assert_ok(db_commit(h->f->db, &err), &err);
}

static void many_days_at_once_are_told_by_their_number(void **state)
{
	struct harness *h = *state;
	int64_t days = 0, records = 0;

	put_many(h, (struct date){2023, 1, 1});
	get(h, &admin, AUDIT "?table=daily_usage&limit=500");
	assert_int_equal(h->status, 200);
	assert_true(json_array_size(at(h, "data")) >= 1);
	for (size_t i = 0; i < json_array_size(at(h, "data")); i++) {
		char path[64];

		snprintf(path, sizeof(path), "data/%zu/before", i);
		assert_true(json_is_null(at(h, path)));
		snprintf(path, sizeof(path), "data/%zu/after/day_count", i);
		days += number_at(h, path);
		snprintf(path, sizeof(path), "data/%zu/after/record_count", i);
		records += number_at(h, path);
	}
	assert_in_range(days, 1000, 1000 + json_array_size(at(h, "data")));
	assert_int_equal(records, 2000);
}

static void an_event_is_told_apart(void **state)
{
	struct harness *h = *state;

	send_json(h, NULL, "POST", "/api/auth/login",
	          "{\"username\":\"eve\",\"password\":\"not that one\"}");
	get(h, &admin, AUDIT "?limit=1");
	assert_string_equal(text_at(h, "data/0/kind"), "event");
	assert_string_equal(text_at(h, "data/0/op"), "login_failed");
	assert_string_equal(text_at(h, "data/0/actor"), "nobody");
	assert_string_equal(text_at(h, "data/0/pk"), "eve");
	assert_true(json_is_null(at(h, "data/0/table")));
	assert_true(json_is_null(at(h, "data/0/before")));
	assert_true(json_is_object(at(h, "data/0/after")));
}

/* Counted by the list, page after page, and by SQL. */
static void check_filter(struct harness *h, const char *query,
                         const char *condition)
{
	int64_t wanted, got = 0, last = INT64_MAX;
	char uri[300], sql[300];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM journal WHERE %s",
	         condition);
	wanted = fixture_number(h->f, sql);
	snprintf(uri, sizeof(uri), AUDIT "?limit=3%s", query);
	for (;;) {
		size_t n;

		assert_int_equal(get(h, &admin, uri), 200);
		n = json_array_size(at(h, "data"));
		for (size_t i = 0; i < n; i++) {
			char path[32];

			snprintf(path, sizeof(path), "data/%zu/id", i);
			assert_true(number_at(h, path) < last);
			last = number_at(h, path);
		}
		got += (int64_t)n;
		if (json_is_null(at(h, "next")))
			break;
		assert_int_equal(n, 3);
		snprintf(uri, sizeof(uri), AUDIT "?limit=3%s&before=%lld",
		         query, (long long)number_at(h, "next"));
	}
	if (got != wanted)
		fail_msg("%s gives %lld, SQL %lld", query, (long long)got,
		         (long long)wanted);
}

static void filters_and_pages_give_what_sql_does(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_EDITOR, NULL);

	harness_location(h, "a");
	for (int day = 1; day <= 7; day++) {
		char body[100];

		snprintf(body, sizeof(body),
		         "{\"date\":\"2026-11-%02d\",\"location_id\":1,"
		         "\"usage_gb\":1}",
		         day);
		send_json(h, day % 2 ? &bob : &admin, "POST",
		          "/api/data/daily-usage", body);
		assert_int_equal(h->status, 201);
		harness_wait(h, 86400 / 4);
		fixture_exec(h->f, "UPDATE sessions SET seen_at = 2000000000,"
		                   " expires_at = 2000000000");
	}
	send_json(h, NULL, "POST", "/api/auth/login",
	          "{\"username\":\"eve\",\"password\":\"not that one\"}");
	check_filter(h, "", "1");
	check_filter(h, "&kind=change", "tbl <> 'event'");
	check_filter(h, "&kind=event", "tbl = 'event'");
	check_filter(h, "&actor=user:bob", "actor = 'user:bob'");
	check_filter(h, "&actor=user%3Abob&op=insert",
	             "actor = 'user:bob' AND op = 'insert'");
	check_filter(h, "&op=insert", "op = 'insert'");
	check_filter(h, "&op=login_failed", "op = 'login_failed'");
	check_filter(h, "&table=daily_usage", "tbl = 'daily_usage'");
	check_filter(h, "&table=users&kind=change", "tbl = 'users'");
	check_filter(h, "&start_date=2026-11-25", "at >= '2026-11-25'");
	check_filter(h, "&end_date=2026-11-24", "at < '2026-11-25'");
	check_filter(h, "&start_date=2026-11-25&end_date=2026-11-25",
	             "at >= '2026-11-25' AND at < '2026-11-26'");
	check_filter(h, "&actor=user:nobody-here", "0");
	check_filter(h, "&actor=%27+OR+1=1+--", "0");
}

static void wrong_parameters_are_named(void **state)
{
	static const struct {
		const char *query, *name;
	} rows[] = {
	    {"kind=all", "kind"},
	    {"kind=", "kind"},
	    {"actor=", "actor"},
	    {"actor=a%00b", "actor"},
	    {"op=a%0ab", "op"},
	    {"table=%ff", "table"},
	    {"limit=0", "limit"},
	    {"limit=501", "limit"},
	    {"before=0", "before"},
	    {"before=-1", "before"},
	    {"before=x", "before"},
	    {"start_date=2026-02-30", "start_date"},
	    {"end_date=now", "end_date"},
	    {"start_date=2026-11-02&end_date=2026-11-01", "end_date"},
	    {"page=1", "page"},
	    {"op=a&op=b", "op"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char uri[160];

		snprintf(uri, sizeof(uri), AUDIT "?%s", rows[i].query);
		get(h, &admin, uri);
		assert_problem(h, 400, rows[i].name);
	}
}

static void a_long_page_streams_in_pieces(void **state)
{
	struct harness *h = *state;
	struct dum_error err = {0};
	static char detail[4096];

	/* A page of them is more than what is collected to make a tag of. */
	snprintf(detail, sizeof(detail), "{\"file\":\"%0*d\"}",
	         (int)sizeof(detail) - 16, 0);
	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	for (int i = 0; i < 600; i++) {
		struct journal_event event = {.name = "export",
		                              .detail = detail};

		assert_ok(journal_event(h->f->db, &event, &err), &err);
	}
	assert_ok(db_commit(h->f->db, &err), &err);
	get(h, &admin, AUDIT "?limit=500&op=export");
	assert_true(h->writes > 2);
	assert_null(header(h, "ETag"));
	assert_int_equal(json_array_size(at(h, "data")), 500);
	assert_true(json_is_integer(at(h, "next")));
	get(h, &admin, AUDIT "?op=export");
	assert_int_equal(json_array_size(at(h, "data")), 50);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_change_tells_from_what_to_what),
	    TEST(many_days_at_once_are_told_by_their_number),
	    TEST(an_event_is_told_apart),
	    TEST(filters_and_pages_give_what_sql_does),
	    TEST(wrong_parameters_are_named),
	    TEST(a_long_page_streams_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
