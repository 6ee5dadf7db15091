/* Handler tests of /api/keys. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS      "/api/keys"
#define LOCATIONS "/api/data/locations"

static struct session_pass admin;

static int setup(void **state)
{
	harness_setup(state);
	admin = harness_login(*state, "admin", ROLE_ADMIN, NULL);
	harness_location(*state, "a");
	harness_location(*state, "b");
	return 0;
}

static int use(struct harness *h, const char *key)
{
	return ask(
	    h, &(struct ask){.method = "GET", .uri = LOCATIONS, .key = key});
}

static void a_key_is_told_once(void **state)
{
	struct harness *h = *state;
	char *key, listed[400], prefix[16];

	send_json(h, &admin, "POST", KEYS,
	          "{\"name\":\"cron on b\xc3\xbcro\","
	          "\"scopes\":[\"write\",\"read\"],\"locations\":[2],"
	          "\"expires_at\":\"2026-12-01T00:00:00Z\"}");
	assert_int_equal(h->status, 201);
	assert_string_equal(header(h, "Location"), KEYS "/1");
	key = strdup(text_at(h, "key"));
	assert_int_equal(strlen(key), 4 + 8 + 1 + 43 + 6);
	assert_int_equal(strncmp(key, "dum_", 4), 0);
	snprintf(prefix, sizeof(prefix), "%s", text_at(h, "prefix"));
	assert_int_equal(strncmp(key + 4, prefix, 8), 0);
	assert_int_equal(use(h, key), 200);
	get(h, &admin, KEYS);
	assert_int_equal(h->status, 200);
	snprintf(listed, sizeof(listed),
	         "[{\"id\":1,\"prefix\":\"%s\","
	         "\"name\":\"cron on b\xc3\xbcro\","
	         "\"scopes\":[\"read\",\"write\"],\"locations\":[2],"
	         "\"created_by\":\"admin\","
	         "\"created_at\":\"2026-11-24T14:00:00Z\","
	         "\"expires_at\":\"2026-12-01T00:00:00Z\","
	         "\"last_used_at\":\"2026-11-24T14:00:00Z\","
	         "\"revoked_at\":null}]",
	         prefix);
	assert_body(h, listed);
	/* Of the secret, nothing is left anywhere. */
	assert_int_equal(
	    fixture_number(h->f,
	                   "SELECT count(*) FROM journal"
	                   " WHERE coalesce(after, '') LIKE '%dum!_%' ESCAPE "
	                   "'!' OR coalesce(after, '') LIKE '%hash%'"),
	    0);
	free(key);
}

static void keys_are_listed_newest_first(void **state)
{
	struct harness *h = *state;

	free(harness_key(h, SCOPE_METRICS, NULL));
	send_json(h, &admin, "POST", KEYS,
	          "{\"name\":\"x\",\"scopes\":[\"admin\"],\"locations\":null,"
	          "\"expires_at\":null}");
	assert_int_equal(h->status, 201);
	get(h, &admin, KEYS);
	assert_int_equal(number_at(h, "0/id"), 2);
	assert_int_equal(number_at(h, "1/id"), 1);
	/* Made on the command line. */
	assert_true(json_is_null(at(h, "1/created_by")));
	assert_true(json_is_null(at(h, "1/expires_at")));
	assert_true(json_is_null(at(h, "1/last_used_at")));
	assert_true(json_is_null(at(h, "1/locations")));
}

static void a_key_that_is_wrong_is_named(void **state)
{
	static const struct {
		const char *body, *pointer;
	} rows[] = {
	    {"{}", "/name"},
	    {"{\"name\":\"k\"}", "/scopes"},
	    {"{\"scopes\":[\"read\"]}", "/name"},
	    {"{\"name\":\"\",\"scopes\":[\"read\"]}", "/name"},
	    {"{\"name\":\"a\\nb\",\"scopes\":[\"read\"]}", "/name"},
	    {"{\"name\":\"k\",\"scopes\":[]}", "/scopes"},
	    {"{\"name\":\"k\",\"scopes\":\"read\"}", "/scopes"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\",\"root\"]}", "/scopes"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\",\"read\"]}", "/scopes"},
	    {"{\"name\":\"k\",\"scopes\":[1]}", "/scopes"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\"],\"locations\":[9]}",
	     "/locations"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\"],\"locations\":[]}",
	     "/locations"},
	    {"{\"name\":\"k\",\"scopes\":[\"admin\"],\"locations\":[1]}",
	     "/locations"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\"],"
	     "\"expires_at\":\"2026-11-24T14:00:00Z\"}",
	     "/expires_at"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\"],"
	     "\"expires_at\":\"1970-01-01T00:00:00Z\"}",
	     "/expires_at"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\"],"
	     "\"expires_at\":\"2027-01-01\"}",
	     "/expires_at"},
	    {"{\"name\":\"k\",\"scopes\":[\"read\"],\"prefix\":\"x\"}",
	     "/prefix"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &admin, "POST", KEYS, rows[i].body);
		assert_problem(h, 400, rows[i].pointer);
	}
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM api_keys"),
	                 0);
}

