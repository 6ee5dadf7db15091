/*
 * Unit tests of store/import_undo.h where the programs can not go: changes
 * within one second, which is all that a record's time can tell.
 */
#include "fixture.h"

#include <string.h>

#include "exchange/table.h"
#include "store/import_undo.h"
#include "store/location.h"
#include "store/usage.h"

static int64_t now_s = 1700000000;

static int64_t fake_now(void)
{
	return now_s;
}

static int setup(void **state)
{
	struct fixture *f;
	int failed = fixture_setup(state);

	f = *state;
	if (failed == 0)
		db_use_clock(f->db, fake_now);
	return failed;
}

static int64_t load(struct fixture *f, const char *text)
{
	const struct csv_options csv = {.date_format = -1, .unit = UNIT_GB};
	const struct import_options take = {.max_bytes = 100 * BYTES_PER_GB,
	                                    .today = {2026, 3, 20}};
	struct import_report report = {.complaints = 0};
	struct table *table = NULL;
	struct dum_error err = {0};

	assert_ok(table_read(&table, &report, TABLE_FIND, text, strlen(text),
	                     &csv, &take, &err),
	          &err);
	assert_ok(table_apply(table, &report, f->db, &f->who, "t.csv", &err),
	          &err);
	table_free(table);
	import_report_release(&report);
	return report.import_id;
}

static enum dum_status undo(struct import_undone *out, struct fixture *f,
                            int64_t id)
{
	struct dum_error err = {0};
	enum dum_status status;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	status = import_undo(out, f->db, id, &err);
	if (status == DUM_OK)
		assert_ok(db_commit(f->db, &err), &err);
	db_rollback(f->db);
	return status;
}

static void set(struct fixture *f, int64_t id, int64_t bytes)
{
	struct dum_error err = {0};
	struct usage usage;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_set(&usage, f->db, id, bytes, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static int64_t bytes_of(struct fixture *f)
{
	return fixture_number(f, "SELECT coalesce(sum(usage_bytes), -1) FROM "
	                         "daily_usage");
}

static void an_amount_set_away_and_back_was_touched(void **state)
{
	struct fixture *f = *state;
	static struct import_undone undone;
	int64_t id = load(f, "D,A,B\n2024-01-01,1,2\n");

	set(f, 1, 5);
	set(f, 1, BYTES_PER_GB);
	assert_int_equal(undo(&undone, f, id), DUM_ECONFLICT);
	assert_int_equal(undone.touched, 1);
	assert_string_equal(undone.first[0].location, "A");
	assert_int_equal(bytes_of(f), 3 * BYTES_PER_GB);
}

static void by_another_import_it_was_touched_too(void **state)
{
	struct fixture *f = *state;
	static struct import_undone undone;
	int64_t first = load(f, "D,A\n2024-01-01,1\n"), third;

	load(f, "D,A\n2024-01-01,2\n");
	third = load(f, "D,A\n2024-01-01,1\n");
	assert_int_equal(undo(&undone, f, first), DUM_ECONFLICT);
	assert_int_equal(undone.touched, 1);
	/* Taken back in turn, all of them go. */
	assert_int_equal(undo(&undone, f, third), DUM_OK);
	assert_int_equal(bytes_of(f), 2 * BYTES_PER_GB);
	assert_int_equal(undo(&undone, f, first), DUM_ECONFLICT);
	assert_int_equal(undo(&undone, f, third - 1), DUM_OK);
	assert_int_equal(bytes_of(f), BYTES_PER_GB);
	assert_int_equal(undo(&undone, f, first), DUM_OK);
	assert_int_equal(bytes_of(f), -1);
}

static void other_cells_of_the_same_second_do_not_matter(void **state)
{
	struct fixture *f = *state;
	static struct import_undone undone;
	int64_t id = load(f, "D,A\n2024-01-01,1\n");

	load(f, "date,location,usage_gb\n2024-01-02,A,2\n2024-01-01,A,1\n");
	set(f, fixture_number(f, "SELECT max(id) FROM daily_usage"), 7);
	assert_int_equal(undo(&undone, f, id), DUM_OK);
	assert_int_equal(undone.removed, 1);
	assert_int_equal(undone.locations_left, 1);
	assert_int_equal(bytes_of(f), 7);
}

static void a_change_before_the_import_is_not_after_it(void **state)
{
	struct fixture *f = *state;
	static struct import_undone undone;
	int64_t id;

	load(f, "D,A\n2024-01-01,1\n");
	set(f, 1, 5);
	id = load(f, "D,A\n2024-01-01,2\n");
	assert_int_equal(undo(&undone, f, id), DUM_OK);
	assert_int_equal(undone.restored, 1);
	assert_int_equal(bytes_of(f), 5);
}

static void deactivate(struct fixture *f, int64_t id)
{
	const struct location_change change = {.is_active = 0};
	struct location location;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_update(&location, f->db, id, &change, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static void a_location_that_was_deactivated_since_stays(void **state)
{
	struct fixture *f = *state;
	static struct import_undone undone;
	int64_t id = load(f, "D,A,B\n2024-01-01,1,2\n");

	deactivate(f, 2);
	assert_int_equal(undo(&undone, f, id), DUM_OK);
	assert_int_equal(undone.locations_removed, 1);
	assert_int_equal(undone.locations_left, 1);
	assert_int_equal(bytes_of(f), -1);
	assert_int_equal(
	    fixture_number(f, "SELECT group_concat(id) FROM locations"), 2);
	assert_int_equal(
	    fixture_number(f, "SELECT value FROM counters WHERE name = "
	                      "'locations'"),
	    0);
}

static void who_sees_a_part_takes_nothing_back(void **state)
{
	struct fixture *f = *state;
	static struct import_undone undone;
	int64_t id = load(f, "D,A\n2024-01-01,1\n");

	db_see_as(f->db, "user:7");
	assert_int_equal(undo(&undone, f, id), DUM_EAUTH);
	db_see_as(f->db, NULL);
	assert_int_equal(bytes_of(f), BYTES_PER_GB);
}

#define with_database(test) \
	cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    with_database(an_amount_set_away_and_back_was_touched),
	    with_database(by_another_import_it_was_touched_too),
	    with_database(other_cells_of_the_same_second_do_not_matter),
	    with_database(a_change_before_the_import_is_not_after_it),
	    with_database(a_location_that_was_deactivated_since_stays),
	    with_database(who_sees_a_part_takes_nothing_back),
	};

	return cmocka_run_group_tests_name("import_undo", tests, NULL, NULL);
}
