/* Unit tests of base/plural.h. Seen to fail with n <= 1 in place of n == 1. */
#include "fixture.h"

#include "base/plural.h"

static void only_one_is_one(void **state)
{
	static const int64_t many[] = {0, 2, 11, 21, 101, -1, INT64_MAX};

	(void)state;
	assert_string_equal(plural(1, "entry", "entries"), "entry");
	assert_string_equal(plural_s(1), "");
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		assert_string_equal(plural(many[i], "entry", "entries"),
		                    "entries");
		assert_string_equal(plural_s(many[i]), "s");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_one_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
