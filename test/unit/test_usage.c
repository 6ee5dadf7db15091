/* Unit tests of store/usage.h, usage_batch.h, usage_total.h, usage_point.h. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/journal.h"
#include "store/location.h"
#include "store/usage.h"
#include "store/usage_batch.h"
#include "store/usage_point.h"
#include "store/usage_total.h"

static const struct date day1 = {2026, 11, 1};
static const struct date day2 = {2026, 11, 2};
static const struct date day3 = {2026, 11, 3};

static int64_t add_location(struct fixture *f, const char *name)
{
	struct dum_error err = {0};
	struct location location;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, name, NULL, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return location.id;
}

static enum usage_change put(struct fixture *f, struct usage *out,
                             struct date day, int64_t location, int64_t bytes)
{
	struct dum_error err = {0};
	enum usage_change change = USAGE_SAME;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_put(out, &change, f->db, day, location, bytes, &err),
	          &err);
	assert_ok(db_commit(f->db, &err), &err);
	return change;
}

static void a_day_is_new_then_changed_then_the_same(void **state)
{
	struct fixture *f = *state;
	struct usage usage;
	int64_t id = add_location(f, "branch_a"), record;

	assert_int_equal(put(f, &usage, day1, id, 9900000000), USAGE_NEW);
	record = usage.id;
	assert_int_equal(put(f, &usage, day1, id, 1), USAGE_CHANGED);
	assert_int_equal(usage.id, record);
	assert_int_equal(usage.bytes, 1);
	assert_int_equal(put(f, &usage, day1, id, 1), USAGE_SAME);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM daily_usage"),
	                 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE tbl = 'daily_usage'"),
	                 2); /* nothing for what stayed the same */
}

static void an_unknown_location_is_an_input_error(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	enum usage_change change;
	struct usage usage;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(usage_put(&usage, &change, f->db, day1, 77, 1, &err),
	              DUM_EINVAL, &err);
	assert_string_equal(err.field, "location_id");
	assert_int_equal(err.status, DUM_EINVAL);
	db_rollback(f->db);
}

static void a_rolled_back_change_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_location(f, "a"), entries, records = -1;
	struct usage_filter all = {.location_id = 0};
	struct dum_error err = {0};
	enum usage_change change;
	struct usage usage;

	entries = fixture_number(f, "SELECT count(*) FROM journal");
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_put(&usage, &change, f->db, day1, id, 1, &err), &err);
	db_rollback(f->db);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM daily_usage"),
	                 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"),
	                 entries);
	assert_ok(usage_count(&records, f->db, &all, &err), &err);
	assert_int_equal(records, 0);
}

static void the_counter_follows_puts_and_deletes(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_location(f, "a"), n = -1;
	struct usage_filter all = {.location_id = 0};
	struct dum_error err = {0};
	struct usage usage;

	put(f, &usage, day1, id, 1);
	put(f, &usage, day2, id, 2);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_delete(f->db, usage.id, &err), &err);
	assert_status(usage_delete(f->db, usage.id, &err), DUM_ENOTFOUND, &err);
	assert_ok(db_commit(f->db, &(struct dum_error){0}), &err);
	error_clear(&err);
	assert_ok(usage_count(&n, f->db, &all, &err), &err);
	assert_int_equal(n, 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM daily_usage"),
	                 1);
}

static void gigabytes_beside_the_bytes_are_computed(void **state)
{
	struct fixture *f = *state;
	struct usage usage;

	put(f, &usage, day1, add_location(f, "a"), 9900000000);
	assert_int_equal(
	    fixture_number(f, "SELECT usage_gb = 9.9 FROM daily_usage"), 1);
}

struct seen {
	int rows;
	char text[512];
};

static enum dum_status note_row(void *arg, const struct usage_row *row,
                                struct dum_error *err)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	(void)err;
	seen->rows++;
	snprintf(seen->text + used, sizeof(seen->text) - used, "%s/%lld ",
	         row->date, (long long)row->location_id);
	return DUM_OK;
}

