/* Handler tests of /health. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/checkpoint.h"

static void anybody_hears_whether_and_no_more(void **state)
{
	struct harness *h = *state;

	get(h, NULL, "/health");
	assert_int_equal(h->status, 200);
	assert_body(h, "{\"status\":\"healthy\"}");
	ask(h, &(struct ask){
	           .method = "GET", .uri = "/health", .key = "dum_wrong"});
	assert_int_equal(h->status, 200);
	assert_body(h, "{\"status\":\"healthy\"}");
}

static void a_session_or_a_key_hears_what_runs(void **state)
{
	struct harness *h = *state;
	struct session_pass alice = harness_login(h, "alice", ROLE_VIEWER,
	                                          NULL);
	char *key = harness_key(h, SCOPE_METRICS, NULL);

	get(h, &alice, "/health");
	assert_int_equal(h->status, 200);
	assert_string_equal(text_at(h, "status"), "healthy");
	assert_true(strlen(text_at(h, "version")) > 0);
	assert_true(strlen(text_at(h, "engine")) > 0);
	assert_int_equal(number_at(h, "schema_version"),
	                 fixture_number(h->f, "PRAGMA user_version"));
	ask(h, &(struct ask){.method = "GET", .uri = "/health", .key = key});
	assert_int_equal(json_object_size(h->json), 4);
	free(key);
}

/* The worker is as new: it has no open database. */
static void close_database(struct harness *h)
{
	app_release(&h->app);
	app_init(&h->app, &h->f->config, "dum.conf");
}

static void a_database_that_is_away_is_503_without_its_path(void **state)
{
	struct harness *h = *state;
	struct session_pass alice = harness_login(h, "alice", ROLE_VIEWER,
	                                          NULL);
	char away[128];

	close_database(h);
	snprintf(away, sizeof(away), "%s.away", h->f->config.database_path);
	assert_int_equal(rename(h->f->config.database_path, away), 0);
	get(h, NULL, "/health");
	assert_problem(h, 503, NULL);
	assert_string_equal(header(h, "Retry-After"), "5");
	assert_null(strstr(h->body, h->f->dir));
	/* Who asks can not be found out either; nothing is let through. */
	get(h, &alice, "/health");
	assert_problem(h, 503, NULL);
	get(h, &alice, "/api/data/locations");
	assert_problem(h, 503, NULL);
	assert_non_null(header(h, "Retry-After"));
	assert_null(strstr(h->body, h->f->dir));
	get(h, NULL, "/api/auth/session");
	assert_problem(h, 503, NULL);
	/* Nothing is made in its place. */
	assert_int_not_equal(access(h->f->config.database_path, F_OK), 0);
	assert_int_equal(rename(away, h->f->config.database_path), 0);
	h->app.open_again_ms = 0;
	assert_int_equal(get(h, NULL, "/health"), 200);
	assert_false(h->app.leave);
}

static void a_damaged_database_is_503(void **state)
{
	struct harness *h = *state;
	struct dum_error err = {0};
	char log[128];
	FILE *f;

	/* All of it is in the file then, and nothing in the log. */
	assert_ok(db_checkpoint(h->f->db, &err), &err);
	close_database(h);
	db_free(h->f->db);
	h->f->db = NULL;
	snprintf(log, sizeof(log), "%s-wal", h->f->config.database_path);
	assert_int_equal(unlink(log), 0);
	f = fopen(h->f->config.database_path, "r+");
	assert_non_null(f);
	for (int i = 0; i < 4096; i++)
		fputc('x', f);
	assert_int_equal(fclose(f), 0);
	get(h, NULL, "/health");
	assert_problem(h, 503, NULL);
	send_json(h, NULL, "POST", "/api/auth/login",
	          "{\"username\":\"a\",\"password\":\"b\"}");
	assert_problem(h, 503, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    HARNESS_TEST(anybody_hears_whether_and_no_more),
	    HARNESS_TEST(a_session_or_a_key_hears_what_runs),
	    HARNESS_TEST(a_database_that_is_away_is_503_without_its_path),
	    HARNESS_TEST(a_damaged_database_is_503),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
