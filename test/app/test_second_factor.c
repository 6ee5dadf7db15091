/* Handler tests of /api/auth/totp and of log-ins with a code. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/totp.h"

#define TOTP   "/api/auth/totp"
#define LOGIN  "/api/auth/login"
#define WITH   "{\"password\":\"" HARNESS_PASSWORD "\"}"
#define SIGNIN "{\"username\":\"alice\",\"password\":\"" HARNESS_PASSWORD "\""

#define FAILED                                                             \
	"SELECT count(*) FROM journal WHERE op = 'login_failed' AND pk = " \
	"'alice'"

static struct session_pass alice;
static unsigned char seed[TOTP_SEED_BYTES];

static int setup(void **state)
{
	harness_setup(state);
	alice = harness_login(*state, "alice", ROLE_ADMIN, NULL);
	return 0;
}

/* Base 32 (RFC 4648), read independently of what writes it. */
static void read_seed(const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0;
	int have = 0;
	size_t at_byte = 0;

	assert_int_equal(strlen(text), 32);
	for (; *text != '\0'; text++) {
		const char *digit = strchr(digits, *text);

		assert_non_null(digit);
		bits = (bits << 5 | (unsigned)(digit - digits)) & 0xfff;
		have += 5;
		if (have >= 8) {
			have -= 8;
			seed[at_byte++] = (unsigned char)(bits >> have);
		}
	}
	assert_int_equal(at_byte, TOTP_SEED_BYTES);
}

/* What the app shows so many steps from now. */
static const char *code_at(struct harness *h, int steps)
{
	static char code[TOTP_DIGITS + 1];
	struct dum_error err = {0};

	assert_ok(
	    totp_code(code, seed, db_now(h->f->db) / TOTP_STEP_S + steps, &err),
	    &err);
	return code;
}

static int send_code(struct harness *h, const struct session_pass *as,
                     const char *method, const char *uri, const char *before,
                     const char *code)
{
	char body[300];

	snprintf(body, sizeof(body), "%s\"code\":\"%s\"}", before, code);
	return send_json(h, as, method, uri, body);
}

/* Set up and confirm; the recovery codes stand in the answer then. */
static void enrol(struct harness *h)
{
	send_json(h, &alice, "POST", TOTP, WITH);
	assert_int_equal(h->status, 200);
	read_seed(text_at(h, "seed"));
	send_code(h, &alice, "POST", TOTP "/confirm", "{", code_at(h, 0));
	assert_int_equal(h->status, 200);
	/* The next step, since that of now is used up. */
	harness_wait(h, TOTP_STEP_S);
}

static void enrolment_takes_the_password_and_a_first_code(void **state)
{
	struct harness *h = *state;

	send_json(h, &alice, "POST", TOTP, "{\"password\":\"not that one\"}");
	assert_problem(h, 403, "/password");
	send_json(h, &alice, "POST", TOTP, WITH);
	assert_int_equal(h->status, 200);
	assert_int_equal(json_object_size(h->json), 2);
	assert_int_equal(strncmp(text_at(h, "uri"), "otpauth://totp/", 15), 0);
	assert_non_null(strstr(text_at(h, "uri"), text_at(h, "seed")));
	read_seed(text_at(h, "seed"));
	/* It does not count yet. */
	send_json(h, NULL, "POST", LOGIN, SIGNIN "}");
	assert_int_equal(h->status, 200);
	send_code(h, &alice, "POST", TOTP "/confirm", "{", code_at(h, 5));
	assert_problem(h, 400, "/code");
	send_code(h, &alice, "POST", TOTP "/confirm", "{", code_at(h, 0));
	assert_int_equal(h->status, 200);
	assert_int_equal(json_array_size(at(h, "recovery_codes")), 10);
	assert_int_equal(strlen(text_at(h, "recovery_codes/9")), 17);
	get(h, &alice, "/api/auth/session");
	assert_true(json_is_true(at(h, "user/totp")));
	send_json(h, &alice, "POST", TOTP, WITH);
	assert_problem(h, 409, NULL);
}

static void nothing_is_confirmed_that_was_not_begun(void **state)
{
	struct harness *h = *state;

	send_json(h, &alice, "POST", TOTP "/confirm", "{\"code\":\"000000\"}");
	assert_problem(h, 409, NULL);
	send_code(h, &alice, "DELETE", TOTP,
	          "{\"password\":\"" HARNESS_PASSWORD "\",", "000000");
	assert_problem(h, 409, NULL);
	get(h, &alice, "/api/auth/session");
	assert_true(json_is_false(at(h, "user/totp")));
}

static void a_login_needs_the_code_then(void **state)
{
	struct harness *h = *state;

	enrol(h);
	send_json(h, NULL, "POST", LOGIN, SIGNIN "}");
	assert_problem(h, 401, NULL);
	assert_true(json_is_true(at(h, "code_required")));
	assert_null(header(h, "Set-Cookie"));
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", "000000");
	assert_problem(h, 401, NULL);
	assert_null(json_object_get(h->json, "code_required"));
	/* With a wrong password nobody hears that there is a code. */
	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"alice\",\"password\":\"not that one\"}");
	assert_problem(h, 401, NULL);
	assert_null(json_object_get(h->json, "code_required"));
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code_at(h, 0));
	assert_int_equal(h->status, 200);
	assert_true(json_is_true(at(h, "user/totp")));
}

