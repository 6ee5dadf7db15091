/* Unit tests of store/anonymise.h. */
#include "people.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/session.h"
#include "base/fsutil.h"
#include "store/anonymise.h"
#include "store/import.h"
#include "store/journal.h"
#include "store/location.h"
#include "store/usage.h"

/* Words that must not be in the copy, wherever it keeps what it keeps. */
#define SECRET_NAME  "zanzibar_office"
#define SECRET_SHOWN "Kilimanjaro Depot"
#define SECRET_USER  "wolfgang.amadeus"
#define SECRET_FILE  "quarterly-timbuktu.csv"
#define SECRET_AGENT "NetscapeNavigator"

static void fill(struct fixture *f)
{
	struct import_record record = {.kind = "wide_csv",
	                               .file_name = SECRET_FILE,
	                               .file_hash = "0123456789abcdef",
	                               .options = "{\"pattern\":\"timbuktu\"}"};
	char text[API_KEY_TEXT_MAX];
	struct session_new session;
	struct location location;
	struct login_result result;
	struct dum_error err = {0};
	enum usage_change change;
	struct usage usage;
	int64_t id, import;

	id = people_add(f, SECRET_USER, ROLE_ADMIN);
	people_add_limited(f, "viewer", people_location(f, SECRET_NAME));
	people_key(f, text, SCOPE_READ);
	(void)!people_login(&result, f, "tried-name", "wrong", NULL);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, "b", SECRET_SHOWN, &err),
	          &err);
	assert_ok(session_start(&session, f->db, id, "203.0.113.77",
	                        SECRET_AGENT, &err),
	          &err);
	assert_ok(import_start(&import, f->db, &record, &err), &err);
	assert_ok(import_finish(f->db, import, &record, &err), &err);
	for (int d = 0; d < 400; d++)
		assert_ok(usage_put(&usage, &change, f->db,
		                    date_add((struct date){2026, 1, 1}, d),
		                    1 + d % 2, d, &err),
		          &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static int64_t number_of(struct fixture *f, const char *path, const char *sql)
{
	struct dum_error err = {0};

	assert_ok(config_set(&f->config, "DATABASE_PATH", path, NULL, &err),
	          &err);
	return fixture_number(f, sql);
}

static bool holds(const struct strbuf *file, const char *word)
{
	return memmem(file->buf, file->len, word, strlen(word)) != NULL;
}

static void the_copy_has_the_days_and_nobodys_name(void **state)
{
	static const char *const words[] = {
	    SECRET_NAME,  SECRET_SHOWN, SECRET_USER,    SECRET_FILE,
	    SECRET_AGENT, "timbuktu",   "203.0.113.77", "tried-name",
	    "argon2id",   "tester",     "192.0.2.7",    "0123456789abcdef"};
	struct anonymise_counts counts = {0};
	struct strbuf original = STRBUF_INIT, copy = STRBUF_INIT;
	struct fixture *f = *state;
	struct dum_error err = {0};
	char path[128];
	struct stat st;

	fill(f);
	snprintf(path, sizeof(path), "%s", fixture_path(f, "copy.db"));
	assert_ok(anonymise(&counts, f->db, path, &err), &err);
	assert_int_equal(counts.locations, 2);
	assert_int_equal(counts.records, 400);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(fs_read_file(&copy, path, 1 << 24, &err), &err);
	assert_ok(fs_read_file(&original, fixture_path(f, "data_usage.db-wal"),
	                       1 << 24, &err),
	          &err);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (holds(&copy, words[i]))
			fail_msg("the copy holds '%s'", words[i]);
		assert_true(holds(&original, words[i])); /* it would show */
	}
	assert_int_equal(
	    number_of(f, path, "SELECT sum(usage_bytes) FROM daily_usage"),
	    399 * 400 / 2);
	assert_int_equal(number_of(f, path,
	                           "SELECT count(*) FROM locations"
	                           " WHERE name GLOB"
	                           " 'location_[0-9a-f]*'"
	                           " AND length(name) = 25"
	                           " AND display_name GLOB"
	                           " 'Location [0-9a-f]*'"),
	                 2);
	assert_int_equal(number_of(f, path,
	                           "SELECT integrity_check = 'ok' FROM"
	                           " pragma_integrity_check"),
	                 1);
	assert_int_equal(number_of(f, path,
	                           "SELECT count(*) FROM"
	                           " pragma_foreign_key_check"),
	                 0);
	assert_false(fs_exists(fixture_path(f, "copy.db.partial")));
	strbuf_release(&copy);
	strbuf_release(&original);
}

