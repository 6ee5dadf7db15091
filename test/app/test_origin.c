/*
 * Handler tests of what other pages may do: CSRF (guard.h) and CORS (cors.h).
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define LOCATIONS "/api/data/locations"
#define ALLOW     "Access-Control-Allow-Origin"
#define EXPOSE    "Access-Control-Expose-Headers"

static const struct {
	const char *why;
	const char *csrf; /* NULL: the right one */
	const char *fetch_site;
	const char *origin;
	const char *host;
	int status;
} forged[] = {
    {"the page's own request", NULL, "same-origin", "https://dum.example:8443",
     NULL, 201},
    {"a browser that says nothing", NULL, NULL, NULL, NULL, 201},
    {"a browser with Origin alone", NULL, NULL, "https://dum.example:8443",
     NULL, 201},
    {"a host in other letters", NULL, NULL, "https://DUM.example:8443", NULL,
     201},
    {"no token", "", "same-origin", NULL, NULL, 403},
    {"a wrong token", "0123", "same-origin", NULL, NULL, 403},
    {"a wrong token of that length",
     "0123456789012345678901234567890123456789012345678901234567890123",
     "same-origin", NULL, NULL, 403},
    {"a page elsewhere", NULL, "cross-site", NULL, NULL, 403},
    {"a page on another port", NULL, "same-site", NULL, NULL, 403},
    {"no page at all", NULL, "none", NULL, NULL, 403},
    {"a word that is unknown", NULL, "Same-Origin", NULL, NULL, 403},
    {"another origin", NULL, NULL, "https://evil.example", NULL, 403},
    {"another port", NULL, NULL, "https://dum.example", NULL, 403},
    {"without TLS", NULL, NULL, "http://dum.example:8443", NULL, 403},
    {"a name that only ends so", NULL, NULL,
     "https://dum.example:8443.evil.example", NULL, 403},
    {"an origin that is hidden", NULL, NULL, "null", NULL, 403},
    {"no host", NULL, NULL, "https://", NULL, 403},
};

static void a_change_with_a_cookie_has_to_come_from_our_page(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);
	int64_t added = 0;

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		char body[64];

		snprintf(body, sizeof(body), "{\"name\":\"n%zu\"}", i);
		ask(h, &(struct ask){.method = "POST",
		                     .uri = LOCATIONS,
		                     .as = &admin,
		                     .body = body,
		                     .csrf = forged[i].csrf,
		                     .fetch_site = forged[i].fetch_site,
		                     .origin = forged[i].origin,
		                     .host = forged[i].host});
		if (h->status != forged[i].status)
			fail_msg("%s: %d", forged[i].why, h->status);
		if (h->status == 403)
			assert_problem(h, 403, NULL);
		else
			added++;
	}
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM locations"),
	                 added);
	/* The token of another session is none. */
	ask(h, &(struct ask){
	           .method = "POST",
	           .uri = LOCATIONS,
	           .as = &admin,
	           .body = "{\"name\":\"x\"}",
	           .csrf = harness_login(h, "b", ROLE_ADMIN, NULL).csrf});
	assert_problem(h, 403, NULL);
}

static void the_media_type_is_looked_at_first(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOCATIONS,
	                     .as = &admin,
	                     .body = "{\"name\":\"x\"}",
	                     .content_type = "text/plain",
	                     .csrf = ""});
	assert_problem(h, 415, NULL);
}

static void a_key_needs_no_token(void **state)
{
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_ADMIN, NULL);

	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOCATIONS,
	                     .key = key,
	                     .body = "{\"name\":\"x\"}",
	                     .fetch_site = "cross-site",
	                     .origin = "https://tool.example"});
	assert_int_equal(h->status, 201);
	free(key);
}