static void no_code_works_twice_or_far_from_its_time(void **state)
{
	struct harness *h = *state;
	char code[TOTP_DIGITS + 1];

	enrol(h);
	snprintf(code, sizeof(code), "%s", code_at(h, 0));
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code);
	assert_int_equal(h->status, 200);
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code);
	assert_problem(h, 401, NULL);
	harness_wait(h, 10 * TOTP_STEP_S);
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code_at(h, -2));
	assert_problem(h, 401, NULL);
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code_at(h, 2));
	assert_problem(h, 401, NULL);
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code_at(h, -1));
	assert_int_equal(h->status, 200);
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code_at(h, 1));
	assert_int_equal(h->status, 200);
}

static void a_recovery_code_works_once(void **state)
{
	struct harness *h = *state;
	char code[32];

	send_json(h, &alice, "POST", TOTP, WITH);
	read_seed(text_at(h, "seed"));
	send_code(h, &alice, "POST", TOTP "/confirm", "{", code_at(h, 0));
	snprintf(code, sizeof(code), "%s", text_at(h, "recovery_codes/3"));
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code);
	assert_int_equal(h->status, 200);
	send_code(h, NULL, "POST", LOGIN, SIGNIN ",", code);
	assert_problem(h, 401, NULL);
}

static void to_remove_it_takes_both(void **state)
{
	struct harness *h = *state;

	enrol(h);
	send_code(h, &alice, "DELETE", TOTP,
	          "{\"password\":\"" HARNESS_PASSWORD "\",", "000000");
	assert_problem(h, 403, "/code");
	send_code(h, &alice, "DELETE", TOTP, "{\"password\":\"not that one\",",
	          code_at(h, 1));
	assert_problem(h, 403, "/password");
	send_json(h, &alice, "DELETE", TOTP, WITH);
	assert_problem(h, 400, "/code");
	assert_int_equal(fixture_number(h->f, FAILED " AND after LIKE"
	                                             " '%\"code\"%'"),
	                 1);
	assert_int_equal(fixture_number(h->f, FAILED " AND after LIKE"
	                                             " '%\"confirm\"%'"),
	                 1);
	/* The mistyped password did not use the code up. */
	send_code(h, &alice, "DELETE", TOTP,
	          "{\"password\":\"" HARNESS_PASSWORD "\",", code_at(h, 1));
	assert_int_equal(h->status, 204);
	send_code(h, &alice, "DELETE", TOTP,
	          "{\"password\":\"" HARNESS_PASSWORD "\",", code_at(h, 1));
	assert_problem(h, 409, NULL); /* there is none any more */
	get(h, &alice, "/api/auth/session");
	assert_true(json_is_false(at(h, "user/totp")));
	send_json(h, NULL, "POST", LOGIN, SIGNIN "}");
	assert_int_equal(h->status, 200);
}

/* Who knows the password and has the session must not get to try all codes. */
static void codes_can_not_be_guessed_at_the_removal(void **state)
{
	struct harness *h = *state;

	enrol(h);
	for (int i = 0; i < 5; i++) {
		send_code(h, &alice, "DELETE", TOTP,
		          "{\"password\":\"" HARNESS_PASSWORD "\",", "000000");
		assert_problem(h, 403, "/code");
	}
	send_code(h, &alice, "DELETE", TOTP,
	          "{\"password\":\"" HARNESS_PASSWORD "\",", code_at(h, 0));
	assert_problem(h, 429, NULL);
	assert_in_range(atoi(header(h, "Retry-After")), 1, 900);
	get(h, &alice, "/api/auth/session");
	assert_true(json_is_true(at(h, "user/totp")));
}

static void an_admin_can_be_made_to_have_one(void **state)
{
	struct harness *h = *state;
	struct session_pass bob = harness_login(h, "bob", ROLE_EDITOR, NULL);

	h->f->config.require_admin_totp = true;
	get(h, &alice, "/api/auth/session");
	assert_true(json_is_true(at(h, "user/must_enrol")));
	get(h, &alice, "/api/data/locations");
	assert_problem(h, 403, NULL);
	assert_string_equal(text_at(h, "type"),
	                    "/problems/second-factor-required");
	send_json(h, &alice, "POST", "/api/data/locations", "{\"name\":\"a\"}");
	assert_problem(h, 403, NULL);
	get(h, &bob, "/api/data/locations");
	assert_int_equal(h->status, 200);
	enrol(h);
	get(h, &alice, "/api/data/locations");
	assert_int_equal(h->status, 200);
	get(h, &alice, "/api/auth/session");
	assert_true(json_is_false(at(h, "user/must_enrol")));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(enrolment_takes_the_password_and_a_first_code),
	    TEST(nothing_is_confirmed_that_was_not_begun),
	    TEST(a_login_needs_the_code_then),
	    TEST(no_code_works_twice_or_far_from_its_time),
	    TEST(a_recovery_code_works_once),
	    TEST(to_remove_it_takes_both),
	    TEST(codes_can_not_be_guessed_at_the_removal),
	    TEST(an_admin_can_be_made_to_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
