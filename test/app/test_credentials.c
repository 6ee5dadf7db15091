/* Handler tests of credential.h: cookies and Authorization, read strictly. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "credential.h"

#define TOKEN "0123456789012345678901234567890123456789012"

static enum dum_status read_headers(struct credential *out, const char *cookie,
                                    const char *authorization)
{
	struct dum_error err = {0};
	enum dum_status status;
	struct request req;

	assert_ok(request_init(&req, "GET", "/", "", "", &err), &err);
	req.headers.cookie = cookie;
	req.headers.authorization = authorization;
	status = credential_read(out, &req, &err);
	request_release(&req);
	return status;
}

static const struct {
	const char *cookie;
	const char *authorization;
	enum credential_kind kind;
	const char *text;
} rows[] = {
    {"", "", CREDENTIAL_NONE, ""},
    {"__Host-dum=" TOKEN, "", CREDENTIAL_SESSION, TOKEN},
    {"a=1; __Host-dum=" TOKEN "; b=2", "", CREDENTIAL_SESSION, TOKEN},
    {"a=1;__Host-dum=" TOKEN ";b=2", "", CREDENTIAL_SESSION, TOKEN},
    {"__Host-dum=", "", CREDENTIAL_SESSION, ""},
    /* names that are not ours */
    {"__host-dum=" TOKEN, "", CREDENTIAL_NONE, ""},
    {"dum=" TOKEN, "", CREDENTIAL_NONE, ""},
    {"x__Host-dum=" TOKEN, "", CREDENTIAL_NONE, ""},
    {"__Host-dumx=" TOKEN, "", CREDENTIAL_NONE, ""},
    {"a=__Host-dum=" TOKEN, "", CREDENTIAL_NONE, ""},
    {"__Host-dum", "", CREDENTIAL_NONE, ""},
    {"; ;;= =; ", "", CREDENTIAL_NONE, ""},
    /* values that can not be one */
    {"__Host-dum=" TOKEN " ", "", CREDENTIAL_SESSION, ""},
    {"__Host-dum=\x01", "", CREDENTIAL_SESSION, ""},
    {"__Host-dum=\xc3\xa4", "", CREDENTIAL_SESSION, ""},
    {"__Host-dum=" TOKEN TOKEN, "", CREDENTIAL_SESSION, ""},
    {"", "Bearer dum_a_b", CREDENTIAL_KEY, "dum_a_b"},
    {"", "bearer dum_a_b", CREDENTIAL_KEY, "dum_a_b"},
    {"a=1", "Bearer dum_a_b", CREDENTIAL_KEY, "dum_a_b"},
    {"", "Bearer  dum_a_b", CREDENTIAL_KEY, ""},
    {"", "Bearer dum_a_b x", CREDENTIAL_KEY, ""},
    {"", "Bearer", CREDENTIAL_KEY, ""},
    {"", "Bearer ", CREDENTIAL_KEY, ""},
    {"", "dum_a_b", CREDENTIAL_KEY, ""},
    {"", "Basic YWxpY2U6eA==", CREDENTIAL_KEY, ""},
    {"", "Bearer " TOKEN TOKEN, CREDENTIAL_KEY, ""},
};

static void each_header_has_one_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct credential credential;

		if (read_headers(&credential, rows[i].cookie,
		                 rows[i].authorization) != DUM_OK)
			fail_msg("%s%s is refused", rows[i].cookie,
			         rows[i].authorization);
		if (credential.kind != rows[i].kind ||
		    strcmp(credential.text, rows[i].text) != 0)
			fail_msg("%s%s: kind %d, '%s'", rows[i].cookie,
			         rows[i].authorization, (int)credential.kind,
			         credential.text);
	}
}

static void what_has_two_meanings_is_refused(void **state)
{
	static const char *const both[][2] = {
	    {"__Host-dum=" TOKEN, "Bearer dum_a_b"},
	    {"__Host-dum=" TOKEN, "Basic YWxpY2U6eA=="},
	    {"__Host-dum=", "Bearer dum_a_b"},
	    {"__Host-dum=" TOKEN "; __Host-dum=" TOKEN, ""},
	    {"__Host-dum=a; x=1; __Host-dum=b", ""},
	};
	struct credential credential;

	(void)state;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		assert_int_equal(
		    read_headers(&credential, both[i][0], both[i][1]),
		    DUM_EINVAL);
}

static void a_header_ends_at_8192_bytes(void **state)
{
	char *text = calloc(1, CREDENTIAL_HEADER_MAX + 2);
	struct credential credential;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', CREDENTIAL_HEADER_MAX);
	assert_int_equal(read_headers(&credential, text, ""), DUM_OK);
	assert_int_equal(read_headers(&credential, "", text), DUM_OK);
	text[CREDENTIAL_HEADER_MAX] = 'a';
	assert_int_equal(read_headers(&credential, text, ""), DUM_EINVAL);
	assert_int_equal(read_headers(&credential, "", text), DUM_EINVAL);
	free(text);
}

static void two_credentials_are_400_on_every_route(void **state)
{
	static const char *const uris[] = {"/health", "/api/auth/session",
	                                   "/api/data/locations",
	                                   "/api/nothing"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);
	char *key = harness_key(h, SCOPE_ADMIN, NULL);

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		ask(h, &(struct ask){.method = "GET",
		                     .uri = uris[i],
		                     .as = &admin,
		                     .key = key});
		assert_problem(h, 400, "");
	}
	free(key);
}

static void a_secret_that_is_nearly_right_is_nobodys(void **state)
{
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "admin", ROLE_ADMIN, NULL);
	char *key = harness_key(h, SCOPE_ADMIN, NULL);
	struct session_pass wrong = admin;

	for (size_t i = 0; i < strlen(admin.token); i += 6) {
		wrong = admin;
		wrong.token[i] = wrong.token[i] == 'A' ? 'B' : 'A';
		assert_int_equal(get(h, &wrong, "/api/users"), 401);
	}
	for (size_t i = 0; i < strlen(key); i += 6) {
		char was = key[i];

		key[i] = was == 'A' ? 'B' : 'A';
		ask(h, &(struct ask){
		           .method = "GET", .uri = "/api/users", .key = key});
		assert_problem(h, 401, NULL);
		key[i] = was;
	}
	ask(h, &(struct ask){.method = "GET", .uri = "/api/users", .key = key});
	assert_int_equal(h->status, 200);
	key[strlen(key) - 1] = '\0';
	ask(h, &(struct ask){.method = "GET", .uri = "/api/users", .key = key});
	assert_problem(h, 401, NULL);
	free(key);
}

static void the_machine_itself_is_nobody_special(void **state)
{
	struct harness *h = *state;

	ask(h, &(struct ask){.method = "GET",
	                     .uri = "/api/users",
	                     .address = "127.0.0.1",
	                     .host = "localhost"});
	assert_problem(h, 401, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_header_has_one_meaning),
	    cmocka_unit_test(what_has_two_meanings_is_refused),
	    cmocka_unit_test(a_header_ends_at_8192_bytes),
	    HARNESS_TEST(two_credentials_are_400_on_every_route),
	    HARNESS_TEST(a_secret_that_is_nearly_right_is_nobodys),
	    HARNESS_TEST(the_machine_itself_is_nobody_special),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
