/* Handler tests of what all routes share: methods, bodies, errors, busy. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "problem.h"
#include "route.h"

#define DAYS "/api/data/daily-usage"

static void an_unknown_path_is_404(void **state)
{
	static const char *const paths[] = {"/",
	                                    "/api",
	                                    "/api/",
	                                    "/api/data",
	                                    "/api/data/locations/",
	                                    "/api/data//locations",
	                                    "/api/data/locations/1/x",
	                                    "/health/",
	                                    "/HEALTH",
	                                    "/api/users/0",
	                                    "/api/users/01",
	                                    "/api/users/-1",
	                                    "/api/users/+1",
	                                    "/api/users/1e1",
	                                    "/api/users/x",
	                                    "/api/users/%31",
	                                    "/api/users/999999999999999999999",
	                                    "/api/../health",
	                                    "/api/data/locations%00",
	                                    "/api/v1/usage"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		get(h, NULL, paths[i]);
		assert_problem(h, 404, NULL);
		assert_string_equal(text_at(h, "title"), "Not Found");
		get(h, &admin, paths[i]);
		assert_problem(h, 404, NULL);
	}
}

static void an_unknown_method_is_405_with_allow(void **state)
{
	static const char *const methods[] = {
	    "TRACE", "PROPFIND", "FOO", "get", "CONNECT", "", "PATCH", "PUT"};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		ask(h, &(struct ask){.method = methods[i], .uri = DAYS});
		assert_problem(h, 405, NULL);
		assert_string_equal(header(h, "Allow"),
		                    "GET, HEAD, POST, OPTIONS");
	}
	ask(h, &(struct ask){.method = "POST", .uri = "/health"});
	assert_problem(h, 405, NULL);
	assert_string_equal(header(h, "Allow"), "GET, HEAD, OPTIONS");
	ask(h, &(struct ask){.method = "GET", .uri = "/api/auth/login"});
	assert_problem(h, 405, NULL);
	assert_string_equal(header(h, "Allow"), "POST, OPTIONS");
}

static void options_tell_the_methods_of_every_route(void **state)
{
	struct harness *h = *state;

	for (const struct route *r = routes; r->path != NULL; r++) {
		struct strbuf method = STRBUF_INIT;

		ask(h, &(struct ask){.method = "OPTIONS",
		                     .uri = route_path(r),
		                     .origin = "https://evil.example",
		                     .request_method = "GET"});
		assert_int_equal(h->status, 204);
		assert_string_equal(h->body, "");
		assert_null(header(h, "Content-Type"));
		assert_null(header(h, "Content-Length"));
		assert_null(header(h, "Access-Control-Allow-Origin"));
		assert_null(header(h, "Access-Control-Allow-Methods"));
		method_list(&method, r->method);
		assert_non_null(strstr(header(h, "Allow"), method.buf));
		strbuf_release(&method);
	}
	ask(h, &(struct ask){.method = "OPTIONS", .uri = "/api/nothing"});
	assert_problem(h, 404, NULL);
}

static void head_is_get_without_the_body(void **state)
{
	static const char *const uris[] = {"/health",
	                                   "/api/data/locations",
	                                   "/api/dashboard/overview",
	                                   "/api/dashboard/usage-trends",
	                                   DAYS "?page=1",
	                                   DAYS "/1",
	                                   DAYS "/2",
	                                   "/api/users",
	                                   "/api/auth/sessions",
	                                   "/api/nothing"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	harness_day(h, "2026-11-20", harness_location(h, "a"), 5);
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct strbuf head = STRBUF_INIT;
		int status = get(h, &admin, uris[i]);

		assert_true(strlen(h->body) > 0);
		assert_int_equal(atoi(header(h, "Content-Length")),
		                 strlen(h->body));
		strbuf_add(&head, h->raw.buf, (size_t)(h->body - h->raw.buf));
		ask(h, &(struct ask){
		           .method = "HEAD", .uri = uris[i], .as = &admin});
		assert_int_equal(h->status, status);
		assert_string_equal(h->raw.buf, head.buf);
		strbuf_release(&head);
	}
}

static void every_answer_says_not_to_be_kept(void **state)
{
	static const char *const uris[] = {"/health", "/api/nothing",
	                                   "/api/users", "/api/auth/session"};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		get(h, NULL, uris[i]);
		assert_string_equal(header(h, "Cache-Control"), "no-store");
	}
}

static void every_answer_names_the_actor_for_the_log(void **state)
{
	struct harness *h = *state;
	struct session_pass alice = harness_login(h, "alice", ROLE_VIEWER,
	                                          NULL);
	char *key = harness_key(h, SCOPE_READ, NULL);
	char actor[32];

	get(h, NULL, "/health");
	assert_string_equal(header(h, "X-Dum-Actor"), "nobody");
	get(h, NULL, "/api/users");
	assert_string_equal(header(h, "X-Dum-Actor"), "nobody");
	get(h, &alice, "/api/data/locations");
	assert_string_equal(header(h, "X-Dum-Actor"), "user:alice");
	get(h, &alice, "/api/users");
	assert_int_equal(h->status, 403);
	assert_string_equal(header(h, "X-Dum-Actor"), "user:alice");
	ask(h, &(struct ask){
	           .method = "GET", .uri = "/api/data/locations", .key = key});
	snprintf(actor, sizeof(actor), "key:%.8s", key + strlen("dum_"));
	assert_string_equal(header(h, "X-Dum-Actor"), actor);
	free(key);
}

static const struct {
	const char *type;
	int status;
} media_types[] = {
    {"application/json", 400},
    {"APPLICATION/JSON", 400},
    {"application/json; charset=utf-8", 400},
    {"application/json;charset=\"UTF-8\"", 400},
    {"", 415},
    {"text/plain", 415},
    {"application/x-www-form-urlencoded", 415},
    {"multipart/form-data; boundary=x", 415},
    {"application/json; charset=latin1", 415},
    {"application/jsonp", 415},
    {"text/json", 415},
    {"application/problem+json", 415},
};

static void a_body_that_is_not_json_is_415(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	for (size_t i = 0; i < sizeof(media_types) / sizeof(media_types[0]);
	     i++) {
		ask(h, &(struct ask){.method = "POST",
		                     .uri = DAYS,
		                     .as = &admin,
		                     .body = "{}",
		                     .content_type = media_types[i].type});
		if (h->status != media_types[i].status)
			fail_msg("'%s': %d", media_types[i].type, h->status);
	}
	assert_problem(h, 415, NULL);
}

static void a_body_over_64_kib_is_413(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);
	struct strbuf body = STRBUF_INIT;

	strbuf_adds(&body, "{\"name\":\"a\"}");
	while (body.len < BODY_JSON_MAX)
		strbuf_addc(&body, ' ');
	send_json(h, &admin, "POST", "/api/data/locations", body.buf);
	assert_int_equal(h->status, 201);
	strbuf_addc(&body, ' ');
	send_json(h, &admin, "POST", "/api/data/locations", body.buf);
	assert_problem(h, 413, NULL);
	assert_string_equal(text_at(h, "title"), "Content Too Large");
	strbuf_release(&body);
}

static void a_length_that_does_not_fit_is_400(void **state)
{
	static const char *const lengths[] = {
	    "1", "40", "-1", "+12", "0xc", "12,", " ", "12 12", "0", "", "1e1"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ask(h, &(struct ask){.method = "POST",
		                     .uri = "/api/data/locations",
		                     .as = &admin,
		                     .body = "{\"name\":\"a\"}",
		                     .length = lengths[i]});
		assert_problem(h, 400, "");
	}
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM locations"),
	                 0);
}

static void a_body_where_none_belongs_is_400(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	ask(h, &(struct ask){.method = "GET",
	                     .uri = "/api/data/locations",
	                     .as = &admin,
	                     .body = "{}"});
	assert_problem(h, 400, "");
	ask(h, &(struct ask){.method = "POST",
	                     .uri = "/api/auth/logout",
	                     .as = &admin,
	                     .length = "-1"});
	assert_problem(h, 400, "");
	assert_int_equal(get(h, &admin, "/api/auth/session"), 200);
}

static void parameters_where_none_belong_are_400(void **state)
{
	static const struct {
		const char *method, *uri, *body;
	} rows[] = {
	    {"GET", "/health?x=1", NULL},
	    {"GET", "/api/auth/session?x=1", NULL},
	    {"POST", "/api/auth/logout?x=1", NULL},
	    {"GET", "/api/users?x=1", NULL},
	    {"POST", "/api/data/locations?x=1", "{\"name\":\"a\"}"},
	    {"GET", "/api/dashboard/overview?x=1", NULL},
	    {"GET", "/api/dashboard/usage-trends?x=1", NULL},
	    {"DELETE", "/api/keys/1?x=1", NULL},
	};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, &admin, rows[i].method, rows[i].uri, rows[i].body);
		assert_problem(h, 400, "x");
	}
	assert_int_equal(get(h, &admin, "/api/auth/session"), 200);
}

static void a_writer_that_does_not_get_its_turn_is_503(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);
	int64_t entries;

	entries = fixture_number(h->f, "SELECT count(*) FROM journal");
	harness_busy(h);
	send_json(h, &admin, "POST", "/api/data/locations", "{\"name\":\"a\"}");
	assert_problem(h, 503, NULL);
	assert_string_equal(header(h, "Retry-After"), "1");
	/* Readers never wait for a writer. */
	assert_int_equal(get(h, &admin, "/api/data/locations"), 200);
	harness_idle(h);
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"),
	                 entries);
	send_json(h, &admin, "POST", "/api/data/locations", "{\"name\":\"a\"}");
	assert_int_equal(h->status, 201);
}