static void a_foreign_page_can_not_log_its_victim_in(void **state)
{
	static const char *const uris[] = {"/api/auth/login",
	                                   "/api/auth/setup"};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		ask(h, &(struct ask){.method = "POST",
		                     .uri = uris[i],
		                     .body = "{}",
		                     .fetch_site = "cross-site"});
		assert_problem(h, 403, NULL);
		ask(h, &(struct ask){.method = "POST",
		                     .uri = uris[i],
		                     .body = "{}",
		                     .origin = "https://evil.example"});
		assert_problem(h, 403, NULL);
		ask(h, &(struct ask){.method = "POST",
		                     .uri = uris[i],
		                     .body = "{}",
		                     .fetch_site = "same-origin"});
		assert_int_equal(h->status, 400);
	}
}

/* --- CORS ----------------------------------------------------------------- */

static void assert_no_cors(struct harness *h)
{
	static const char *const names[] = {ALLOW,
	                                    "Access-Control-Allow-Methods",
	                                    "Access-Control-Allow-Headers",
	                                    "Access-Control-Max-Age",
	                                    "Access-Control-Allow-Credentials",
	                                    EXPOSE};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (header(h, names[i]) != NULL)
			fail_msg("%s: %s", names[i], header(h, names[i]));
}

static void set_origins(struct harness *h, const char *origins)
{
	struct dum_error err = {0};

	assert_ok(
	    config_set(&h->f->config, "CORS_ORIGINS", origins, NULL, &err),
	    &err);
}

static int read_from(struct harness *h, const char *key, const char *origin)
{
	return ask(h, &(struct ask){.method = "GET",
	                            .uri = LOCATIONS,
	                            .key = key,
	                            .origin = origin});
}

static int preflight(struct harness *h, const char *origin, const char *uri)
{
	return ask(h, &(struct ask){.method = "OPTIONS",
	                            .uri = uri,
	                            .origin = origin,
	                            .request_method = "POST"});
}

static void by_default_no_other_page_may_read(void **state)
{
	static const char *const origins[] = {"https://evil.example", "null",
	                                      "*", "https://dum.example:8443"};
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_READ, NULL);

	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		assert_int_equal(read_from(h, key, origins[i]), 200);
		assert_no_cors(h);
		assert_null(header(h, "Vary"));
		assert_int_equal(preflight(h, origins[i], LOCATIONS), 204);
		assert_no_cors(h);
	}
	free(key);
}

static void a_listed_origin_may_use_keys(void **state)
{
	static const char good[] = "https://tool.example";
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_ADMIN, NULL);

	set_origins(h, "https://a.example:444 , https://tool.example,http://x");
	assert_int_equal(read_from(h, key, good), 200);
	assert_string_equal(header(h, ALLOW), good);
	assert_string_equal(header(h, "Vary"), "Origin");
	assert_string_equal(header(h, EXPOSE), "ETag, Location, Retry-After, "
	                                       "Idempotency-Replayed");
	assert_int_equal(read_from(h, key, "https://a.example:444"), 200);
	assert_string_equal(header(h, ALLOW), "https://a.example:444");
	/* Errors can be read, too. */
	assert_int_equal(read_from(h, NULL, good), 401);
	assert_string_equal(header(h, ALLOW), good);
	assert_non_null(header(h, EXPOSE));
	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOCATIONS,
	                     .key = key,
	                     .origin = good,
	                     .body = "{\"name\":\"x\"}"});
	assert_int_equal(h->status, 201);
	assert_string_equal(header(h, ALLOW), good);
	free(key);
}

static void a_preflight_tells_what_a_listed_origin_may(void **state)
{
	static const char good[] = "https://tool.example";
	struct harness *h = *state;

	set_origins(h, good);
	assert_int_equal(preflight(h, good, LOCATIONS), 204);
	assert_string_equal(header(h, ALLOW), good);
	assert_string_equal(header(h, "Access-Control-Allow-Methods"),
	                    "GET, HEAD, POST");
	assert_string_equal(header(h, "Access-Control-Allow-Headers"),
	                    "Authorization, Content-Type, Idempotency-Key, "
	                    "If-Match, If-None-Match");
	assert_string_equal(header(h, "Access-Control-Max-Age"), "600");
	assert_string_equal(header(h, "Vary"), "Origin");
	assert_null(header(h, "Access-Control-Allow-Credentials"));
	assert_null(header(h, EXPOSE));
	/* OPTIONS that is no preflight. */
	ask(h, &(struct ask){
	           .method = "OPTIONS", .uri = LOCATIONS, .origin = good});
	assert_no_cors(h);
}

