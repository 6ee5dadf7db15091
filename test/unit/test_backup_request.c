/* Unit tests of lib/backup/backup_request.h, progress.h and discard.h. */
#include "fixture.h"

#include <string.h>

#include "backup/backup_request.h"
#include "backup/discard.h"
#include "backup/progress.h"

#define NAME "data_usage_backup_20261124_140000.db.gz"

static void a_request_is_read_as_it_was_written(void **state)
{
	static const struct backup_request requests[] = {
	    {.level = 0},
	    {.label = "before-move"},
	    {.file = NAME, .level = 3},
	    {.file = "data_usage_backup_20261124_140000_a-b_2.db.enc"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct backup_request read = {.level = -1};
		struct strbuf text = STRBUF_INIT;
		struct dum_error err = {0};

		backup_request_write(&text, &requests[i]);
		assert_int_equal(backup_request_read(&read, text.buf, &err),
		                 DUM_OK);
		assert_string_equal(read.label, requests[i].label);
		assert_string_equal(read.file, requests[i].file);
		assert_int_equal(read.level, requests[i].level);
		strbuf_release(&text);
	}
}

static void what_was_not_written_so_is_refused(void **state)
{
	static const char *const texts[] = {
	    "",
	    "[]",
	    "{\"label\":\"\",\"file\":\"\"}",
	    "{\"label\":\"\",\"file\":\"\",\"level\":0,\"more\":1}",
	    "{\"label\":\"\",\"file\":\"\",\"level\":4}",
	    "{\"label\":\"\",\"file\":\"\",\"level\":-1}",
	    "{\"label\":\"\",\"file\":\"\",\"level\":\"0\"}",
	    "{\"label\":\"a b\",\"file\":\"\",\"level\":0}",
	    "{\"label\":\"12\",\"file\":\"\",\"level\":0}",
	    "{\"label\":\"\",\"file\":\"../" NAME "\",\"level\":0}",
	    "{\"label\":\"\",\"file\":\"" NAME "\\u0000\",\"level\":0}",
	    "{\"label\":\"\",\"file\":\"backup.lock\",\"level\":0}",
	    "{\"label\":\"\",\"label\":\"x\",\"file\":\"\",\"level\":0}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct backup_request read = {.level = -1};
		struct dum_error err = {0};

		if (backup_request_read(&read, texts[i], &err) != DUM_EDAMAGED)
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(read.level, -1);
	}
}

/* What was told last. */
struct told {
	int64_t done, all;
	int times;
};

static void hear(void *arg, int64_t done, int64_t all)
{
	struct told *told = arg;

	*told = (struct told){
	    .done = done, .all = all, .times = told->times + 1};
}

static void the_parts_of_a_work_go_on_from_each_other(void **state)
{
	static const struct {
		int64_t done, all, wanted;
	} steps[] = {
	    {0, 100, 500},
	    {50, 100, 700},
	    {100, 100, 900},
	    {101, 100, 900},
	    {INT64_MAX / 2, INT64_MAX, 700},
	};
	struct told told = {.times = 0};
	struct backup_part part = {
	    .fn = hear, .arg = &told, .from = 500, .to = 900};
	struct backup_part within = {
	    .fn = backup_part_step, .arg = &part, .from = 500, .to = 1000};
	struct backup_part nobody = {.to = 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		backup_part_step(&part, steps[i].done, steps[i].all);
		/* The middle of a large number is rounded down. */
		assert_in_range(told.done, steps[i].wanted - 1,
		                steps[i].wanted);
		assert_int_equal(told.all, BACKUP_PROGRESS_WHOLE);
	}
	backup_part_step(&within, 1, 2);
	assert_int_equal(told.done, 800);
	told.times = 0;
	backup_part_step(&part, 1, 0);
	backup_part_step(&nobody, 1, 2);
	assert_int_equal(told.times, 0);
}

static void the_newest_proven_one_is_not_discarded(void **state)
{
	struct catalog_entry list[] = {
	    {.name = "a", .state = BACKUP_PROVEN},
	    {.name = "b", .state = BACKUP_PROVEN},
	    {.name = "c", .state = BACKUP_UNPROVEN},
	    {.name = "d", .state = BACKUP_MISSING},
	};
	const struct catalog catalog = {.list = list, .count = 4};
	const struct catalog_entry *entry = NULL;
	struct dum_error err = {0};

	(void)state;
	assert_int_equal(discard_find(&entry, &catalog, "b", &err),
	                 DUM_ECONFLICT);
	assert_non_null(strstr(err.text, "b is the newest backup"));
	assert_null(entry);
	error_clear(&err);
	assert_int_equal(discard_find(&entry, &catalog, "e", &err),
	                 DUM_ENOTFOUND);
	for (size_t i = 0; i < 4; i++) {
		if (i == 1)
			continue;
		error_clear(&err);
		assert_int_equal(
		    discard_find(&entry, &catalog, list[i].name, &err), DUM_OK);
		assert_ptr_equal(entry, &list[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_is_read_as_it_was_written),
	    cmocka_unit_test(what_was_not_written_so_is_refused),
	    cmocka_unit_test(the_parts_of_a_work_go_on_from_each_other),
	    cmocka_unit_test(the_newest_proven_one_is_not_discarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
