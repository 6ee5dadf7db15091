/*
 * Unit tests of store/usage_point.h. The records say themselves which day of
 * which location they are, so a list that is in order, complete and true to
 * its records is the one that is wanted.
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/usage_point.h"

enum { DAYS = 2000, PLACES = 1000 };

static const struct date first = {2021, 1, 1};

/*
 * 100 locations whose names are in another order than their ids, ten of each
 * name; the third and each tenth after it have a day in seven.
 */
static void fill(struct fixture *f)
{
	fixture_exec(f,
	             "INSERT INTO locations (name, display_name, created_at)"
	             " WITH RECURSIVE n (i) AS"
	             " (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
	             " SELECT 'l' || i, 'Site ' || (i * 7 % 10), '' FROM n");
	fixture_exec(
	    f, "INSERT INTO daily_usage (date, location_id, usage_bytes,"
	       " created_at, updated_at)"
	       " WITH RECURSIVE n (i) AS"
	       " (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 1999)"
	       " SELECT date('2021-01-01', i || ' days'), id, i * 1000 + id,"
	       " '', '' FROM n JOIN locations"
	       " WHERE id % 10 <> 3 OR i % 7 = 0");
}

struct checker {
	bool by_location;
	int count;
	int day;
	int64_t id;
	char name[16];
};

/* Below zero: a comes before b. */
static int order(const struct checker *c, int day, const char *name, int64_t id)
{
	int days = (day > c->day) - (day < c->day);
	int names = strcmp(name, c->name);

	if (names == 0)
		names = (id > c->id) - (id < c->id);
	if (c->by_location)
		return names != 0 ? names : days;
	return days != 0 ? days : names;
}

static enum dum_status check(void *arg, const struct usage_point *point,
                             struct dum_error *err)
{
	struct checker *c = arg;
	char date[DATE_TEXT_MAX], name[16];
	int day = (int)(point->bytes / PLACES);

	(void)err;
	assert_int_equal(point->bytes % PLACES, point->location_id);
	date_format(date, date_add(first, day));
	assert_string_equal(point->date, date);
	snprintf(name, sizeof(name), "Site %d",
	         (int)(point->location_id * 7 % 10));
	assert_string_equal(point->display_name, name);
	assert_true(c->count == 0 ||
	            order(c, day, name, point->location_id) > 0);
	c->count++;
	c->day = day;
	c->id = point->location_id;
	memcpy(c->name, name, sizeof(name));
	return DUM_OK;
}

static void a_long_list_by_date_is_whole_and_in_order(void **state)
{
	struct fixture *f = *state;
	struct checker whole = {.count = 0}, some = {.count = 0};
	struct dum_error err = {0};

	fill(f);
	assert_ok(usage_point_each_by_date(f->db, first, date_add(first, DAYS),
	                                   0, check, &whole, &err),
	          &err);
	assert_int_equal(whole.count,
	                 fixture_number(f, "SELECT count(*) FROM daily_usage"));
	assert_ok(usage_point_each_by_date(f->db, date_add(first, 10),
	                                   date_add(first, 40), 0, check, &some,
	                                   &err),
	          &err);
	assert_int_equal(
	    some.count,
	    fixture_number(f, "SELECT count(*) FROM daily_usage WHERE date >="
	                      " '2021-01-11' AND date < '2021-02-10'"));
}

static void a_long_list_by_location_is_whole_and_in_order(void **state)
{
	struct fixture *f = *state;
	struct checker whole = {.by_location = true};
	struct dum_error err = {0};

	fill(f);
	assert_ok(usage_point_each_by_location(f->db, first,
	                                       date_add(first, DAYS), 0, check,
	                                       &whole, &err),
	          &err);
	assert_int_equal(whole.count,
	                 fixture_number(f, "SELECT count(*) FROM daily_usage"));
}

static enum dum_status stop_at_20000(void *arg, const struct usage_point *point,
                                     struct dum_error *err)
{
	int *count = arg;

	(void)point;
	if (++*count == 20000)
		return error_set(err, DUM_ECONFLICT, "enough");
	return DUM_OK;
}

static void a_caller_that_has_enough_ends_the_list(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int count = 0;

	fill(f);
	assert_status(usage_point_each_by_date(f->db, first,
	                                       date_add(first, DAYS), 0,
	                                       stop_at_20000, &count, &err),
	              DUM_ECONFLICT, &err);
	assert_int_equal(count, 20000);
}

static void days_without_records_are_no_points(void **state)
{
	struct fixture *f = *state;
	struct checker none = {.count = 0};
	struct dum_error err = {0};

	assert_ok(usage_point_each_by_date(f->db, first, date_add(first, DAYS),
	                                   0, check, &none, &err),
	          &err);
	fill(f);
	assert_ok(usage_point_each_by_date(f->db, first, first, 0, check, &none,
	                                   &err),
	          &err);
	assert_int_equal(none.count, 0);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_long_list_by_date_is_whole_and_in_order),
	    WITH_DB(a_long_list_by_location_is_whole_and_in_order),
	    WITH_DB(a_caller_that_has_enough_ends_the_list),
	    WITH_DB(days_without_records_are_no_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
