/* Unit tests of store/journal_list.h. */
#include "people.h"

#include <stdio.h>
#include <string.h>

#include "store/journal.h"
#include "store/journal_list.h"
#include "store/location.h"
#include "store/query.h"
#include "store/usage.h"

/* 2026-11-24T12:00:00Z */
enum { T0 = 1795521600, DAY = 86400 };

static void enter(struct fixture *f, const char *actor, const char *table,
                  const char *op)
{
	struct origin who = {.actor = actor, .source = "test"};
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &who, &err), &err);
	if (table == NULL)
		assert_ok(journal_event(
		              f->db,
		              &(struct journal_event){.name = op,
		                                      .object = "x",
		                                      .detail = "{\"a\":1}"},
		              &err),
		          &err);
	else
		assert_ok(
		    journal_append(
		        f->db,
		        &(struct journal_change){
		            .op = op, .table = table, .pk = "1", .after = "{}"},
		        &err),
		    &err);
	assert_ok(db_commit(f->db, &err), &err);
}

/* Entry 1 is the database's own; 2 to 9 come a day after the other. */
static void fill(struct fixture *f)
{
	static const struct {
		const char *actor, *table, *op;
	} entries[] = {
	    {"user:a", NULL, "login"},
	    {"user:a", "locations", "insert"},
	    {"user:b", "locations", "update"},
	    {"nobody", NULL, "login_failed"},
	    {"user:a", "daily_usage", "insert"},
	    {"user:b", NULL, "login"},
	    {"user:a", "users", "update"},
	    {"user:a", NULL, "logout"},
	};

	fixture_stop_clock(f, T0);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		enter(f, entries[i].actor, entries[i].table, entries[i].op);
		fixture_time += DAY;
	}
	/* The fixture's own entry is of the time of the test's run. */
	fixture_exec(f, "DROP TRIGGER journal_no_update;"
	                "UPDATE journal SET at = '2026-11-01T00:00:00Z'"
	                " WHERE id = 1");
}

static enum dum_status note_id(void *arg, const struct journal_row *row,
                               struct dum_error *err)
{
	(void)err;
	strbuf_addi(arg, row->id);
	return DUM_OK;
}

static const struct {
	const char *ids; /* and after a blank the next page's */
	struct journal_filter filter;
} cases[] = {
    {"987654321 0", {.limit = 50}},
    {"987 7", {.limit = 3}},
    {"654 4", {.limit = 3, .before = 7}},
    {"321 0", {.limit = 3, .before = 4}},
    {" 0", {.limit = 3, .before = 1}},
    {"9752 0", {.limit = 50, .kind = JOURNAL_EVENTS}},
    {"97 7", {.limit = 2, .kind = JOURNAL_EVENTS}},
    {"86431 0", {.limit = 50, .kind = JOURNAL_CHANGES}},
    {"98632 0", {.limit = 50, .actor = "user:a"}},
    {"863 3", {.limit = 3, .actor = "user:a", .before = 9}},
    {"92 0", {.limit = 50, .actor = "user:a", .kind = JOURNAL_EVENTS}},
    {"72 0", {.limit = 50, .op = "login"}},
    {"7 0", {.limit = 50, .op = "login", .actor = "user:b"}},
    {"43 0", {.limit = 50, .table = "locations"}},
    {"3 0", {.limit = 50, .table = "locations", .op = "insert"}},
    {"5432 0", {.limit = 50, .from = {2026, 11, 24}, .until = {2026, 11, 28}}},
    {"54 4", {.limit = 2, .from = {2026, 11, 24}, .until = {2026, 11, 28}}},
    {"32 0",
     {.limit = 2,
      .before = 4,
      .from = {2026, 11, 24},
      .until = {2026, 11, 28}}},
    {"987 0", {.limit = 50, .from = {2026, 11, 29}}},
    {"21 0", {.limit = 50, .until = {2026, 11, 25}}},
    {"6 0",
     {.limit = 50,
      .actor = "user:a",
      .from = {2026, 11, 26},
      .until = {2026, 11, 29}}},
    {" 0", {.limit = 50, .actor = "user:nobody"}},
    {" 0", {.limit = 50, .table = "users", .kind = JOURNAL_EVENTS}},
};

static void each_filter_gives_its_entries_newest_first(void **state)
{
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strbuf got = STRBUF_INIT;
		struct dum_error err = {0};
		int64_t next = -1;

		assert_ok(journal_list(&next, f->db, &cases[i].filter, note_id,
		                       &got, &err),
		          &err);
		strbuf_addf(&got, " %lld", (long long)next);
		if (strcmp(got.buf, cases[i].ids) != 0)
			fail_msg("case %zu: %s, not %s", i, got.buf,
			         cases[i].ids);
		strbuf_release(&got);
	}
}