static void each_error_of_the_library_has_its_status(void **state)
{
	static const struct {
		enum dum_status status;
		int http;
	} rows[] = {
	    {DUM_EINVAL, 400},   {DUM_ENOTFOUND, 404}, {DUM_ECONFLICT, 409},
	    {DUM_EAUTH, 401},    {DUM_EBUSY, 503},     {DUM_EFULL, 507},
	    {DUM_EDAMAGED, 503}, {DUM_ESCHEMA, 503},   {DUM_EUNKNOWN, 500},
	    {DUM_ENOMEM, 500},   {DUM_ESYS, 500},
	};
	struct request req;

	(void)state;
	assert_ok(request_init(&req, "GET", "/x", "", "", NULL),
	          &(struct dum_error){0});
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dum_error err = {0};
		struct response res;

		response_init(&res, NULL, NULL);
		error_set(&err, rows[i].status, "/secret/path");
		problem_error(&res, &req, rows[i].status, &err);
		assert_int_equal(res.status, rows[i].http);
		if (rows[i].http == 503)
			assert_non_null(
			    strstr(res.headers.buf, "Retry-After: "));
		if (rows[i].http == 500)
			assert_null(strstr(res.body.buf, "/secret/path"));
		response_release(&res);
	}
	request_release(&req);
}

