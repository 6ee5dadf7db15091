/*
 * How SQLite goes about the statements that people wait for: held against
 * test/golden/query-plans.txt, so that a step over a whole table shows up.
 * UPDATE_GOLDEN=1 makes the file anew.
 */
#include "fixture.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsutil.h"
#include "base/strbuf.h"
#include "store/query.h"

#define GOLDEN "test/golden/query-plans.txt"

static void add_plan(struct strbuf *out, struct fixture *f,
                     enum sql_query which)
{
	struct strbuf sql = STRBUF_INIT;
	sqlite3_stmt *statement = NULL;

	strbuf_addf(&sql, "EXPLAIN QUERY PLAN %s", sql_queries[which]);
	assert_int_equal(
	    sqlite3_prepare_v2(f->db->sqlite, sql.buf, -1, &statement, NULL),
	    SQLITE_OK);
	strbuf_addf(out, "%s\n", sql_query_names[which]);
	while (sqlite3_step(statement) == SQLITE_ROW)
		strbuf_addf(out, "    %s\n", sqlite3_column_text(statement, 3));
	sqlite3_finalize(statement);
	strbuf_release(&sql);
}

static void plans_are_the_agreed_ones(void **state)
{
	struct strbuf now = STRBUF_INIT, agreed = STRBUF_INIT;
	const char *update = getenv("UPDATE_GOLDEN");
	struct fixture *f = *state;
	struct dum_error err = {0};

	for (int i = 0; i < SQL__MAX; i++)
		add_plan(&now, f, (enum sql_query)i);
	if (update != NULL && *update == '1')
		assert_ok(fs_write_atomic(GOLDEN, now.buf, now.len, 0644, &err),
		          &err);
	assert_ok(fs_read_file(&agreed, GOLDEN, 65536, &err), &err);
	assert_string_equal(now.buf, agreed.buf);
	strbuf_release(&now);
	strbuf_release(&agreed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(plans_are_the_agreed_ones,
	                                    fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests_name("query_plan", tests, NULL, NULL);
}
