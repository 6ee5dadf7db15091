/*
 * Handler tests of callers that see some locations and no others: what they
 * get is what they would get if the others were not there.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS "/api/data/daily-usage"

/* Of two installations, one has all, the other those of the limited alone. */
struct pair {
	struct harness *all;
	struct session_pass limited; /* in .all */
	struct harness *some;
	struct session_pass whole; /* in .some: sees all there is */
};

/* The same ids in both: in .some, what is not seen is deleted again. */
static void fill(struct harness *h)
{
	for (int i = 1; i <= 4; i++) {
		char name[32];

		snprintf(name, sizeof(name), "site%d", i);
		assert_int_equal(harness_location(h, name), i);
	}
	fixture_exec(h->f,
	             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	             " SELECT i + 1 FROM n WHERE i < 99)"
	             " INSERT INTO daily_usage (date, location_id,"
	             " usage_bytes, updated_at)"
	             " SELECT date('2026-11-24', '-' || (i + l.id) || ' days'),"
	             " l.id, (l.id * 7919 + i * 104729) % 1009 * 100000000,"
	             " '2026-11-24T14:00:00Z'"
	             " FROM n, locations AS l;"
	             " INSERT INTO location_records"
	             " SELECT location_id, count(*) FROM daily_usage"
	             " GROUP BY location_id");
}

static int setup(void **state)
{
	static const int64_t limit[] = {2, 3, 0};
	struct pair *pair = calloc(1, sizeof(*pair));
	void *one = NULL, *other = NULL;

	assert_non_null(pair);
	harness_setup(&one);
	harness_setup(&other);
	pair->all = one;
	pair->some = other;
	fill(pair->all);
	fill(pair->some);
	pair->limited = harness_login(pair->all, "limited", ROLE_EDITOR, limit);
	pair->whole = harness_login(pair->some, "whole", ROLE_EDITOR, NULL);
	fixture_exec(pair->some->f,
	             "DELETE FROM location_records WHERE location_id IN (1, 4);"
	             " DELETE FROM daily_usage WHERE location_id IN (1, 4);"
	             " DELETE FROM locations WHERE id IN (1, 4);"
	             " UPDATE counters SET value = 2 WHERE name = 'locations'");
	*state = pair;
	return 0;
}

static int teardown(void **state)
{
	struct pair *pair = *state;
	void *one = pair->all, *other = pair->some;

	harness_teardown(&one);
	harness_teardown(&other);
	free(pair);
	return 0;
}

static void reads_are_those_of_an_installation_without_the_rest(void **state)
{
	static const char *const uris[] = {
	    "/api/data/locations",
	    "/api/data/locations?include_inactive=true",
	    DAYS,
	    DAYS "?page=1",
	    DAYS "?page=3&per_page=7",
	    DAYS "?per_page=5&start_date=2026-10-01&end_date=2026-10-31",
	    DAYS "?start_date=2026-11-01",
	    DAYS "?location_id=2",
	    DAYS "?location_id=1",
	    DAYS "?location_id=4&page=1",
	    DAYS "/1",
	    DAYS "/2",
	    DAYS "/3",
	    DAYS "/4",
	    DAYS "/400",
	    DAYS "/401",
	    "/api/dashboard/overview",
	    "/api/dashboard/usage-trends",
	    "/api/dashboard/usage-trends?days=3660&format=columns",
	    "/api/dashboard/usage-trends?location_id=3",
	    "/api/dashboard/usage-trends?location_id=4&format=columns",
	};
	struct pair *pair = *state;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		int status = get(pair->all, &pair->limited, uris[i]);

		assert_int_equal(get(pair->some, &pair->whole, uris[i]),
		                 status);
		if (strcmp(pair->all->body, pair->some->body) != 0)
			fail_msg("%s\nlimited: %s\nalone:   %s", uris[i],
			         pair->all->body, pair->some->body);
	}
	assert_int_equal(get(pair->all, &pair->limited, DAYS "?location_id=1"),
	                 400);
	assert_int_equal(get(pair->all, &pair->limited, DAYS "/1"), 404);
	assert_int_equal(get(pair->all, &pair->limited, DAYS "/2"), 200);
}