static void a_key_ends_when_it_should(void **state)
{
	struct harness *h = *state;
	char *key;

	send_json(h, &admin, "POST", KEYS,
	          "{\"name\":\"k\",\"scopes\":[\"read\"],"
	          "\"expires_at\":\"2026-11-24T14:00:10Z\"}");
	key = strdup(text_at(h, "key"));
	harness_wait(h, 9);
	assert_int_equal(use(h, key), 200);
	harness_wait(h, 1);
	use(h, key);
	assert_problem(h, 401, NULL);
	free(key);
}

static void a_revoked_key_is_nobodys(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_READ, NULL);

	assert_int_equal(use(h, key), 200);
	harness_wait(h, 60);
	send_json(h, &admin, "DELETE", KEYS "/1", NULL);
	assert_int_equal(h->status, 204);
	use(h, key);
	assert_problem(h, 401, NULL);
	get(h, &admin, KEYS);
	assert_string_equal(text_at(h, "0/revoked_at"), "2026-11-24T14:01:00Z");
	harness_wait(h, 60);
	send_json(h, &admin, "DELETE", KEYS "/1", NULL);
	assert_int_equal(h->status, 204);
	get(h, &admin, KEYS);
	assert_string_equal(text_at(h, "0/revoked_at"), "2026-11-24T14:01:00Z");
	send_json(h, &admin, "DELETE", KEYS "/9", NULL);
	assert_problem(h, 404, NULL);
	free(key);
}

/* A key that another key made: its text. */
static char *made_with(struct harness *h, const char *key)
{
	ask(h,
	    &(struct ask){.method = "POST",
	                  .uri = KEYS,
	                  .key = key,
	                  .body = "{\"name\":\"x\",\"scopes\":[\"admin\"]}"});
	assert_int_equal(h->status, 201);
	return strdup(text_at(h, "key"));
}

static void a_key_does_not_outlive_the_one_that_made_it(void **state)
{
	struct harness *h = *state;
	struct session_pass boss = harness_login(h, "boss", ROLE_ADMIN, NULL);
	char *first, *second, *third;

	send_json(h, &boss, "POST", KEYS,
	          "{\"name\":\"x\",\"scopes\":[\"admin\"]}");
	first = strdup(text_at(h, "key"));
	second = made_with(h, first);
	third = made_with(h, second);
	get(h, &admin, KEYS);
	assert_string_equal(text_at(h, "0/created_by"), "boss");
	assert_int_equal(use(h, third), 200);
	send_json(h, &admin, "DELETE", KEYS "/1", NULL);
	assert_int_equal(h->status, 204);
	assert_int_equal(use(h, first), 401);
	assert_int_equal(use(h, second), 401);
	assert_int_equal(use(h, third), 401);
	free(first);
	free(second);
	free(third);
}

static void a_disabled_admin_has_no_keys_left_at_any_remove(void **state)
{
	struct harness *h = *state;
	struct session_pass boss = harness_login(h, "boss", ROLE_ADMIN, NULL);
	char *first, *second;

	send_json(h, &boss, "POST", KEYS,
	          "{\"name\":\"x\",\"scopes\":[\"admin\"]}");
	first = strdup(text_at(h, "key"));
	second = made_with(h, first);
	send_json(h, &admin, "PATCH", "/api/users/2", "{\"is_active\":false}");
	assert_int_equal(h->status, 200);
	assert_int_equal(use(h, first), 401);
	assert_int_equal(use(h, second), 401);
	free(first);
	free(second);
}

static int64_t refusals(struct harness *h, const char *reason)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM journal WHERE op = 'key_refused'"
	         " AND address <> '' AND after LIKE '%%\"reason\":\"%s\"%%'",
	         reason);
	return fixture_number(h->f, sql);
}

