/* Unit tests of store/data_state.h: what moves it, and that it never lags. */
#include "fixture.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/data_state.h"
#include "store/journal.h"
#include "store/location.h"

static struct data_state state_of(struct db *db)
{
	struct data_state state = {0};
	struct dum_error err = {0};

	assert_ok(data_state_now(&state, db, &err), &err);
	return state;
}

static int64_t generation_of(struct db *db)
{
	return state_of(db).generation;
}

static void add_location(struct db *db, const struct origin *who,
                         const char *name)
{
	struct location location;
	struct dum_error err = {0};

	assert_ok(db_begin(db, who, &err), &err);
	assert_ok(location_add(&location, db, name, NULL, &err), &err);
	assert_ok(db_commit(db, &err), &err);
}

static void note_event(struct db *db, const struct origin *who)
{
	struct dum_error err = {0};

	assert_ok(db_begin(db, who, &err), &err);
	assert_ok(journal_event(db,
	                        &(struct journal_event){.name = "login",
	                                                .object = "alice"},
	                        &err),
	          &err);
	assert_ok(db_commit(db, &err), &err);
}

static void a_change_of_ones_own_moves_it(void **state)
{
	struct fixture *f = *state;
	int64_t before = generation_of(f->db);

	assert_int_equal(state_of(f->db).timeline, 1);
	assert_int_equal(generation_of(f->db), before);
	add_location(f->db, &f->who, "north");
	assert_int_equal(generation_of(f->db), before + 1);
	add_location(f->db, &f->who, "south");
	assert_int_equal(generation_of(f->db), before + 2);
}

static void a_change_of_another_handle_moves_it(void **state)
{
	struct fixture *f = *state;
	struct db *other = NULL;
	struct dum_error err = {0};
	int64_t before;

	assert_ok(db_open(&other, &f->config, &err), &err);
	before = generation_of(f->db);
	assert_int_equal(generation_of(other), before);
	add_location(other, &f->who, "north");
	assert_int_equal(generation_of(f->db), before + 1);
	add_location(f->db, &f->who, "south");
	add_location(other, &f->who, "west");
	assert_int_equal(generation_of(f->db), before + 3);
	assert_int_equal(generation_of(other), before + 3);
	db_free(other);
}

static void a_login_does_not_move_it(void **state)
{
	struct fixture *f = *state;
	struct db *other = NULL;
	struct dum_error err = {0};
	int64_t before = generation_of(f->db);

	assert_ok(db_open(&other, &f->config, &err), &err);
	note_event(f->db, &f->who);
	note_event(other, &f->who);
	assert_int_equal(generation_of(f->db), before);
	assert_int_equal(generation_of(other), before);
	db_free(other);
}

static void a_change_that_was_taken_back_does_not_move_it(void **state)
{
	struct fixture *f = *state;
	struct location location;
	struct dum_error err = {0};
	int64_t before = generation_of(f->db);

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, "north", NULL, &err), &err);
	db_rollback(f->db);
	assert_int_equal(generation_of(f->db), before);
}

/* Three processes change, one looks: each look is the truth of that moment. */
static void it_never_lags_behind_other_processes(void **state)
{
	enum { WRITERS = 3, CHANGES = 40 };
	struct fixture *f = *state;
	int64_t before = generation_of(f->db), last = before;
	int done = 0, status;

	for (int w = 0; w < WRITERS; w++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct dum_error err = {0};
			struct db *db = NULL;
			char name[32];

			if (db_open(&db, &f->config, &err) != DUM_OK)
				_exit(1);
			for (int i = 0; i < CHANGES; i++) {
				snprintf(name, sizeof(name), "w%d-%d", w, i);
				add_location(db, &f->who, name);
			}
			db_free(db);
			_exit(0);
		}
	}
	while (done < WRITERS) {
		int64_t truth = fixture_number(
		    f, "SELECT CAST(metric_value AS INTEGER)"
		       " FROM system_info"
		       " WHERE metric_name = 'data_generation'");
		int64_t seen = generation_of(f->db);

		assert_true(seen >= truth && seen >= last);
		last = seen;
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			done++;
		}
	}
	assert_int_equal(generation_of(f->db), before + WRITERS * CHANGES);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_change_of_ones_own_moves_it),
	    WITH_DB(a_change_of_another_handle_moves_it),
	    WITH_DB(a_login_does_not_move_it),
	    WITH_DB(a_change_that_was_taken_back_does_not_move_it),
	    WITH_DB(it_never_lags_behind_other_processes),
	};

	return cmocka_run_group_tests_name("data_state", tests, NULL, NULL);
}