static void a_key_sees_as_little(void **state)
{
	static const int64_t limit[] = {2, 3, 0};
	struct pair *pair = *state;
	char *key = harness_key(pair->all, SCOPE_READ, limit);

	ask(pair->all, &(struct ask){.method = "GET",
	                             .uri = "/api/dashboard/overview",
	                             .key = key});
	get(pair->some, &pair->whole, "/api/dashboard/overview");
	assert_string_equal(pair->all->body, pair->some->body);
	free(key);
}

static void one_caller_after_the_other_sees_his_own(void **state)
{
	static const int64_t first[] = {1, 0};
	struct pair *pair = *state;
	struct harness *h = pair->all;
	struct session_pass one = harness_login(h, "one", ROLE_VIEWER, first);
	struct session_pass boss = harness_login(h, "boss", ROLE_ADMIN, NULL);

	for (int i = 0; i < 3; i++) {
		get(h, &one, "/api/data/locations");
		assert_int_equal(json_array_size(h->json), 1);
		get(h, &boss, "/api/data/locations");
		assert_int_equal(json_array_size(h->json), 4);
		get(h, &pair->limited, "/api/data/locations");
		assert_int_equal(json_array_size(h->json), 2);
		get(h, NULL, "/api/data/locations");
		assert_problem(h, 401, NULL);
	}
}

static void a_limited_editor_writes_to_his_locations_alone(void **state)
{
	struct pair *pair = *state;
	struct harness *h = pair->all;
	int64_t sum = fixture_number(h->f,
	                             "SELECT sum(usage_bytes) FROM daily_usage"
	                             " WHERE location_id IN (1, 4)");

	/* A day that is there, and one that is not. */
	send_json(h, &pair->limited, "POST", DAYS,
	          "{\"date\":\"2026-11-23\",\"location_id\":1,"
	          "\"usage_gb\":1}");
	assert_problem(h, 400, "/location_id");
	send_json(h, &pair->limited, "POST", DAYS,
	          "{\"date\":\"2026-11-25\",\"location_id\":4,"
	          "\"usage_gb\":1}");
	assert_problem(h, 400, "/location_id");
	send_json(h, &pair->limited, "PUT", DAYS "/1", "{\"usage_gb\":1}");
	assert_problem(h, 404, NULL);
	send_json(h, &pair->limited, "DELETE", DAYS "/4", NULL);
	assert_problem(h, 404, NULL);
	assert_int_equal(
	    fixture_number(h->f, "SELECT sum(usage_bytes) FROM daily_usage"
	                         " WHERE location_id IN (1, 4)"),
	    sum);
	send_json(h, &pair->limited, "POST", DAYS,
	          "{\"date\":\"2026-11-25\",\"location_id\":2,"
	          "\"usage_gb\":1}");
	assert_int_equal(h->status, 201);
	send_json(h, &pair->limited, "PUT", DAYS "/2", "{\"usage_gb\":1}");
	assert_int_equal(h->status, 200);
	send_json(h, &pair->limited, "DELETE", DAYS "/2", NULL);
	assert_int_equal(h->status, 204);
}

/* What is not seen does not show by the answer to a name either. */
static void an_unseen_location_looks_like_none(void **state)
{
	static const char *const ids[] = {"4", "77"};
	char *answers[2];
	struct pair *pair = *state;
	struct harness *h = pair->all;

	for (int i = 0; i < 2; i++) {
		char body[128], *number;

		snprintf(body, sizeof(body),
		         "{\"date\":\"2026-11-25\",\"location_id\":%s,"
		         "\"usage_gb\":1}",
		         ids[i]);
		send_json(h, &pair->limited, "POST", DAYS, body);
		assert_problem(h, 400, "/location_id");
		answers[i] = strdup(text_at(h, "detail"));
		number = strstr(answers[i], ids[i]);
		assert_non_null(number);
		number[0] = 'N';
		memmove(number + 1, number + strlen(ids[i]),
		        strlen(number + strlen(ids[i])) + 1);
	}
	assert_string_equal(answers[0], answers[1]);
	free(answers[0]);
	free(answers[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reads_are_those_of_an_installation_without_the_rest),
	    TEST(a_key_sees_as_little),
	    TEST(one_caller_after_the_other_sees_his_own),
	    TEST(a_limited_editor_writes_to_his_locations_alone),
	    TEST(an_unseen_location_looks_like_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
