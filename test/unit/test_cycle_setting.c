/*
 * Unit tests of store/cycle_setting.h: a preview is held against what is there
 * after the change has been made, read anew.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/cycle_setting.h"
#include "store/location.h"

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

static enum dum_status preview(struct cycle_preview *out, struct fixture *f,
                               int64_t location,
                               const struct cycle_setting *setting)
{
	struct dum_error err = {0};

	return cycle_setting_preview(out, f->db, location, setting, DAY, today,
	                             &err);
}

static enum dum_status put(struct cycle_preview *out, struct fixture *f,
                           int64_t location,
                           const struct cycle_setting *setting)
{
	struct dum_error err = {0};
	enum dum_status status;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	status = cycle_setting_put(out, f->db, location, setting, DAY, today,
	                           &err);
	if (status == DUM_OK)
		assert_ok(db_commit(f->db, &err), &err);
	db_rollback(f->db);
	return status;
}

static void assert_same(struct cycle a, struct cycle b)
{
	assert_int_equal(date_cmp(a.start, b.start), 0);
	assert_int_equal(date_cmp(a.end, b.end), 0);
}

static void assert_same_preview(const struct cycle_preview *a,
                                const struct cycle_preview *b)
{
	assert_same(a->change.last, b->change.last);
	assert_same(a->change.first, b->change.first);
	assert_int_equal(a->change.is_stub, b->change.is_stub);
	assert_int_equal(a->count, b->count);
	for (int i = 0; i < a->count; i++)
		assert_same(a->cycles[i], b->cycles[i]);
}

/* The cycles of a preview are those of the plan that is stored now. */
static void check_preview(struct fixture *f, int64_t location,
                          const struct cycle_preview *p,
                          const struct cycle_plan *before)
{
	struct cycle_settings settings;
	struct dum_error err = {0};
	struct cycle c;

	assert_ok(cycle_settings_load(&settings, f->db, location, DAY, &err),
	          &err);
	assert_in_range(p->count, 3, CYCLE_PREVIEW_MAX);
	c = cycle_of(&settings.plan, p->change.last.start);
	c = cycle_before(&settings.plan, c);
	/* What lies before the change is as it was. */
	assert_int_equal(date_cmp(c.start, cycle_of(before, c.start).start), 0);
	for (int i = 0; i < p->count; i++) {
		assert_same(p->cycles[i], c);
		assert_int_equal(p->stubs[i], cycle_is_stub(&settings.plan, c));
		c = cycle_after(&settings.plan, c);
	}
	/* It goes on to where the new day's first cycle would start. */
	c = p->cycles[p->count - 1];
	assert_true(date_cmp(c.start, p->change.first.start) >= 0);
	c = p->cycles[p->count - 2];
	assert_true(date_cmp(c.start, p->change.first.start) < 0);
	cycle_settings_release(&settings);
}

static void a_preview_is_what_the_change_then_does(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A");
	int made = 0;

	assert_int_equal(a, 1);
	srandom(11);
	for (int i = 0; i < 600; i++) {
		const struct cycle_setting setting = {
		    date_add(today, (int)(random() % 120) - 15),
		    (int)(random() % 31) + 1};
		int64_t location = random() % 2;
		struct cycle_settings before;
		struct dum_error err = {0};
		struct cycle_preview p, done, again;
		enum dum_status status;

		if (i % 20 == 0)
			fixture_exec(f, "DELETE FROM cycle_settings");
		assert_ok(
		    cycle_settings_load(&before, f->db, location, DAY, &err),
		    &err);
		status = preview(&p, f, location, &setting);
		assert_int_equal(put(&done, f, location, &setting), status);
		if (status == DUM_OK) {
			made++;
			assert_same_preview(&done, &p);
			/* Twice is once. */
			assert_int_equal(put(&again, f, location, &setting),
			                 DUM_OK);
			assert_same_preview(&again, &p);
			check_preview(f, location, &p, &before.plan);
		}
		cycle_settings_release(&before);
	}
	assert_true(made > 300);
}

static void a_preview_stores_nothing(void **state)
{
	const struct cycle_setting setting = {{2026, 4, 1}, 1};
	struct fixture *f = *state;
	struct cycle_preview p;

	assert_int_equal(preview(&p, f, 0, &setting), DUM_OK);
	assert_int_equal(p.count, 3);
	assert_true(p.stubs[1]); /* 13 to 31 March is cut short */
	assert_int_equal(cycle_days(p.cycles[0]), 28);
	assert_int_equal(cycle_days(p.cycles[1]), 19);
	assert_int_equal(cycle_days(p.cycles[2]), 30);
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM cycle_settings"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal WHERE "
	                                   "tbl = 'cycle_settings'"),
	                 0);
}

struct seen {
	int count;
	struct cycle_setting_row list[16];
};

static enum dum_status see(void *arg, const struct cycle_setting_row *row,
                           struct dum_error *err)
{
	struct seen *seen = arg;

	(void)err;
	assert_true(seen->count < 16);
	seen->list[seen->count++] = *row;
	return DUM_OK;
}

