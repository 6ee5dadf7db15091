/* Unit tests of lib/backup/retention.h: a list in, what may go out. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/retention.h"

enum { DAY = 86400, MAX = 400 };

/* 2026-11-24T12:00:00Z, a Tuesday */
static const int64_t now = 1795521600;

struct shelf {
	struct catalog catalog;
	struct catalog_entry list[MAX];
	struct retention_verdict verdicts[MAX];
};

static struct shelf *make_shelf(void)
{
	struct shelf *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->catalog.list = s->list;
	return s;
}

/* The oldest first, as a catalog has them. */
static struct catalog_entry *put(struct shelf *s, int64_t at,
                                 enum backup_state state, const char *label)
{
	struct catalog_entry *e = &s->list[s->catalog.count++];

	e->parsed.at = at;
	e->state = state;
	e->has_manifest = true;
	snprintf(e->parsed.label, sizeof(e->parsed.label), "%s", label);
	backup_name_format(e->name, &e->parsed);
	return e;
}

static size_t kept(const struct shelf *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->catalog.count; i++)
		n += s->verdicts[i].keep;
	return n;
}

static void plan(struct shelf *s, struct retention_policy policy)
{
	struct dum_error err = {0};

	assert_ok(retention_plan(s->verdicts, &s->catalog, &policy, now, &err),
	          &err);
}

static void what_is_old_goes_and_what_is_recent_stays(void **state)
{
	struct shelf *s = make_shelf();

	(void)state;
	for (int64_t d = 59; d >= 0; d--)
		put(s, now - d * DAY, BACKUP_PROVEN, "");
	plan(s, (struct retention_policy){.days = 30, .max_count = 50});
	assert_int_equal(kept(s), 31);
	assert_false(s->verdicts[28].keep);
	assert_true(s->verdicts[29].keep); /* 30 days to the second */
	plan(s, (struct retention_policy){.days = 30, .max_count = 5});
	assert_int_equal(kept(s), 5);
	assert_true(s->verdicts[59].keep);
	free(s);
}

static void labelled_ones_and_the_newest_proven_one_stay(void **state)
{
	struct shelf *s = make_shelf();

	(void)state;
	put(s, now - 900 * DAY, BACKUP_UNPROVEN, "first");
	put(s, now - 800 * DAY, BACKUP_PROVEN, "");
	put(s, now - 700 * DAY, BACKUP_PROVEN, "");
	put(s, now - 600 * DAY, BACKUP_UNPROVEN, "");
	put(s, now - 500 * DAY, BACKUP_DAMAGED, "");
	plan(s, (struct retention_policy){.days = 1, .max_count = 1});
	assert_int_equal(kept(s), 2);
	assert_true(s->verdicts[0].keep);
	assert_true(s->verdicts[2].keep);
	/* Nor does the number of young unproven ones push it out. */
	put(s, now - 2, BACKUP_UNPROVEN, "");
	put(s, now - 1, BACKUP_UNPROVEN, "");
	plan(s, (struct retention_policy){.days = 1, .max_count = 1});
	assert_true(s->verdicts[2].keep);
	assert_string_equal(s->verdicts[2].why, "the newest proven one");
	assert_false(s->verdicts[5].keep);
	assert_true(s->verdicts[6].keep);
	free(s);
}

static void labelled_ones_do_not_count(void **state)
{
	struct shelf *s = make_shelf();

	(void)state;
	for (int i = 10; i > 0; i--)
		put(s, now - i, BACKUP_PROVEN, i % 2 ? "a" : "");
	plan(s, (struct retention_policy){.days = 30, .max_count = 3});
	assert_int_equal(kept(s), 5 + 3);
	free(s);
}

static void nothing_goes_while_the_clock_is_behind(void **state)
{
	struct shelf *s = make_shelf();
	struct retention_policy policy = {.days = 1, .max_count = 1};
	struct dum_error err = {0};

	(void)state;
	put(s, now - 900 * DAY, BACKUP_PROVEN, "");
	put(s, now + 1, BACKUP_PROVEN, "");
	assert_status(
	    retention_plan(s->verdicts, &s->catalog, &policy, now, &err),
	    DUM_ECONFLICT, &err);
	assert_non_null(strstr(err.text, "the clock stands before"));
	free(s);
}

/* 300 days, two backups a day: which remain is counted by hand. */
static void days_weeks_and_months_keep_their_last(void **state)
{
	struct shelf *s = make_shelf();

	(void)state;
	for (int64_t h = 2 * 150; h > 0; h--)
		put(s, now - h * DAY / 2, BACKUP_PROVEN, "");
	plan(s, (struct retention_policy){
	            .days = 1, .max_count = 1, .keep_daily = 7});
	/* The newest is at 00:00 today; the last of the six days before. */
	assert_int_equal(kept(s), 7);
	plan(s, (struct retention_policy){
	            .days = 1, .max_count = 1, .keep_weekly = 4});
	assert_int_equal(kept(s), 4);
	/* This week's, then Sunday 12:00 of the three before. */
	for (size_t i = 0, week = 0; i < s->catalog.count; i++) {
		int64_t at = s->list[i].parsed.at;

		if (!s->verdicts[i].keep || i == s->catalog.count - 1)
			continue;
		assert_int_equal((at / DAY + 4) % 7, 0);
		assert_int_equal(at % DAY, DAY / 2);
		week++;
		assert_in_range(week, 1, 3);
	}
	plan(s, (struct retention_policy){
	            .days = 1, .max_count = 1, .keep_monthly = 12});
	/* November back to June, the first of which has only its end. */
	assert_int_equal(kept(s), 6);
	free(s);
}

static void a_proven_one_stands_for_its_day(void **state)
{
	struct shelf *s = make_shelf();

	(void)state;
	put(s, now - 100 * DAY - 20, BACKUP_PROVEN, "");
	put(s, now - 100 * DAY - 10, BACKUP_UNPROVEN, "");
	put(s, now - 10, BACKUP_PROVEN, "");
	plan(s, (struct retention_policy){
	            .days = 1, .max_count = 1, .keep_daily = 9});
	assert_true(s->verdicts[0].keep);
	assert_false(s->verdicts[1].keep);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_old_goes_and_what_is_recent_stays),
	    cmocka_unit_test(labelled_ones_and_the_newest_proven_one_stay),
	    cmocka_unit_test(labelled_ones_do_not_count),
	    cmocka_unit_test(nothing_goes_while_the_clock_is_behind),
	    cmocka_unit_test(days_weeks_and_months_keep_their_last),
	    cmocka_unit_test(a_proven_one_stands_for_its_day),
	};

	return cmocka_run_group_tests_name("retention", tests, NULL, NULL);
}
