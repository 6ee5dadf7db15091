/* What db_see_as() hides from lists, counts and sums. */
#include "people.h"

#include <stdio.h>
#include <string.h>

#include "sql_queries.h"
#include "store/cycle_setting.h"
#include "store/location.h"
#include "store/usage.h"
#include "store/usage_batch.h"
#include "store/usage_point.h"
#include "store/usage_total.h"

static const struct date day1 = {2026, 11, 1};
static const struct date day2 = {2026, 11, 2};
static const struct date day3 = {2026, 11, 3};

/* Lately and now: the first two days; before: October. */
static const struct usage_standing_ranges ranges = {
    {2026, 11, 1}, {2026, 11, 1}, {2026, 11, 3}, {2026, 10, 1}, {2026, 11, 1}};
static const struct usage_filter everything = {.location_id = 0};

/*
 * Three places; bytes tell which: a is seen by nobody limited, b by the viewer,
 * c by the viewer and is inactive. Returns the viewer.
 */
static const char *fill(struct fixture *f)
{
	struct dum_error err = {0};
	struct location location;
	int64_t ids[2];
	struct account account;
	struct account_new new = {.username = "v",
	                          .password_hash = PEOPLE_HASH,
	                          .role = ROLE_EDITOR,
	                          .limit = {.count = 2, .ids = ids}};
	static char viewer[32];

	people_location(f, "a");
	ids[0] = people_location(f, "b");
	ids[1] = people_location(f, "c");
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_update(&location, f->db, 3,
	                          &(struct location_change){.is_active = 0},
	                          &err),
	          &err);
	assert_ok(account_add(&account, f->db, &new, &err), &err);
	for (int64_t l = 1; l <= 3; l++) {
		for (int d = 0; d < (l == 1 ? 4 : 2); d++) {
			enum usage_change change;
			struct usage usage;

			assert_ok(usage_put(&usage, &change, f->db,
			                    date_add(day1, d - (l == 1)), l,
			                    l * 100 + d, &err),
			          &err);
		}
	}
	assert_ok(db_commit(f->db, &err), &err);
	snprintf(viewer, sizeof(viewer), "user:%lld", (long long)account.id);
	return viewer;
}

static int64_t count(struct fixture *f, const struct usage_filter *filter)
{
	struct dum_error err = {0};
	int64_t n = -1;

	assert_ok(usage_count(&n, f->db, filter, &err), &err);
	return n;
}

static enum dum_status note_location(void *arg, const struct location *location,
                                     struct dum_error *err)
{
	(void)err;
	strbuf_adds(arg, location->name);
	return DUM_OK;
}

static enum dum_status note_row(void *arg, const struct usage_row *row,
                                struct dum_error *err)
{
	(void)err;
	strbuf_addf(arg, "%s%s ", row->location_name, row->date + 8);
	return DUM_OK;
}

static enum dum_status note_total(void *arg, const struct usage_total *total,
                                  struct dum_error *err)
{
	(void)err;
	strbuf_addf(arg, "%lld=%lld/%lld ", (long long)total->location_id,
	            (long long)total->bytes, (long long)total->days);
	return DUM_OK;
}

static enum dum_status note_standing(void *arg,
                                     const struct usage_standing *standing,
                                     struct dum_error *err)
{
	(void)err;
	strbuf_addf(arg, "%s=%lld/%lld ", standing->display_name,
	            (long long)standing->now, (long long)standing->now_days);
	return DUM_OK;
}

static enum dum_status note_point(void *arg, const struct usage_point *point,
                                  struct dum_error *err)
{
	(void)err;
	strbuf_addf(arg, "%lld%s ", (long long)point->location_id,
	            point->date + 8);
	return DUM_OK;
}

/* What a list wrote, and a fresh start for the next one. */
static void expect(struct strbuf *got, enum dum_status status,
                   const char *wanted)
{
	assert_int_equal(status, DUM_OK);
	assert_string_equal(got->buf, wanted);
	strbuf_reset(got);
}

