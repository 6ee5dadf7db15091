/*
 * Unit tests of store/cycle_total.h and store/cycle_setting.h: totals are held
 * against sums of SQL over days that are listed one by one.
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/cycle_setting.h"
#include "store/cycle_total.h"
#include "store/location.h"
#include "store/usage.h"

enum { DAY = 13 };

static const struct date today = {2026, 3, 20};

static int64_t add_location(struct fixture *f, const char *name)
{
	struct location location;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, name, NULL, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return location.id;
}

static void put(struct fixture *f, struct date date, int64_t location,
                int64_t bytes)
{
	struct dum_error err = {0};
	enum usage_change change;
	struct usage usage;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(
	    usage_put(&usage, &change, f->db, date, location, bytes, &err),
	    &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static struct cycle_change set_day(struct fixture *f, int64_t location, int day,
                                   struct date from)
{
	const struct cycle_setting setting = {from, day};
	struct cycle_preview preview;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(cycle_setting_put(&preview, f->db, location, &setting, DAY,
	                            today, &err),
	          &err);
	assert_ok(db_commit(f->db, &err), &err);
	return preview.change;
}

struct seen {
	int count;
	struct cycle_total list[64];
};

static enum dum_status see(void *arg, const struct cycle_total *total,
                           struct dum_error *err)
{
	struct seen *seen = arg;

	(void)err;
	assert_true(seen->count < 64);
	seen->list[seen->count++] = *total;
	return DUM_OK;
}

static struct seen totals(struct fixture *f, int64_t location, int limit)
{
	struct seen seen = {.count = 0};
	struct dum_error err = {0};

	assert_ok(db_read_begin(f->db, 0, &err), &err);
	assert_ok(cycle_total_each(f->db, location, DAY, today, limit, see,
	                           &seen, &err),
	          &err);
	db_read_end(f->db);
	return seen;
}

static void assert_cycle(struct cycle got, const char *start, const char *end)
{
	char text[DATE_TEXT_MAX];

	date_format(text, got.start);
	assert_string_equal(text, start);
	date_format(text, got.end);
	assert_string_equal(text, end);
}

/* What SQL says of the days of a cycle up to today. */
static int64_t by_sql(struct fixture *f, const char *what, struct cycle cycle,
                      int64_t location)
{
	char start[DATE_TEXT_MAX], end[DATE_TEXT_MAX], sql[400];

	date_format(start, cycle.start);
	date_format(end, cycle.end);
	snprintf(sql, sizeof(sql),
	         "SELECT coalesce(%s, 0) FROM daily_usage WHERE date >= '%s' "
	         "AND date < '%s' AND date <= '2026-03-20' AND (location_id = "
	         "%lld OR %lld = 0)",
	         what, start, end, (long long)location, (long long)location);
	return fixture_number(f, sql);
}

static void cycles_come_newest_first_as_far_as_there_are_records(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A"), b = add_location(f, "B");
	struct seen seen;

	for (int day = 0; day < 70; day++)
		put(f, date_add(today, -day), a, 1000 + day);
	for (int day = 0; day < 40; day += 3)
		put(f, date_add(today, -day), b, 7);
	put(f, date_add(today, 1), a, 5000000); /* not used yet */
	for (int64_t which = 0; which <= b; which++) {
		seen = totals(f, which, 12);
		assert_int_equal(seen.count, which == b ? 3 : 4);
		assert_cycle(seen.list[0].cycle, "2026-03-13", "2026-04-13");
		assert_cycle(seen.list[1].cycle, "2026-02-13", "2026-03-13");
		for (int i = 0; i < seen.count; i++) {
			const struct cycle_total *t = &seen.list[i];

			assert_int_equal(
			    t->total.rest,
			    by_sql(f, "sum(usage_bytes)", t->cycle, which));
			assert_int_equal(t->total.gb, 0);
			assert_int_equal(
			    t->present, by_sql(f, "count(*)", t->cycle, which));
			assert_int_equal(t->days, t->present);
		}
		assert_int_equal(seen.list[0].expected,
		                 8 * (which == 0 ? 2 : 1));
		assert_int_equal(seen.list[1].expected,
		                 28 * (which == 0 ? 2 : 1));
	}
	assert_int_equal(totals(f, a, 2).count, 2);
	assert_int_equal(totals(f, a, 0).count, 0);
}

static void of_nothing_the_newest_cycle_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A");
	struct seen seen = totals(f, a, 12);
	struct dum_error err = {0};

	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.list[0].present, 0);
	assert_int_equal(seen.list[0].expected, 8);
	assert_int_equal(totals(f, 0, 12).count, 1);
	assert_status(
	    cycle_total_each(f->db, 99, DAY, today, 12, see, &seen, &err),
	    DUM_ENOTFOUND, &err);
}

static void a_sum_of_all_is_wider_than_64_bits(void **state)
{
	struct fixture *f = *state;
	struct seen seen;

	/* 500 locations at the limit, for 20 days: 10^19 bytes. */
	fixture_exec(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + "
	                "1 FROM n WHERE i < 500) INSERT INTO locations (name, "
	                "display_name) SELECT 'l' || i, 'l' || i FROM n");
	fixture_exec(f,
	             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
	             "FROM n WHERE i < 19) INSERT INTO daily_usage (date, "
	             "location_id, usage_bytes) SELECT date('2026-02-14', i || "
	             "' days'), l.id, 1000000000000000 FROM n, locations l");
	seen = totals(f, 0, 3);
	assert_int_equal(seen.list[1].total.gb, INT64_C(10000000000));
	assert_int_equal(seen.list[1].total.rest, 0);
	assert_int_equal(seen.list[1].present, 10000);
}

