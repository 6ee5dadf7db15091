/*
 * Unit tests of store/migrate.h: a database of an older schema, filled, is
 * brought to the present one and goes on.
 */
#include "people.h"

#include <string.h>

#include "base/strbuf.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/migrate.h"
#include "store/migrations.h"
#include "store/usage.h"

/* Make other.db of the first schema with two places and three days. */
static void make_first_schema(struct fixture *f)
{
	struct strbuf sql = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(
	    config_set(&f->config, "DATABASE_PATH", "other.db", f->dir, &err),
	    &err);
	strbuf_adds(&sql, migrations[0].sql);
	strbuf_adds(
	    &sql,
	    "PRAGMA user_version = 1; PRAGMA application_id = 0x44554D31;"
	    "INSERT INTO system_info (metric_name, metric_value) VALUES"
	    " ('schema_version', '1'), ('database_id', 'x'),"
	    " ('timeline', '1'), ('data_generation', '7');"
	    "INSERT INTO locations (name, display_name) VALUES"
	    " ('a', 'A'), ('b', 'B'), ('c', 'C');"
	    "UPDATE counters SET value = 3;"
	    "INSERT INTO daily_usage (date, location_id, usage_bytes) VALUES"
	    " ('2026-11-01', 1, 5), ('2026-11-02', 1, 6),"
	    " ('2026-11-01', 2, 7)");
	fixture_exec(f, sql.buf);
	strbuf_release(&sql);
}

static void the_first_schema_becomes_the_present_one(void **state)
{
	const struct usage_filter everything = {.location_id = 0};
	struct fixture *f = *state;
	struct journal_verdict verdict;
	struct dum_error err = {0};
	struct db *db = NULL;
	int from = -1, to = -1;
	int64_t n = -1;

	make_first_schema(f);
	assert_status(db_open(&db, &f->config, &err), DUM_ESCHEMA, &err);
	assert_non_null(strstr(err.text, "dum-admin migrate"));
	error_clear(&err);
	assert_ok(db_open_any_version(&db, &f->config, &err), &err);
	assert_ok(migrate(&from, &to, db, &f->who, &err), &err);
	assert_int_equal(from, 1);
	assert_int_equal(to, migrate_newest());
	db_free(f->db);
	f->db = db;
	assert_int_equal(
	    fixture_number(f, "SELECT group_concat(records, '') = '210' FROM"
	                      " location_records"),
	    1);
	assert_ok(usage_count(&n, db, &everything, &err), &err);
	assert_int_equal(n, 3);
	assert_ok(location_count(&n, db, &err), &err);
	assert_int_equal(n, 3);
	people_add(f, "a", ROLE_ADMIN);
	assert_ok(journal_verify(&verdict, db, NULL, NULL, &err), &err);
	assert_int_equal(verdict.broken_id, 0);
	assert_int_equal(verdict.entries, 2);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(the_first_schema_becomes_the_present_one),
	};

	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