static void a_header_can_not_be_injected(void **state)
{
	struct response res;

	(void)state;
	response_init(&res, NULL, NULL);
	response_header(&res, "Location", "/a\r\nSet-Cookie: x=1");
	response_header(&res, "Location", "/a\nb");
	response_lasting_header(&res, "Access-Control-Allow-Origin", "a\r\nb");
	assert_string_equal(res.headers.buf, "");
	assert_string_equal(res.lasting.buf, "");
	response_release(&res);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    HARNESS_TEST(an_unknown_path_is_404),
	    HARNESS_TEST(an_unknown_method_is_405_with_allow),
	    HARNESS_TEST(options_tell_the_methods_of_every_route),
	    HARNESS_TEST(head_is_get_without_the_body),
	    HARNESS_TEST(every_answer_says_not_to_be_kept),
	    HARNESS_TEST(every_answer_names_the_actor_for_the_log),
	    HARNESS_TEST(a_body_that_is_not_json_is_415),
	    HARNESS_TEST(a_body_over_64_kib_is_413),
	    HARNESS_TEST(a_length_that_does_not_fit_is_400),
	    HARNESS_TEST(a_body_where_none_belongs_is_400),
	    HARNESS_TEST(parameters_where_none_belong_are_400),
	    HARNESS_TEST(a_writer_that_does_not_get_its_turn_is_503),
	    cmocka_unit_test(each_error_of_the_library_has_its_status),
	    cmocka_unit_test(a_header_can_not_be_injected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
