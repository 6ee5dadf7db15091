/* Unit tests of lib/backup/backup_name.h: what is written reads back. */
#include "fixture.h"

#include <string.h>

#include "backup/backup_name.h"

static void names_read_back_as_they_were_made(void **state)
{
	static const struct {
		const char *text;
		struct backup_name name;
	} cases[] = {
	    {"data_usage_backup_20261102_140000.db.gz",
	     {1793628000, "", 1, true, false}},
	    {"data_usage_backup_20261102_140000_2.db.gz",
	     {1793628000, "", 2, true, false}},
	    {"data_usage_backup_20261102_140000_before-move.db",
	     {1793628000, "before-move", 1, false, false}},
	    {"data_usage_backup_20261102_140000_a1_12.db.gz.enc",
	     {1793628000, "a1", 12, true, true}},
	    {"data_usage_backup_19700101_000000.db.enc",
	     {0, "", 1, false, true}},
	};
	struct backup_name name;
	char text[BACKUP_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		backup_name_format(text, &cases[i].name);
		assert_string_equal(text, cases[i].text);
		assert_true(backup_name_parse(&name, cases[i].text));
		assert_int_equal(name.at, cases[i].name.at);
		assert_string_equal(name.label, cases[i].name.label);
		assert_int_equal(name.number, cases[i].name.number);
		assert_int_equal(name.packed, cases[i].name.packed);
		assert_int_equal(name.encrypted, cases[i].name.encrypted);
	}
}

static void other_names_are_not_ours(void **state)
{
	static const char *const texts[] = {
	    "",
	    "x",
	    "data_usage_backup_",
	    "data_usage_backup_20261102_140000",
	    "data_usage_backup_20261102_140000.gz",
	    "data_usage_backup_20261102_140000.db.gz.json",
	    "data_usage_backup_20261102_140000.db.gz.partial",
	    "data_usage_backup_20261302_140000.db.gz",
	    "data_usage_backup_20260230_140000.db.gz",
	    "data_usage_backup_20261102_240000.db.gz",
	    "data_usage_backup_2026110_1400000.db.gz",
	    "data_usage_backup_20261102_140000_1.db.gz",
	    "data_usage_backup_20261102_140000_02.db.gz",
	    "data_usage_backup_20261102_140000_.db.gz",
	    "data_usage_backup_20261102_140000_a_b.db.gz",
	    "data_usage_backup_20261102_140000_2_a.db.gz",
	    "data_usage_backup_20261102_140000_../x.db.gz",
	    "data_usage_backup_20261102_140000_a.db.gz\n",
	    "../data_usage_backup_20261102_140000.db.gz",
	};
	struct backup_name name;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (backup_name_parse(&name, texts[i]))
			fail_msg("'%s' was taken", texts[i]);
}

static void labels_are_letters_digits_and_hyphens(void **state)
{
	(void)state;
	assert_true(backup_label_ok("a"));
	assert_true(backup_label_ok("before-2026"));
	assert_true(
	    backup_label_ok("a123456789a123456789a123456789a123456789"));
	assert_false(
	    backup_label_ok("a123456789a123456789a123456789a1234567890"));
	assert_false(backup_label_ok(""));
	assert_false(backup_label_ok("12"));
	assert_false(backup_label_ok("a_b"));
	assert_false(backup_label_ok("a/b"));
	assert_false(backup_label_ok("\xc3\xa4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_read_back_as_they_were_made),
	    cmocka_unit_test(other_names_are_not_ours),
	    cmocka_unit_test(labels_are_letters_digits_and_hyphens),
	};

	return cmocka_run_group_tests_name("backup_name", tests, NULL, NULL);
}