/* Who tries a key that was taken away is worth to be known of, once an hour. */
static void a_refused_key_is_journalled_now_and_then(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_READ, NULL);

	send_json(h, &admin, "DELETE", KEYS "/1", NULL);
	for (int i = 0; i < 5; i++)
		assert_int_equal(use(h, key), 401);
	assert_int_equal(refusals(h, "revoked"), 1);
	harness_wait(h, 3600);
	for (int i = 0; i < 5; i++)
		assert_int_equal(use(h, key), 401);
	assert_int_equal(refusals(h, "revoked"), 2);
	/* A busy database does not keep anybody waiting for it. */
	harness_wait(h, 3600);
	harness_busy(h);
	assert_int_equal(use(h, key), 401);
	harness_idle(h);
	assert_int_equal(refusals(h, "revoked"), 2);
	free(key);
}

/* Of a key that there never was, there is nothing to tell. */
static void a_key_that_never_was_leaves_the_journal_alone(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_READ, NULL);
	int64_t before = fixture_number(h->f, "SELECT max(id) FROM journal");

	fixture_exec(h->f, "DELETE FROM api_keys");
	assert_int_equal(use(h, key), 401);
	assert_int_equal(use(h, "dum_nonsense"), 401);
	assert_int_equal(fixture_number(h->f, "SELECT max(id) FROM journal"),
	                 before);
	free(key);
}

static void the_last_use_is_kept_to_the_minute(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_READ, NULL);

	assert_int_equal(use(h, key), 200);
	harness_wait(h, 59);
	assert_int_equal(use(h, key), 200);
	get(h, &admin, KEYS);
	assert_string_equal(text_at(h, "0/last_used_at"),
	                    "2026-11-24T14:00:00Z");
	harness_wait(h, 1);
	assert_int_equal(use(h, key), 200);
	get(h, &admin, KEYS);
	assert_string_equal(text_at(h, "0/last_used_at"),
	                    "2026-11-24T14:01:00Z");
	/* A busy database does not keep a key from working. */
	harness_wait(h, 120);
	harness_busy(h);
	assert_int_equal(use(h, key), 200);
	harness_idle(h);
	free(key);
}

static void a_key_acts_in_its_own_name(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_WRITE, NULL);
	char sql[200];

	ask(h, &(struct ask){.method = "POST",
	                     .uri = "/api/data/daily-usage",
	                     .key = key,
	                     .body = "{\"date\":\"2026-11-20\","
	                             "\"location_id\":1,\"usage_gb\":1}"});
	assert_int_equal(h->status, 201);
	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM journal WHERE tbl = 'daily_usage'"
	         " AND actor = 'key:%.8s'",
	         key + 4);
	assert_int_equal(fixture_number(h->f, sql), 1);
	free(key);
}

/* As the command line could make one of old: it may not what is about all. */
static void an_admin_key_with_a_limit_gets_nowhere(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_ADMIN, NULL);

	fixture_exec(h->f, "UPDATE api_keys SET is_limited = 1;"
	                   " INSERT INTO location_grants VALUES ('key:1', 1)");
	ask(h, &(struct ask){.method = "GET", .uri = KEYS, .key = key});
	assert_problem(h, 403, NULL);
	ask(h,
	    &(struct ask){.method = "POST",
	                  .uri = KEYS,
	                  .key = key,
	                  .body = "{\"name\":\"k\",\"scopes\":[\"admin\"]}"});
	assert_problem(h, 403, NULL);
	assert_int_equal(use(h, key), 200);
	assert_int_equal(json_array_size(h->json), 1);
	free(key);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_key_is_told_once),
	    TEST(keys_are_listed_newest_first),
	    TEST(a_key_that_is_wrong_is_named),
	    TEST(a_key_ends_when_it_should),
	    TEST(a_revoked_key_is_nobodys),
	    TEST(a_key_does_not_outlive_the_one_that_made_it),
	    TEST(a_disabled_admin_has_no_keys_left_at_any_remove),
	    TEST(a_refused_key_is_journalled_now_and_then),
	    TEST(a_key_that_never_was_leaves_the_journal_alone),
	    TEST(the_last_use_is_kept_to_the_minute),
	    TEST(a_key_acts_in_its_own_name),
	    TEST(an_admin_key_with_a_limit_gets_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