static void lists_leave_out_what_is_not_to_be_seen(void **state)
{
	struct fixture *f = *state;
	const char *viewer = fill(f);
	struct usage_filter some = {.from = day1, .until = day2};
	struct usage_filter a = {.location_id = 1}, b = {.location_id = 2};
	struct strbuf got = STRBUF_INIT;
	struct db *db = f->db;

	expect(&got, location_each(db, true, note_location, &got, NULL), "abc");
	db_see_as(db, viewer);
	expect(&got, location_each(db, true, note_location, &got, NULL), "bc");
	expect(&got, location_each(db, false, note_location, &got, NULL), "b");
	expect(&got, usage_each(db, &everything, 0, -1, note_row, &got, NULL),
	       "b02 c02 b01 c01 ");
	expect(&got, usage_each(db, &everything, 1, 2, note_row, &got, NULL),
	       "c02 b01 ");
	expect(&got, usage_each(db, &some, 0, -1, note_row, &got, NULL),
	       "b01 c01 ");
	expect(&got, usage_each(db, &a, 0, -1, note_row, &got, NULL), "");
	expect(&got, usage_each(db, &b, 0, -1, note_row, &got, NULL),
	       "b02 b01 ");
	expect(&got, usage_total_each(db, day1, day3, note_total, &got, NULL),
	       "2=401/2 3=601/2 ");
	expect(&got,
	       usage_standing_each(db, &ranges, note_standing, &got, NULL),
	       "B=401/2 C=601/2 ");
	expect(
	    &got,
	    usage_point_each_by_date(db, day1, day3, 0, note_point, &got, NULL),
	    "201 301 202 302 ");
	expect(
	    &got,
	    usage_point_each_by_date(db, day1, day3, 1, note_point, &got, NULL),
	    "");
	expect(&got,
	       usage_point_each_by_location(db, day1, day3, 0, note_point, &got,
	                                    NULL),
	       "201 202 301 302 ");
	expect(&got,
	       usage_point_each_by_location(db, day1, day3, 1, note_point, &got,
	                                    NULL),
	       "");
	db_see_as(db, NULL);
	expect(&got, usage_total_each(db, day1, day3, note_total, &got, NULL),
	       "1=203/2 2=401/2 3=601/2 ");
	strbuf_release(&got);
}

static void counts_and_ends_are_those_of_what_is_seen(void **state)
{
	struct fixture *f = *state;
	const char *viewer = fill(f);
	struct usage_filter some = {.from = day2};
	struct usage_filter a = {.location_id = 1}, b = {.location_id = 2};
	struct dum_error err = {0};
	struct date first, last;
	int64_t n = -1;
	bool any = false;

	assert_int_equal(count(f, &everything), 8);
	assert_int_equal(count(f, &some), 4);
	db_see_as(f->db, viewer);
	assert_int_equal(count(f, &everything), 4);
	assert_int_equal(count(f, &some), 2);
	assert_int_equal(count(f, &a), 0);
	assert_int_equal(count(f, &b), 2);
	assert_ok(location_count(&n, f->db, &err), &err);
	assert_int_equal(n, 1);
	assert_ok(usage_range(&any, &first, &last, f->db, &err), &err);
	assert_true(any);
	assert_int_equal(date_cmp(first, day1), 0);
	assert_int_equal(date_cmp(last, day2), 0);
	db_see_as(f->db, "");
	assert_ok(usage_range(&any, &first, &last, f->db, &err), &err);
	assert_int_equal(date_cmp(first, date_add(day1, -1)), 0);
	assert_int_equal(date_cmp(last, day3), 0);
	assert_ok(location_count(&n, f->db, &err), &err);
	assert_int_equal(n, 2);
}