static void lists_are_newest_first_then_by_location(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "a"), b = add_location(f, "b"), n = 0;
	struct usage_filter all = {.location_id = 0};
	struct usage_filter one = {.from = day2, .location_id = a};
	struct dum_error err = {0};
	struct seen seen = {0};
	struct usage usage;

	put(f, &usage, day1, b, 1);
	put(f, &usage, day2, b, 1);
	put(f, &usage, day1, a, 1);
	put(f, &usage, day2, a, 1);
	assert_ok(usage_each(f->db, &all, 0, -1, note_row, &seen, &err), &err);
	assert_string_equal(
	    seen.text, "2026-11-02/1 2026-11-02/2 2026-11-01/1 2026-11-01/2 ");
	seen = (struct seen){0};
	assert_ok(usage_each(f->db, &all, 1, 2, note_row, &seen, &err), &err);
	assert_string_equal(seen.text, "2026-11-02/2 2026-11-01/1 ");
	seen = (struct seen){0};
	assert_ok(usage_each(f->db, &one, 0, -1, note_row, &seen, &err), &err);
	assert_string_equal(seen.text, "2026-11-02/1 ");
	assert_ok(usage_count(&n, f->db, &one, &err), &err);
	assert_int_equal(n, 1);
	assert_ok(usage_count(&n, f->db, &all, &err), &err);
	assert_int_equal(n, 4);
}

static enum dum_status stop_there(void *arg, const struct usage_row *row,
                                  struct dum_error *err)
{
	(void)row;
	++*(int *)arg;
	return error_set(err, DUM_ECONFLICT, "enough");
}

static void a_callback_can_end_a_list(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "a");
	struct usage_filter all = {.location_id = 0};
	struct dum_error err = {0};
	struct usage usage;
	int calls = 0;

	put(f, &usage, day1, a, 1);
	put(f, &usage, day2, a, 1);
	assert_status(usage_each(f->db, &all, 0, -1, stop_there, &calls, &err),
	              DUM_ECONFLICT, &err);
	assert_int_equal(calls, 1);
	assert_string_equal(err.text, "enough");
}

static enum dum_status note_total(void *arg, const struct usage_total *total,
                                  struct dum_error *err)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	(void)err;
	seen->rows++;
	snprintf(seen->text + used, sizeof(seen->text) - used,
	         "%lld:%lld/%lld ", (long long)total->location_id,
	         (long long)total->days, (long long)total->bytes);
	return DUM_OK;
}

static void totals_are_half_open_and_name_every_location(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "a");
	struct dum_error err = {0};
	struct seen seen = {0};
	struct usage usage;

	add_location(f, "b");
	put(f, &usage, day1, a, 5);
	put(f, &usage, day2, a, 7);
	assert_ok(usage_total_each(f->db, day1, day2, note_total, &seen, &err),
	          &err);
	assert_string_equal(seen.text, "1:1/5 2:0/0 ");
}

static enum dum_status note_standing(void *arg,
                                     const struct usage_standing *standing,
                                     struct dum_error *err)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	(void)err;
	seen->rows++;
	snprintf(seen->text + used, sizeof(seen->text) - used,
	         "%s:%d,%lld,%lld/%lld,%d/%lld ", standing->display_name,
	         standing->is_active, (long long)standing->recent,
	         (long long)standing->now_days, (long long)standing->now,
	         standing->before_known, (long long)standing->before);
	return DUM_OK;
}

static void a_standing_keeps_its_three_ranges_apart(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "a");
	struct usage_standing_ranges ranges = {.recent_from = day1,
	                                       .now_from = day2,
	                                       .until = day3,
	                                       .before_from = day1,
	                                       .before_until = day2};
	struct dum_error err = {0};
	struct seen seen = {0};
	struct usage usage;

	add_location(f, "b");
	put(f, &usage, day1, a, 5);
	put(f, &usage, day2, a, 7);
	put(f, &usage, day3, a, 11);
	assert_ok(
	    usage_standing_each(f->db, &ranges, note_standing, &seen, &err),
	    &err);
	assert_string_equal(seen.text, "A:1,12,1/7,1/5 B:1,0,0/0,0/0 ");
}

