/* Unit tests of store/journal.h: the chain, and what breaks it. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypto/secret_key.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/query.h"

static void append(struct fixture *f, const char *pk, const char *after)
{
	struct journal_change change = {
	    .op = "update", .table = "locations", .pk = pk, .after = after};
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(journal_append(f->db, &change, &err), &err);
	assert_ok(journal_append(f->db, &change, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static struct journal_verdict verify(struct fixture *f)
{
	struct journal_verdict verdict = {.entries = -1};
	struct dum_error err = {0};

	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	return verdict;
}

static void a_new_database_starts_the_chain(void **state)
{
	struct fixture *f = *state;
	struct journal_verdict verdict = verify(f);

	assert_int_equal(verdict.entries, 1);
	assert_int_equal(verdict.broken_id, 0);
	assert_int_equal(
	    fixture_number(f, "SELECT op = 'init' AND prev = zeroblob(32)"
	                      " FROM journal WHERE id = 1"),
	    1);
}

static void entries_of_one_change_share_a_batch(void **state)
{
	struct fixture *f = *state;

	append(f, "1", "{}");
	append(f, "2", "{}");
	assert_int_equal(verify(f).entries, 5);
	assert_int_equal(
	    fixture_number(f, "SELECT group_concat(batch, '') = '12244'"
	                      " FROM journal"),
	    1);
}

static void a_change_raises_the_generation_once(void **state)
{
	struct fixture *f = *state;
	int64_t before, after;
	const char *sql = "SELECT CAST(metric_value AS INTEGER)"
	                  " FROM system_info"
	                  " WHERE metric_name = 'data_generation'";

	before = fixture_number(f, sql);
	append(f, "1", "{}");
	after = fixture_number(f, sql);
	assert_int_equal(after, before + 1);
}

/* One forgery: SQL that is run past the product, and what it must show. */
static const struct {
	const char *why;
	const char *sql;
	int64_t broken_id;
} forgeries[] = {
    {"another text", "UPDATE journal SET after = '{} ' WHERE id = 3", 3},
    {"NULL for an empty text", "UPDATE journal SET pk = NULL WHERE id = 4", 4},
    {"a moved border between two fields",
     "UPDATE journal SET op = 'updatel', tbl = 'ocations' WHERE id = 2", 2},
    {"an entry less", "DELETE FROM journal WHERE id = 3", 4},
    {"two entries changed places",
     "UPDATE journal SET id = -1 WHERE id = 2;"
     "UPDATE journal SET id = 2 WHERE id = 3;"
     "UPDATE journal SET id = 3 WHERE id = -1",
     2},
    {"another time",
     "UPDATE journal SET at = '2020-01-01T00:00:00Z'"
     " WHERE id = 5",
     5},
    {"another actor", "UPDATE journal SET actor = 'x' WHERE id = 1", 1},
    {"a seal of nothing", "UPDATE journal SET mac = zeroblob(32) WHERE id = 3",
     3},
    {"another key's name", "UPDATE journal SET key_id = 'x' WHERE id = 2", 2},
};

static void each_forgery_is_found_where_it_begins(void **state)
{
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		struct journal_verdict verdict;
		struct fixture *f;

		assert_int_equal(fixture_setup(state), 0);
		f = *state;
		append(f, "", "{}");
		append(f, "2", "{}");
		fixture_exec(f, "DROP TRIGGER journal_no_update");
		fixture_exec(f, "DROP TRIGGER journal_no_delete");
		fixture_exec(f, forgeries[i].sql);
		verdict = verify(f);
		if (verdict.broken_id != forgeries[i].broken_id)
			fail_msg("%s: broken at %lld (%s)", forgeries[i].why,
			         (long long)verdict.broken_id, verdict.why);
		assert_true(verdict.why[0] != '\0');
		fixture_teardown(state);
	}
}

static void the_chain_is_sealed_as_its_header_says(void **state)
{
	/* Checked by another program: test/it/test_admin.py does so too. */
	struct fixture *f = *state;

	append(f, "1", "{\"a\":1}");
	assert_int_equal(fixture_number(f,
	                                "SELECT count(*) FROM journal AS a"
	                                " JOIN journal AS b ON b.id = a.id + 1"
	                                " AND b.prev = a.mac"),
	                 2);
}

static void the_journal_can_not_be_changed_by_sql(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};

	assert_status(db_exec(f->db, "UPDATE journal SET op = ''", &err),
	              DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_status(db_exec(f->db, "DELETE FROM journal", &err),
	              DUM_ECONFLICT, &err);
}

static void without_its_key_nothing_is_changed(void **state)
{
	struct fixture *f = *state;
	struct location location;
	struct dum_error err = {0};
	struct db *other = NULL;

	assert_int_equal(unlink(f->config.secret_key_file), 0);
	assert_ok(db_open(&other, &f->config, &err), &err);
	assert_ok(db_begin(other, &f->who, &err), &err);
	assert_status(location_add(&location, other, "a", NULL, &err), DUM_ESYS,
	              &err);
	db_free(other);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM locations"),
	                 0);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_new_database_starts_the_chain),
	    WITH_DB(entries_of_one_change_share_a_batch),
	    WITH_DB(a_change_raises_the_generation_once),
	    cmocka_unit_test(each_forgery_is_found_where_it_begins),
	    WITH_DB(the_chain_is_sealed_as_its_header_says),
	    WITH_DB(the_journal_can_not_be_changed_by_sql),
	    WITH_DB(without_its_key_nothing_is_changed),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