static void what_is_not_seen_is_not_there(void **state)
{
	struct fixture *f = *state;
	const char *viewer = fill(f);
	enum usage_change change = USAGE_SAME;
	struct location location;
	struct dum_error err = {0};
	struct usage usage;
	int64_t id;

	id = fixture_number(f, "SELECT id FROM daily_usage WHERE usage_bytes ="
	                       " 100");
	db_see_as(f->db, viewer);
	assert_int_equal(location_get(&location, f->db, 1, NULL),
	                 DUM_ENOTFOUND);
	assert_int_equal(location_find(&location, f->db, "a", NULL),
	                 DUM_ENOTFOUND);
	assert_ok(location_get(&location, f->db, 2, &err), &err);
	assert_int_equal(usage_get(&usage, f->db, id, NULL), DUM_ENOTFOUND);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_int_equal(usage_set(&usage, f->db, id, 1, NULL), DUM_ENOTFOUND);
	assert_int_equal(usage_delete(f->db, id, NULL), DUM_ENOTFOUND);
	/* A day that is there and one that is not: the same answer. */
	for (int d = 0; d < 60; d += 59) {
		struct dum_error why = {0};

		assert_int_equal(usage_put(&usage, &change, f->db,
		                           date_add(day1, d), 1, 7, &why),
		                 DUM_EINVAL);
		assert_string_equal(why.field, "location_id");
		assert_string_equal(why.text, "there is no location 1");
	}
	assert_ok(usage_put(&usage, &change, f->db, day3, 2, 7, &err), &err);
	assert_int_equal(change, USAGE_NEW);
	assert_ok(db_commit(f->db, &err), &err);
}

static void a_batch_keeps_to_what_is_seen(void **state)
{
	struct fixture *f = *state;
	const char *viewer = fill(f);
	enum usage_change change = USAGE_SAME;
	struct usage_batch *batch = NULL;
	struct dum_error err = {0};

	db_see_as(f->db, viewer);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_batch_open(&batch, f->db, 1, &err), &err);
	assert_ok(
	    usage_batch_put(&change, batch, day1, 2, 9, USAGE_REPLACE, &err),
	    &err);
	assert_int_equal(change, USAGE_CHANGED);
	assert_int_equal(
	    usage_batch_put(&change, batch, day1, 1, 9, USAGE_REPLACE, NULL),
	    DUM_ECONFLICT);
	assert_int_equal(usage_batch_put(&change, batch, date_add(day1, 90), 1,
	                                 9, USAGE_REPLACE, NULL),
	                 DUM_ECONFLICT);
	usage_batch_free(batch);
	db_rollback(f->db);
}

static void names_are_taken_for_all(void **state)
{
	struct fixture *f = *state;
	struct location location;
	struct dum_error err = {0};

	db_see_as(f->db, fill(f));
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(location_add(&location, f->db, "a", NULL, &err),
	              DUM_ECONFLICT, &err);
	assert_string_equal(err.field, "name");
	db_rollback(f->db);
}

static void a_location_that_is_not_seen_has_the_cycles_of_all(void **state)
{
	struct fixture *f = *state;
	const char *viewer = fill(f);
	struct cycle_settings settings;
	struct dum_error err = {0};

	fixture_exec(f, "INSERT INTO cycle_settings (location_id, cycle_day,"
	                " valid_from) VALUES (1, 5, '2026-01-01'),"
	                " (2, 6, '2026-01-01'), (NULL, 7, '2026-01-01')");
	db_see_as(f->db, viewer);
	assert_ok(cycle_settings_load(&settings, f->db, 2, 13, &err), &err);
	assert_int_equal(settings.plan.settings[0].cycle_day, 6);
	cycle_settings_release(&settings);
	assert_ok(cycle_settings_load(&settings, f->db, 1, 13, &err), &err);
	assert_int_equal(settings.plan.settings[0].cycle_day, 7);
	cycle_settings_release(&settings);
}

static void nobody_sees_nothing(void **state)
{
	static const char *const nobodies[] = {
	    "user:99", "key:1",
	    "user:1234567890123456789012345678901234567890"};
	struct fixture *f = *state;
	struct strbuf got = STRBUF_INIT;
	struct dum_error err = {0};
	struct date first, last;
	int64_t n = -1;
	bool any = true;

	fill(f);
	for (size_t i = 0; i < sizeof(nobodies) / sizeof(nobodies[0]); i++) {
		db_see_as(f->db, nobodies[i]);
		assert_int_equal(count(f, &everything), 0);
		assert_ok(location_count(&n, f->db, &err), &err);
		assert_int_equal(n, 0);
		assert_ok(usage_range(&any, &first, &last, f->db, &err), &err);
		assert_false(any);
		expect(
		    &got,
		    usage_total_each(f->db, day1, day3, note_total, &got, NULL),
		    "");
		expect(&got,
		       usage_standing_each(f->db, &ranges, note_standing, &got,
		                           NULL),
		       "");
		expect(
		    &got,
		    usage_each(f->db, &everything, 0, -1, note_row, &got, NULL),
		    "");
	}
	strbuf_release(&got);
}

