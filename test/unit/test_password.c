/* Unit tests of crypto/password.h, crypto/totp.h and base/base64.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/password.h"
#include "crypto/totp.h"

/* RFC 4648, section 10, without the padding. */
static const struct {
	const char *plain, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
};

static void base64_gives_the_values_of_rfc_4648(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = strlen(vectors[i].plain);
		char text[16], plain[16] = "";

		base64_encode(text, vectors[i].plain, len, BASE64_STANDARD);
		assert_string_equal(text, vectors[i].text);
		assert_true(base64_decode(plain, len, text, strlen(text),
		                          BASE64_STANDARD));
		assert_memory_equal(plain, vectors[i].plain, len);
	}
}

static void base64_has_one_spelling_for_each_value(void **state)
{
	unsigned char out[2];
	char text[8];

	(void)state;
	base64_encode(text, "\xfb\xff", 2, BASE64_URL);
	assert_string_equal(text, "-_8");
	assert_true(base64_decode(out, 2, "-_8", 3, BASE64_URL));
	assert_false(base64_decode(out, 2, "-_9", 3, BASE64_URL));
	assert_false(base64_decode(out, 2, "+/8", 3, BASE64_URL));
	assert_false(base64_decode(out, 2, "-_8=", 4, BASE64_URL));
	assert_false(base64_decode(out, 2, "-_", 2, BASE64_URL));
}

static void check(const char *phc, const char *password, bool wanted,
                  bool wanted_outdated)
{
	bool matches = !wanted, outdated = !wanted_outdated;
	struct dum_error err = {0};

	assert_int_equal(
	    password_verify(&matches, &outdated, phc, password, &err), DUM_OK);
	assert_int_equal(matches, wanted);
	assert_int_equal(outdated, wanted_outdated);
}

static void a_password_matches_its_own_hash_alone(void **state)
{
	char one[PASSWORD_PHC_MAX], two[PASSWORD_PHC_MAX];
	struct dum_error err = {0};

	(void)state;
	assert_int_equal(password_hash(one, "correct horse", &err), DUM_OK);
	assert_int_equal(password_hash(two, "correct horse", &err), DUM_OK);
	assert_string_not_equal(one, two); /* by their salts */
	check(one, "correct horse", true, false);
	check(one, "correct horse ", false, false);
	check(one, "", false, false);
}

/* Made by the argon2 program: printf password | argon2 somesaltsomesalt -id
 * -m 12 -t 3 -p 1 -l 32 -e */
static void a_hash_of_another_program_is_understood(void **state)
{
	(void)state;
	check("$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
	      "BvuA7SfebsIC3f4gSy7/Ei1s6+hsEfaOuCZMbl/y/Sg",
	      "password", true, true);
}

static void a_hash_that_asks_for_too_much_is_damaged(void **state)
{
	static const char *const bad[] = {
	    "",
	    "plain",
	    "$argon2i$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
	    "qqSCqQPLbO7RKU+qFwvGng0L+M5rIwM+YAEd/Zm8Kbs",
	    "$argon2id$v=19$m=4194304,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
	    "qqSCqQPLbO7RKU+qFwvGng0L+M5rIwM+YAEd/Zm8Kbs",
	    "$argon2id$v=19$m=4096,t=99,p=1$c29tZXNhbHRzb21lc2FsdA$"
	    "qqSCqQPLbO7RKU+qFwvGng0L+M5rIwM+YAEd/Zm8Kbs",
	    "$argon2id$v=19$m=4096,t=3,p=1$c29t$"
	    "qqSCqQPLbO7RKU+qFwvGng0L+M5rIwM+YAEd/Zm8Kbs",
	    "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
	    "qqSCqQPLbO7RKU+qFwvGng0L+M5rIwM+YAEd/Zm8Kbs$",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dum_error err = {0};
		bool matches, outdated;

		assert_int_equal(password_verify(&matches, &outdated, bad[i],
		                                 "password", &err),
		                 DUM_EDAMAGED);
	}
}

/* RFC 6238, appendix B; the last six of its eight digits. */
static const struct {
	int64_t at;
	const char *code;
} codes[] = {
    {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
};

static const unsigned char seed[] = "12345678901234567890";

static void codes_are_those_of_rfc_6238(void **state)
{
	char code[TOTP_DIGITS + 1], text[TOTP_SEED_TEXT_MAX];
	struct dum_error err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(totp_code(code, seed, codes[i].at / 30, &err),
		                 DUM_OK);
		assert_string_equal(code, codes[i].code);
	}
	totp_seed_text(text, seed);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static int64_t step_of(const char *code, int64_t now, int64_t last_step)
{
	struct dum_error err = {0};
	int64_t step = -1;

	assert_int_equal(totp_check(&step, seed, code, now, last_step, &err),
	                 DUM_OK);
	return step;
}

static void a_code_holds_one_step_around_now_and_once(void **state)
{
	int64_t at = 1234567890, step = at / 30;

	(void)state;
	assert_int_equal(step_of("005924", at, 0), step);
	assert_int_equal(step_of("005924", at + 30, 0), step);
	assert_int_equal(step_of("005924", at - 30, 0), step);
	assert_int_equal(step_of("005924", at + 60, 0), 0);
	assert_int_equal(step_of("005924", at - 60, 0), 0);
	assert_int_equal(step_of("005924", at, step), 0); /* used already */
	assert_int_equal(step_of("005925", at, 0), 0);
	assert_int_equal(step_of("5924", at, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64_gives_the_values_of_rfc_4648),
	    cmocka_unit_test(base64_has_one_spelling_for_each_value),
	    cmocka_unit_test(a_password_matches_its_own_hash_alone),
	    cmocka_unit_test(a_hash_of_another_program_is_understood),
	    cmocka_unit_test(a_hash_that_asks_for_too_much_is_damaged),
	    cmocka_unit_test(codes_are_those_of_rfc_6238),
	    cmocka_unit_test(a_code_holds_one_step_around_now_and_once),
	};

	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