static enum dum_status note_all(void *arg, const struct journal_row *row,
                                struct dum_error *err)
{
	(void)err;
	strbuf_addf(arg, "%s %s %s %d %s %s %s %s %s ", row->at, row->actor,
	            row->source, row->is_event, row->op,
	            row->table != NULL ? row->table : "-",
	            row->pk != NULL ? row->pk : "-",
	            row->before != NULL ? row->before : "-",
	            row->after != NULL ? row->after : "-");
	return DUM_OK;
}

static void an_entry_is_told_whole(void **state)
{
	struct journal_filter filter = {.limit = 2, .before = 4};
	struct strbuf got = STRBUF_INIT;
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t next;

	fill(f);
	assert_ok(journal_list(&next, f->db, &filter, note_all, &got, &err),
	          &err);
	assert_string_equal(
	    got.buf,
	    "2026-11-25T12:00:00Z user:a test 0 insert locations 1 - {} "
	    "2026-11-24T12:00:00Z user:a test 1 login - x - {\"a\":1} ");
	strbuf_release(&got);
}

static void days_are_those_of_the_time_zone(void **state)
{
	/* By name: the fixture's own entries are of today, whenever that is. */
	struct journal_filter filter = {.limit = 9,
	                                .op = "login",
	                                .from = {2026, 11, 25},
	                                .until = {2026, 11, 26}};
	struct strbuf got = STRBUF_INIT;
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t next;

	fixture_stop_clock(f, T0 + DAY / 2 - 1800); /* half past eleven, UTC */
	enter(f, "user:a", NULL, "login");
	assert_ok(clock_set_zone("Europe/Vienna", &err), &err);
	assert_ok(journal_list(&next, f->db, &filter, note_id, &got, &err),
	          &err);
	assert_string_equal(got.buf, "2");
	strbuf_reset(&got);
	assert_ok(clock_set_zone("UTC", &err), &err);
	assert_ok(journal_list(&next, f->db, &filter, note_id, &got, &err),
	          &err);
	assert_string_equal(got.buf, "");
	strbuf_release(&got);
}

static void a_page_has_a_limit(void **state)
{
	static const int limits[] = {0, -1, JOURNAL_LIMIT_MAX + 1};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct journal_filter filter = {.limit = limits[i]};
		struct dum_error err = {0};
		int64_t next = -1;

		assert_status(
		    journal_list(&next, f->db, &filter, note_id, NULL, &err),
		    DUM_EINVAL, &err);
		assert_string_equal(err.field, "limit");
		assert_int_equal(next, -1);
	}
}

/* Steps of SQLite's machine, which no load of the machine changes. */
static int steps_of(struct fixture *f, enum sql_query which)
{
	return sqlite3_stmt_status(f->db->statements[which],
	                           SQLITE_STMTSTATUS_VM_STEP, 1);
}

/* So many entries of days that are new. */
static void enter_days(struct fixture *f, int days)
{
	const struct date first = {2015, 1, 1};
	struct location location;
	struct dum_error err = {0};
	enum usage_change change;
	struct usage usage;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, "a", NULL, &err), &err);
	for (int i = 0; i < days; i++)
		assert_ok(usage_put(&usage, &change, f->db, date_add(first, i),
		                    location.id, 1, &err),
		          &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static void the_first_page_costs_the_same_however_long_the_history(void **state)
{
	struct journal_filter plain = {.limit = 10};
	struct journal_filter events = {.limit = 10, .kind = JOURNAL_EVENTS};
	struct strbuf got = STRBUF_INIT;
	struct fixture *f = *state;
	int short_plain, short_events;
	struct dum_error err = {0};
	int64_t next;

	for (int i = 0; i < 30; i++)
		enter(f, "user:a", NULL, "login");
	assert_ok(journal_list(&next, f->db, &plain, note_id, &got, &err),
	          &err);
	assert_ok(journal_list(&next, f->db, &events, note_id, &got, &err),
	          &err);
	short_plain = steps_of(f, SQL_JOURNAL_LIST);
	short_events = steps_of(f, SQL_JOURNAL_LIST_RARE);
	enter_days(f, 3000);
	assert_ok(journal_list(&next, f->db, &plain, note_id, &got, &err),
	          &err);
	assert_ok(journal_list(&next, f->db, &events, note_id, &got, &err),
	          &err);
	assert_int_equal(steps_of(f, SQL_JOURNAL_LIST), short_plain);
	assert_int_equal(steps_of(f, SQL_JOURNAL_LIST_RARE), short_events);
	strbuf_release(&got);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(each_filter_gives_its_entries_newest_first),
	    WITH_DB(an_entry_is_told_whole),
	    WITH_DB(days_are_those_of_the_time_zone),
	    WITH_DB(a_page_has_a_limit),
	    WITH_DB(the_first_page_costs_the_same_however_long_the_history),
	};

	return cmocka_run_group_tests_name("journal_list", tests, NULL, NULL);
}
