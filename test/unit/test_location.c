/* Unit tests of store/location.h. */
#include "fixture.h"

#include <string.h>

#include "store/location.h"

static const struct {
	const char *name, *readable;
} readable[] = {
    {"branch_north-2", "Branch North 2"},
    {"US", "US"},
    {"uk.london", "Uk London"},
    {"iPad_shop", "iPad Shop"},
    {"__a__b__", "A B"},
    {"---", "---"},
    {"Head Office", "Head Office"},
    {"zürich_west", "Zürich West"},
    {"2nd_floor", "2nd Floor"},
};

static void names_become_readable(void **state)
{
	char out[LOCATION_DISPLAY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++) {
		location_readable(out, readable[i].name);
		assert_string_equal(out, readable[i].readable);
	}
}

static struct location add(struct fixture *f, const char *name,
                           const char *display)
{
	struct location location = {0};
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, name, display, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return location;
}

static void a_location_is_found_by_name_and_id(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct location a = add(f, "branch_a", NULL), got;

	assert_ok(location_find(&got, f->db, "branch_a", &err), &err);
	assert_int_equal(got.id, a.id);
	assert_string_equal(got.display_name, "Branch A");
	assert_true(got.is_active);
	assert_ok(location_get(&got, f->db, a.id, &err), &err);
	assert_string_equal(got.name, "branch_a");
	assert_status(location_get(&got, f->db, a.id + 1, &err), DUM_ENOTFOUND,
	              &err);
}

static const struct {
	const char *why, *name, *display, *field;
	enum dum_status status;
} refused[] = {
    {"empty", "", NULL, "name", DUM_EINVAL},
    {"taken", "taken", NULL, "name", DUM_ECONFLICT},
    {"a line break", "a\nb", NULL, "name", DUM_EINVAL},
    {"not UTF-8", "a\xff", NULL, "name", DUM_EINVAL},
    {"a blank in front", " a", NULL, "name", DUM_EINVAL},
    {"text turned round",
     "a\xe2\x80\xae"
     "b",
     NULL, "name", DUM_EINVAL},
    {"an empty display name", "ok", "", "display_name", DUM_EINVAL},
};

static void a_wrong_name_is_refused_with_its_member(void **state)
{
	struct fixture *f = *state;

	add(f, "taken", NULL);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct location location;
		struct dum_error err = {0};

		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_status(location_add(&location, f->db, refused[i].name,
		                           refused[i].display, &err),
		              refused[i].status, &err);
		assert_string_equal(err.field, refused[i].field);
		db_rollback(f->db);
	}
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM locations"),
	                 1);
}

static void names_of_a_hundred_characters_fit(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct location location;
	char name[4 * 101 + 1] = "";

	for (int i = 0; i < 100; i++)
		strcat(name, "\xf0\x9f\x8f\xa0");
	location = add(f, name, NULL);
	assert_string_equal(location.name, name);
	assert_string_equal(location.display_name, name);
	strcat(name, "a");
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(location_add(&location, f->db, name, NULL, &err),
	              DUM_EINVAL, &err);
	db_rollback(f->db);
}

static void a_change_is_counted_and_an_empty_one_is_not_journalled(void **state)
{
	struct fixture *f = *state;
	struct location a = add(f, "a", NULL), got;
	struct location_change off = {.is_active = 0};
	struct location_change name = {.name = "b", .is_active = -1};
	struct dum_error err = {0};
	int64_t n = -1, entries;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_update(&got, f->db, a.id, &off, &err), &err);
	assert_ok(location_update(&got, f->db, a.id, &name, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_false(got.is_active);
	assert_string_equal(got.name, "b");
	assert_string_equal(got.display_name, "A");
	assert_ok(location_count(&n, f->db, &err), &err);
	assert_int_equal(n, 0);
	entries = fixture_number(f, "SELECT count(*) FROM journal");
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_update(&got, f->db, a.id, &off, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"),
	                 entries);
}

static enum dum_status count_them(void *arg, const struct location *location,
                                  struct dum_error *err)
{
	(void)err;
	*(int *)arg = *(int *)arg * 10 + (int)location->id;
	return DUM_OK;
}

static void lists_go_by_display_name_and_leave_out_the_inactive(void **state)
{
	struct fixture *f = *state;
	struct location_change off = {.is_active = 0};
	struct dum_error err = {0};
	struct location got;
	int ids = 0;

	add(f, "zz", NULL);
	add(f, "aa", NULL);
	add(f, "mm", "Another");
	assert_ok(location_each(f->db, false, count_them, &ids, &err), &err);
	assert_int_equal(ids, 231);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_update(&got, f->db, 2, &off, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	ids = 0;
	assert_ok(location_each(f->db, false, count_them, &ids, &err), &err);
	assert_int_equal(ids, 31);
	ids = 0;
	assert_ok(location_each(f->db, true, count_them, &ids, &err), &err);
	assert_int_equal(ids, 231);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_become_readable),
	    WITH_DB(a_location_is_found_by_name_and_id),
	    WITH_DB(a_wrong_name_is_refused_with_its_member),
	    WITH_DB(names_of_a_hundred_characters_fit),
	    WITH_DB(a_change_is_counted_and_an_empty_one_is_not_journalled),
	    WITH_DB(lists_go_by_display_name_and_leave_out_the_inactive),
	};

	return cmocka_run_group_tests_name("location", tests, NULL, NULL);
}