/* The records by location follow every way of writing. */
static void counted_records_are_those_that_are_there(void **state)
{
	struct fixture *f = *state;
	struct usage_batch *batch = NULL;
	struct dum_error err = {0};
	enum usage_change change;

	fill(f);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(usage_delete(f->db, 1, &err), &err);
	assert_ok(usage_batch_open(&batch, f->db, 1, &err), &err);
	for (int i = 0; i < 40; i++)
		assert_ok(usage_batch_put(&change, batch, date_add(day1, i / 3),
		                          i % 3 + 1, i, USAGE_REPLACE, &err),
		          &err);
	assert_ok(usage_batch_finish(batch, &err), &err);
	usage_batch_free(batch);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM location_records AS r"
	                      " WHERE records <> (SELECT count(*) FROM"
	                      " daily_usage AS u WHERE u.location_id ="
	                      " r.location_id)"),
	    0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM daily_usage"),
	                 count(f, &everything));
}

/*
 * What may read days or locations without asking who looks: forms for those
 * who see all, which have another one beside them, and what shows nothing.
 */
static const char *const unasked[] = {
    "usage_list",
    "usage_count",
    "usage_points_by_date",
    "location_name_taken",
    "anonymise_count",
    "anonymise_next_location",
    /* locations_created alone */
    "import_get",
    "import_list",
    /* of another program's file */
    "foreign_locations",
    "foreign_locations_plain",
    "foreign_day_count",
    "foreign_days",
    "foreign_summaries",
    "foreign_summaries_plain",
    /* of backups, and of the database as a whole */
    "table_counts",
    "proof_records",
    "proof_locations",
    "diff_locations",
    "diff_days",
    "diff_summaries",
    "diff_settings",
    "diff_location_name",
    "extract_days",
};

static bool reads_data(const char *sql)
{
	return strncmp(sql, "SELECT", 6) == 0 &&
	       (strstr(sql, " daily_usage") != NULL ||
	        strstr(sql, " locations") != NULL ||
	        strstr(sql, " location_records") != NULL ||
	        strstr(sql, " cycle_settings") != NULL ||
	        strstr(sql, " monthly_summaries") != NULL);
}

static void no_statement_forgets_who_looks(void **state)
{
	int asked = 0;

	(void)state;
	for (int i = 0; i < SQL__MAX; i++) {
		bool excused = false;

		if (!reads_data(sql_queries[i]))
			continue;
		for (size_t j = 0; j < sizeof(unasked) / sizeof(unasked[0]);
		     j++)
			excused = excused ||
			          strcmp(unasked[j], sql_query_names[i]) == 0;
		if (strstr(sql_queries[i], ":viewer") == NULL && !excused)
			fail_msg("%s has no :viewer", sql_query_names[i]);
		asked += !excused;
	}
	assert_true(asked >= 15);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_statement_forgets_who_looks),
	    WITH_DB(lists_leave_out_what_is_not_to_be_seen),
	    WITH_DB(counts_and_ends_are_those_of_what_is_seen),
	    WITH_DB(what_is_not_seen_is_not_there),
	    WITH_DB(a_batch_keeps_to_what_is_seen),
	    WITH_DB(names_are_taken_for_all),
	    WITH_DB(a_location_that_is_not_seen_has_the_cycles_of_all),
	    WITH_DB(nobody_sees_nothing),
	    WITH_DB(counted_records_are_those_that_are_there),
	};

	return cmocka_run_group_tests_name("visibility", tests, NULL, NULL);
}