static void what_is_not_listed_to_the_letter_is_not(void **state)
{
	static const char *const origins[] = {
	    "https://tool.example:443",
	    "http://tool.example",
	    "https://TOOL.example",
	    "https://tool.example/",
	    "https://tool.example.evil",
	    "https://tool",
	    "https://sub.tool.example",
	    "null",
	    "",
	    "https://tool.example,https://b.example",
	    "*"};
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_READ, NULL);

	set_origins(h, "https://tool.example,https://b.example");
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		assert_int_equal(read_from(h, key, origins[i]), 200);
		assert_no_cors(h);
		assert_string_equal(header(h, "Vary"), "Origin");
		assert_int_equal(preflight(h, origins[i], LOCATIONS), 204);
		assert_no_cors(h);
	}
	free(key);
}

static void a_star_lets_any_page_read_with_a_key(void **state)
{
	static const char any[] = "https://any.example";
	struct harness *h = *state;
	char *key = harness_key(h, SCOPE_ADMIN, NULL);

	set_origins(h, "*");
	assert_int_equal(read_from(h, key, any), 200);
	assert_string_equal(header(h, ALLOW), "*");
	assert_null(header(h, "Access-Control-Allow-Credentials"));
	/* No key, no header. */
	assert_int_equal(read_from(h, NULL, any), 401);
	assert_no_cors(h);
	/* Nor for a change. */
	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOCATIONS,
	                     .key = key,
	                     .origin = any,
	                     .body = "{\"name\":\"x\"}"});
	assert_int_equal(h->status, 201);
	assert_no_cors(h);
	preflight(h, any, LOCATIONS);
	assert_string_equal(header(h, ALLOW), "*");
	assert_string_equal(header(h, "Access-Control-Allow-Methods"),
	                    "GET, HEAD");
	preflight(h, any, "/api/auth/login"); /* has no GET */
	assert_no_cors(h);
	free(key);
}

static void a_cookie_never_works_from_another_origin(void **state)
{
	static const char *const lists[] = {"*", "https://tool.example"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	for (size_t i = 0; i < 2; i++) {
		set_origins(h, lists[i]);
		ask(h, &(struct ask){.method = "GET",
		                     .uri = LOCATIONS,
		                     .as = &admin,
		                     .origin = "https://tool.example"});
		assert_int_equal(h->status, 200);
		assert_no_cors(h);
		ask(h, &(struct ask){.method = "POST",
		                     .uri = LOCATIONS,
		                     .as = &admin,
		                     .body = "{\"name\":\"x\"}",
		                     .origin = "https://tool.example"});
		assert_problem(h, 403, NULL);
		assert_no_cors(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    HARNESS_TEST(a_change_with_a_cookie_has_to_come_from_our_page),
	    HARNESS_TEST(the_media_type_is_looked_at_first),
	    HARNESS_TEST(a_key_needs_no_token),
	    HARNESS_TEST(a_foreign_page_can_not_log_its_victim_in),
	    HARNESS_TEST(by_default_no_other_page_may_read),
	    HARNESS_TEST(a_listed_origin_may_use_keys),
	    HARNESS_TEST(a_preflight_tells_what_a_listed_origin_may),
	    HARNESS_TEST(what_is_not_listed_to_the_letter_is_not),
	    HARNESS_TEST(a_star_lets_any_page_read_with_a_key),
	    HARNESS_TEST(a_cookie_never_works_from_another_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
