/* Unit tests of access/password_policy.h and the list of common passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "access/common_password.h"
#include "access/password_policy.h"

/* sixteen times eight bytes */
#define EIGHT(x) x x x x x x x x
#define LONGEST  EIGHT("abcdefghijklmno7")

static const struct {
	const char *why, *username, *password;
	bool good;
} cases[] = {
    {"four words", "alice", "correct horse battery staple", true},
    {"twelve characters", "alice", "vK3!pq8zLm2x", true},
    {"eleven", "alice", "vK3!pq8zLm2", false},
    {"nothing", "alice", "", false},
    {"eleven letters of two bytes", "alice", "äöüßéèêàáâó", false},
    {"twelve letters of two bytes", "alice", "äöüßéèêàáâóò", true},
    {"128 characters", "alice", LONGEST, true},
    {"129", "alice", LONGEST "x", false},
    {"half a character", "alice", "vK3!pq8zLm2x\xc3", false},
    {"a NUL ends it, a line break is as good as any", "alice", "vK3!pq8z\nLm2x",
     true},
    {"blanks are characters", "alice", "  vK3 pq8zLm  ", true},
    {"one of the commonest", "alice", "passwordpassword", false},
    {"with digits behind", "alice", "password12345", false},
    {"in capitals, digits in front", "alice", "2026PASSWORD!!", false},
    {"two of them", "alice", "DragonMaster", false},
    {"two of them and signs", "alice", "dragon-master-2026", false},
    {"letters in order", "alice", "abcdefghijkl", false},
    {"digits in order, over the turn", "alice", "789012345678901", false},
    {"digits backwards", "alice", "987654321098", false},
    {"one character", "alice", "aaaaaaaaaaaaaaaa", false},
    {"four characters", "alice", "abcdabdcacbdadbc", false},
    {"the user's name", "alicewonder", "alicewonder12", false},
    {"it twice", "alice", "AliceALICEalice", false},
    {"it and enough beside", "alice", "alice vK3!pq8zLm", true},
    {"no name", "", "vK3!pq8zLm2x", true},
};

static void each_password_is_taken_or_refused_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dum_error err = {0};
		enum dum_status status;

		status = password_policy_check(
		    cases[i].username, cases[i].password, "new_password", &err);
		if (status != (cases[i].good ? DUM_OK : DUM_EINVAL))
			fail_msg("%s: %d %s", cases[i].why, status, err.text);
		if (!cases[i].good)
			assert_string_equal(err.field, "new_password");
		if (strlen(cases[i].password) > 4) /* never told back */
			assert_null(strstr(err.text, cases[i].password));
	}
}

static void each_entry_of_the_list_is_found_and_nothing_beside(void **state)
{
	(void)state;
	assert_true(common_password_count >= 3000);
	for (size_t i = 0; i < common_password_count; i++) {
		const char *entry = common_password_text +
		                    common_password_at[i];
		char longer[64];

		assert_true(common_password_has(entry, strlen(entry)));
		snprintf(longer, sizeof(longer), "%s\x7f", entry);
		assert_false(common_password_has(longer, strlen(longer)));
		if (i > 0)
			assert_true(strcmp(common_password_text +
			                       common_password_at[i - 1],
			                   entry) < 0);
	}
	assert_false(common_password_has("", 0));
	assert_false(common_password_has("zzzzzzzzzzzzzzzz", 16));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_password_is_taken_or_refused_with_a_reason),
	    cmocka_unit_test(
	        each_entry_of_the_list_is_found_and_nothing_beside),
	};

	return cmocka_run_group_tests_name("password_policy", tests, NULL,
	                                   NULL);
}