static enum usage_change batch_put(struct usage_batch *batch, struct date day,
                                   int64_t location, int64_t bytes,
                                   enum usage_put_mode mode)
{
	enum usage_change change = USAGE_SAME;
	struct dum_error err = {0};

	assert_ok(
	    usage_batch_put(&change, batch, day, location, bytes, mode, &err),
	    &err);
	return change;
}

static void a_batch_keeps_or_replaces_and_journals_once(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "a"), b = add_location(f, "b");
	struct usage_batch *batch = NULL;
	struct dum_error err = {0};
	struct usage usage;

	put(f, &usage, day1, a, 5);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_batch_open(&batch, f->db, 3, &err), &err);
	assert_int_equal(batch_put(batch, day1, a, 0, USAGE_KEEP), USAGE_SAME);
	assert_int_equal(batch_put(batch, day1, a, 6, USAGE_REPLACE),
	                 USAGE_CHANGED);
	assert_int_equal(batch_put(batch, day1, b, 7, USAGE_REPLACE),
	                 USAGE_NEW);
	assert_int_equal(batch_put(batch, day2, a, 8, USAGE_REPLACE),
	                 USAGE_NEW);
	assert_ok(usage_batch_finish(batch, &err), &err);
	usage_batch_free(batch);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(
	    fixture_number(f, "SELECT sum(usage_bytes) FROM daily_usage"), 21);
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM journal"
	                      " WHERE op = 'import' AND pk = 'import:3'"
	                      " AND json_valid(before) AND json_valid(after)"
	                      " AND json_extract(after, '$.days[0][1][0][2]')"
	                      " = 6 AND json_extract(before,"
	                      " '$.days[0][1][0][2]') = 5"),
	    1);
	assert_int_equal(fixture_number(f, "SELECT sum(records) FROM"
	                                   " location_records"),
	                 3);
	assert_int_equal(fixture_number(f, "SELECT records FROM"
	                                   " location_records"
	                                   " WHERE location_id = 1"),
	                 2);
}

static void a_batch_of_many_rows_makes_few_sound_entries(void **state)
{
	struct fixture *f = *state;
	int64_t ids[20];
	struct usage_batch *batch = NULL;
	struct journal_verdict verdict;
	struct dum_error err = {0};
	char name[16];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		ids[i] = add_location(f, name);
	}
	assert_ok(db_begin_long(f->db, &f->who, &err), &err);
	assert_ok(usage_batch_open(&batch, f->db, 1, &err), &err);
	for (int d = 0; d < 1000; d++)
		for (int i = 0; i < 20; i++)
			batch_put(batch, date_add(day1, d - 2000), ids[i],
			          d * 100 + i, USAGE_REPLACE);
	assert_ok(usage_batch_finish(batch, &err), &err);
	usage_batch_free(batch);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(
	    fixture_number(f, "SELECT sum(json_array_length(d.value, '$[1]'))"
	                      " FROM journal, json_each(after, '$.days') AS d"
	                      " WHERE op = 'import'"),
	    20000);
	assert_in_range((uintmax_t)fixture_number(f,
	                                          "SELECT count(*) FROM journal"
	                                          " WHERE op = 'import'"),
	                2, 10);
	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	assert_int_equal(verdict.broken_id, 0);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_day_is_new_then_changed_then_the_same),
	    WITH_DB(an_unknown_location_is_an_input_error),
	    WITH_DB(a_rolled_back_change_leaves_nothing),
	    WITH_DB(the_counter_follows_puts_and_deletes),
	    WITH_DB(gigabytes_beside_the_bytes_are_computed),
	    WITH_DB(lists_are_newest_first_then_by_location),
	    WITH_DB(a_callback_can_end_a_list),
	    WITH_DB(totals_are_half_open_and_name_every_location),
	    WITH_DB(a_standing_keeps_its_three_ranges_apart),
	    WITH_DB(a_batch_keeps_or_replaces_and_journals_once),
	    WITH_DB(a_batch_of_many_rows_makes_few_sound_entries),
	};

	return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