static void nobody_gets_from_one_copy_to_another(void **state)
{
	struct anonymise_counts counts;
	struct fixture *f = *state;
	struct dum_error err = {0};
	char a[128], b[128], sql[600];

	fill(f);
	snprintf(a, sizeof(a), "%s", fixture_path(f, "a.db"));
	snprintf(b, sizeof(b), "%s", fixture_path(f, "b.db"));
	assert_ok(anonymise(&counts, f->db, a, &err), &err);
	assert_ok(anonymise(&counts, f->db, b, &err), &err);
	snprintf(sql, sizeof(sql),
	         "ATTACH '%s' AS b;"
	         "CREATE TABLE same AS SELECT count(*) AS n"
	         " FROM main.locations AS x JOIN b.locations"
	         " AS y ON y.name = x.name"
	         " OR y.display_name = x.display_name;"
	         "INSERT INTO same SELECT count(*) FROM"
	         " main.system_info AS x JOIN b.system_info"
	         " AS y USING (metric_name) WHERE"
	         " x.metric_name = 'database_id' AND"
	         " x.metric_value = y.metric_value",
	         b);
	assert_ok(config_set(&f->config, "DATABASE_PATH", a, NULL, &err), &err);
	fixture_exec(f, sql);
	assert_int_equal(fixture_number(f, "SELECT sum(n) FROM same"), 0);
}

/* It is a database like any other: a program of ours goes on with it. */
static void the_copy_can_be_worked_with(void **state)
{
	struct anonymise_counts counts;
	struct journal_verdict verdict;
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct db *copy = NULL;
	char path[128];

	fill(f);
	snprintf(path, sizeof(path), "%s", fixture_path(f, "copy.db"));
	assert_ok(anonymise(&counts, f->db, path, &err), &err);
	assert_ok(config_set(&f->config, "DATABASE_PATH", path, NULL, &err),
	          &err);
	assert_ok(db_open(&copy, &f->config, &err), &err);
	db_free(f->db);
	f->db = copy;
	people_add(f, "a", ROLE_ADMIN);
	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	assert_int_equal(verdict.entries, 1);
	assert_int_equal(verdict.broken_id, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sqlite_schema"
	                                   " WHERE type = 'trigger'"),
	                 4);
}

static void what_is_there_is_not_written_over(void **state)
{
	struct anonymise_counts counts;
	struct fixture *f = *state;
	struct dum_error err = {0};
	char path[128];

	snprintf(path, sizeof(path), "%s", fixture_path(f, "copy.db"));
	assert_ok(anonymise(&counts, f->db, path, &err), &err);
	assert_status(anonymise(&counts, f->db, path, &err), DUM_ECONFLICT,
	              &err);
	error_clear(&err);
	snprintf(path, sizeof(path), "%s", fixture_path(f, "no/such/folder"));
	assert_status(anonymise(&counts, f->db, path, &err), DUM_ESYS, &err);
	snprintf(path, sizeof(path), "%s", fixture_path(f, "copy.db.partial"));
	assert_false(fs_exists(path));
}

static void others_can_change_the_database_meanwhile(void **state)
{
	struct anonymise_counts counts;
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct db *other = NULL;
	char path[128];

	assert_ok(db_open(&other, &f->config, &err), &err);
	assert_ok(db_begin_long(other, &f->who, &err), &err);
	snprintf(path, sizeof(path), "%s", fixture_path(f, "copy.db"));
	assert_ok(anonymise(&counts, f->db, path, &err), &err);
	db_free(other);
}

/* Whoever adds a table has to say what becomes of it in a copy. */
static void each_table_is_kept_on_purpose_or_cleared(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    fixture_number(
	        f, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
	           " AND name NOT IN ("
	           /* without a word about whose they are */
	           " 'daily_usage', 'monthly_summaries', 'counters',"
	           " 'cycle_settings', 'location_records', 'sqlite_sequence',"
	           /* with names replaced */
	           " 'locations', 'imports', 'system_info',"
	           /* emptied */
	           " 'journal', 'journal_prunes', 'users', 'sessions',"
	           " 'recovery_codes', 'api_keys', 'location_grants',"
	           " 'login_attempts', 'idempotency_keys', 'jobs')"),
	    0);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(the_copy_has_the_days_and_nobodys_name),
	    WITH_DB(nobody_gets_from_one_copy_to_another),
	    WITH_DB(the_copy_can_be_worked_with),
	    WITH_DB(what_is_there_is_not_written_over),
	    WITH_DB(each_table_is_kept_on_purpose_or_cleared),
	    WITH_DB(others_can_change_the_database_meanwhile),
	};

	return cmocka_run_group_tests_name("anonymise", tests, NULL, NULL);
}