static void settings_are_listed_with_what_they_are_for(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A"), b = add_location(f, "B");
	struct cycle_settings settings;
	struct seen seen = {.count = 0};
	struct dum_error err = {0};

	fixture_exec(f, "INSERT INTO cycle_settings (location_id, cycle_day, "
	                "valid_from) VALUES (NULL, 1, '2025-01-01'), "
	                "(1, 2, '2025-06-01'), (NULL, 3, '2025-07-01'), "
	                "(1, 4, '2025-08-01'), (2, 5, '2025-01-01')");
	assert_ok(cycle_setting_each(f->db, 0, see, &seen, &err), &err);
	assert_int_equal(seen.count, 5);
	assert_int_equal(seen.list[0].location_id, 0);
	assert_int_equal(seen.list[1].location_id, b);
	assert_int_equal(seen.list[4].setting.cycle_day, 4);
	/* Of one: what its plan is made of, and nothing else. */
	for (int64_t id = a; id <= b; id++) {
		seen.count = 0;
		assert_ok(cycle_setting_each(f->db, id, see, &seen, &err),
		          &err);
		assert_ok(cycle_settings_load(&settings, f->db, id, DAY, &err),
		          &err);
		assert_int_equal(seen.count, id == a ? 3 : 1);
		assert_int_equal(seen.count, settings.plan.count);
		for (int i = 0; i < seen.count; i++)
			assert_memory_equal(&seen.list[i].setting,
			                    &settings.list[i],
			                    sizeof(settings.list[i]));
		cycle_settings_release(&settings);
	}
	/* Who sees nothing sees those for all. */
	db_see_as(f->db, "key:1");
	seen.count = 0;
	assert_ok(cycle_setting_each(f->db, 0, see, &seen, &err), &err);
	assert_int_equal(seen.count, 2);
	db_see_as(f->db, NULL);
}

#define with_database(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

/* Which of the last 900 days started a cycle, a letter for each. */
enum { PAST_DAYS = 900 };

static void list_starts(char out[static PAST_DAYS + 1], struct fixture *f,
                        int64_t location)
{
	struct cycle_settings settings;
	struct dum_error err = {0};

	assert_ok(cycle_settings_load(&settings, f->db, location, DAY, &err),
	          &err);
	for (int i = 0; i < PAST_DAYS; i++) {
		struct date day = date_add(today, -i);
		struct cycle c = cycle_of(&settings.plan, day);

		out[i] = date_cmp(c.start, day) == 0 ? '|' : '.';
	}
	out[PAST_DAYS] = '\0';
	cycle_settings_release(&settings);
}

static void add_raw(struct fixture *f, int64_t location, int day, int ahead)
{
	char sql[256], from[DATE_TEXT_MAX], id[24] = "NULL";

	date_format(from, date_add(today, ahead));
	if (location != 0)
		snprintf(id, sizeof(id), "%lld", (long long)location);
	snprintf(sql, sizeof(sql),
	         "INSERT OR IGNORE INTO cycle_settings (location_id,"
	         " cycle_day, valid_from) VALUES (%s, %d, '%s')",
	         id, day, from);
	fixture_exec(f, sql);
}

/* Held against all days of the past, with and without the setting. */
static void a_setting_goes_if_that_leaves_the_past_as_it_was(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A");
	int gone = 0, kept = 0;

	srandom(17);
	for (int i = 0; i < 300; i++) {
		char before[2][PAST_DAYS + 1], after[2][PAST_DAYS + 1];
		struct dum_error err = {0};
		enum dum_status status;
		bool same;
		int64_t id;

		fixture_exec(f, "DELETE FROM cycle_settings");
		for (int n = 0; n < 4; n++)
			add_raw(f, random() % 2 == 0 ? 0 : a,
			        (int)(random() % 31) + 1,
			        (int)(random() % 150) - 100);
		id = fixture_number(f, random() % 2 == 0
		                           ? "SELECT min(id) FROM "
		                             "cycle_settings"
		                           : "SELECT max(id) FROM "
		                             "cycle_settings");
		for (int k = 0; k < 2; k++)
			list_starts(before[k], f, k == 0 ? 0 : a);
		assert_ok(db_begin(f->db, &f->who, &err), &err);
		status = cycle_setting_delete(f->db, id, DAY, today, &err);
		for (int k = 0; k < 2; k++)
			list_starts(after[k], f, k == 0 ? 0 : a);
		same = memcmp(before, after, sizeof(before)) == 0;
		if (status == DUM_OK)
			assert_true(same);
		else
			assert_int_equal(status, DUM_ECONFLICT);
		/* None is kept that could go. */
		assert_int_equal(status == DUM_OK, same);
		gone += status == DUM_OK;
		kept += status != DUM_OK;
		db_rollback(f->db);
	}
	assert_true(gone > 50 && kept > 50);
}

static void who_has_no_day_of_its_own_left_goes_by_that_for_all(void **state)
{
	struct fixture *f = *state;
	const struct cycle_setting own = {date_add(today, 10), 5};
	int64_t a = add_location(f, "A");
	struct cycle_settings settings;
	struct cycle_setting_row row;
	struct cycle_preview p;
	struct dum_error err = {0};

	assert_int_equal(put(&p, f, a, &own), DUM_OK);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(cycle_setting_delete(f->db, 1, DAY, today, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_ok(cycle_settings_load(&settings, f->db, a, DAY, &err), &err);
	assert_int_equal(settings.plan.count, 0);
	cycle_settings_release(&settings);
	assert_int_equal(cycle_setting_get(&row, f->db, 1, &err),
	                 DUM_ENOTFOUND);
	assert_int_equal(
	    fixture_number(f,
	                   "SELECT count(*) FROM journal WHERE op = 'delete' "
	                   "AND tbl = 'cycle_settings' AND before IS NOT NULL "
	                   "AND after IS NULL AND pk = '1'"),
	    1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    with_database(a_preview_is_what_the_change_then_does),
	    with_database(a_preview_stores_nothing),
	    with_database(settings_are_listed_with_what_they_are_for),
	    with_database(a_setting_goes_if_that_leaves_the_past_as_it_was),
	    with_database(who_has_no_day_of_its_own_left_goes_by_that_for_all),
	};

	return cmocka_run_group_tests_name("cycle_setting", tests, NULL, NULL);
}