static void a_change_makes_one_stub_and_leaves_what_is_over(void **state)
{
	struct fixture *f = *state;
	struct cycle_change change;
	struct seen before, after;
	int64_t a = add_location(f, "A");

	for (int day = 0; day < 400; day += 5)
		put(f, date_add(today, -day), a, 1);
	before = totals(f, 0, 20);
	change = set_day(f, 0, 20, (struct date){2026, 3, 25});
	assert_true(change.is_stub);
	assert_cycle(change.last, "2026-04-13", "2026-04-20");
	assert_cycle(change.first, "2026-04-20", "2026-05-20");
	after = totals(f, 0, 20);
	assert_int_equal(after.count, before.count);
	assert_memory_equal(after.list, before.list,
	                    sizeof(before.list[0]) * (size_t)before.count);
	/* From the middle of the current one on. */
	change = set_day(f, 0, 18, (struct date){2026, 3, 14});
	assert_cycle(change.last, "2026-03-13", "2026-03-18");
	after = totals(f, 0, 20);
	assert_cycle(after.list[0].cycle, "2026-03-18", "2026-04-18");
	assert_cycle(after.list[1].cycle, "2026-03-13", "2026-03-18");
	assert_memory_equal(&after.list[2], &before.list[1],
	                    sizeof(before.list[0]) * 5);
	/* The same day again is no cut. */
	change = set_day(f, 0, 20, (struct date){2026, 5, 1});
	assert_false(change.is_stub);
	assert_cycle(change.first, "2026-05-20", "2026-06-20");
	/* One that another one takes over before it starts. */
	set_day(f, 0, 3, (struct date){2026, 6, 21});
	change = set_day(f, 0, 25, (struct date){2026, 6, 20});
	assert_cycle(change.first, "2026-06-25", "2026-07-25");
}

static void a_location_of_its_own_keeps_its_past(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A"), b = add_location(f, "B");
	struct cycle_settings settings;
	struct dum_error err = {0};
	struct cycle cycle;

	fixture_exec(f, "INSERT INTO cycle_settings (cycle_day, valid_from) "
	                "VALUES (5, '2025-01-01')");
	set_day(f, a, 10, (struct date){2026, 3, 6});
	assert_ok(cycle_settings_load(&settings, f->db, a, DAY, &err), &err);
	assert_int_equal(settings.own, 1);
	cycle = cycle_of(&settings.plan, (struct date){2025, 6, 6});
	assert_cycle(cycle, "2025-06-05", "2025-07-05");
	cycle = cycle_of(&settings.plan, (struct date){2026, 3, 7});
	assert_cycle(cycle, "2026-03-05", "2026-03-10");
	cycle = cycle_of(&settings.plan, today);
	assert_cycle(cycle, "2026-03-10", "2026-04-10");
	cycle_settings_release(&settings);
	/* What is set for all later is not for it. */
	set_day(f, 0, 28, (struct date){2026, 3, 21});
	assert_cycle(totals(f, a, 1).list[0].cycle, "2026-03-10", "2026-04-10");
	assert_cycle(totals(f, b, 1).list[0].cycle, "2026-03-05", "2026-03-28");
}

static void what_can_not_be_set_is_told_by_its_field(void **state)
{
	static const struct {
		int64_t location;
		int day;
		struct date from;
		const char *field;
	} wrong[] = {
	    {0, 0, {2026, 4, 1}, "cycle_day"},
	    {0, 32, {2026, 4, 1}, "cycle_day"},
	    {0, 5, {2026, 3, 12}, "valid_from"},
	    {0, 5, {2037, 1, 1}, "valid_from"},
	    {9, 5, {2026, 4, 1}, "location_id"},
	};
	struct fixture *f = *state;
	struct cycle_preview preview;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct cycle_setting setting = {wrong[i].from,
		                                      wrong[i].day};
		struct dum_error err = {0};

		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_status(cycle_setting_put(&preview, f->db,
		                                wrong[i].location, &setting,
		                                DAY, today, &err),
		              DUM_EINVAL, &err);
		assert_string_equal(err.field, wrong[i].field);
		assert_int_equal(err.status, DUM_EINVAL);
		db_rollback(f->db);
	}
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM cycle_settings"), 0);
}

static void each_change_is_journalled_once(void **state)
{
	struct fixture *f = *state;
	const char *entries = "SELECT count(*) FROM journal WHERE tbl = "
	                      "'cycle_settings'";

	set_day(f, 0, 5, (struct date){2026, 4, 1});
	assert_int_equal(fixture_number(f, entries), 1);
	set_day(f, 0, 5, (struct date){2026, 4, 1});
	assert_int_equal(fixture_number(f, entries), 1);
	set_day(f, 0, 6, (struct date){2026, 4, 1});
	assert_int_equal(fixture_number(f, entries), 2);
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM cycle_settings"), 1);
	assert_int_equal(fixture_number(f, "SELECT json_extract(before, "
	                                   "'$.cycle_day') * 100 + "
	                                   "json_extract(after, '$.cycle_day') "
	                                   "FROM journal ORDER BY id DESC "
	                                   "LIMIT 1"),
	                 506);
}

#define with_database(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    with_database(cycles_come_newest_first_as_far_as_there_are_records),
	    with_database(of_nothing_the_newest_cycle_is_told),
	    with_database(a_sum_of_all_is_wider_than_64_bits),
	    with_database(a_change_makes_one_stub_and_leaves_what_is_over),
	    with_database(a_location_of_its_own_keeps_its_past),
	    with_database(what_can_not_be_set_is_told_by_its_field),
	    with_database(each_change_is_journalled_once),
	};

	return cmocka_run_group_tests_name("cycle_total", tests, NULL, NULL);
}
