/* Unit tests of access/account.h, role.h and scope.h. */
#include "people.h"

#include <stdio.h>
#include <string.h>

#include "access/session.h"
#include "store/journal.h"

static const struct {
	const char *typed;
	const char *name; /* NULL: refused */
} names[] = {
    {"alice", "alice"},
    {"Alice.B@Example-1.org", "alice.b@example-1.org"},
    {"0x_", "0x_"},
    {"", NULL},
    {".alice", NULL},
    {"al ice", NULL},
    {"alice\n", NULL},
    {"alic\xc3\xa9", NULL},
    {"a:b", NULL},
    {"1234567890123456789012345678901234567890123456789012345678901234",
     "1234567890123456789012345678901234567890123456789012345678901234"},
    {"12345678901234567890123456789012345678901234567890123456789012345", NULL},
};

static void names_are_lower_case_and_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char name[ACCOUNT_NAME_MAX] = "untouched";
		struct dum_error err = {0};

		if (names[i].name == NULL) {
			assert_status(account_name(name, names[i].typed, &err),
			              DUM_EINVAL, &err);
			assert_string_equal(err.field, "username");
			assert_string_equal(name, "untouched");
			continue;
		}
		assert_ok(account_name(name, names[i].typed, &err), &err);
		assert_string_equal(name, names[i].name);
	}
}

static void a_set_of_scopes_is_written_and_read(void **state)
{
	struct strbuf list = STRBUF_INIT;
	struct dum_error err = {0};
	unsigned set = 0;

	(void)state;
	scope_list(&list, SCOPE_ADMIN | SCOPE_READ | SCOPE_METRICS);
	assert_string_equal(list.buf, "read metrics admin");
	assert_ok(scope_parse(&set, "  import read import ", &err), &err);
	assert_int_equal(set, SCOPE_READ | SCOPE_IMPORT);
	assert_status(scope_parse(&set, "read reads", &err), DUM_EINVAL, &err);
	assert_string_equal(err.field, "scopes");
	assert_non_null(strstr(err.text, "'reads'"));
	assert_int_equal(scope_find("never"), SCOPE_NEVER);
	assert_int_equal(role_find("root"), ROLE_NONE);
	assert_int_equal(role_find(role_name(ROLE_EDITOR)), ROLE_EDITOR);
	strbuf_release(&list);
}

static void an_account_is_found_and_listed_by_name(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct account account;
	int64_t n = 0, id;

	people_add(f, "zoe", ROLE_ADMIN);
	id = people_add(f, "adam", ROLE_VIEWER);
	assert_ok(account_find(&account, f->db, "adam", &err), &err);
	assert_int_equal(account.id, id);
	assert_int_equal(account.role, ROLE_VIEWER);
	assert_true(account.is_active);
	assert_false(account.is_limited);
	assert_string_equal(account.last_login_at, "");
	assert_ok(account_count(&n, f->db, &err), &err);
	assert_int_equal(n, 2);
	assert_status(account_find(&account, f->db, "eve", &err), DUM_ENOTFOUND,
	              &err);
}

static void a_wrong_new_account_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const int64_t nowhere = 99;
	const struct {
		const char *field;
		enum dum_status status;
		struct account_new new;
	} cases[] = {
	    {"username",
	     DUM_ECONFLICT,
	     {"taken", PEOPLE_HASH, ROLE_VIEWER, {-1, NULL}}},
	    {"role", DUM_EINVAL, {"a", PEOPLE_HASH, ROLE_NONE, {-1, NULL}}},
	    {"locations",
	     DUM_EINVAL,
	     {"a", PEOPLE_HASH, ROLE_VIEWER, {1, &nowhere}}},
	    {"locations",
	     DUM_EINVAL,
	     {"a", PEOPLE_HASH, ROLE_ADMIN, {0, &nowhere}}},
	    {"", DUM_EINVAL, {"a", "plain text", ROLE_VIEWER, {-1, NULL}}},
	};

	people_add(f, "taken", ROLE_VIEWER);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dum_error err = {0};
		struct account account;

		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_status(account_add(&account, f->db, &cases[i].new, &err),
		              cases[i].status, &err);
		assert_string_equal(err.field, cases[i].field);
		db_rollback(f->db);
	}
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM users"), 1);
}

static enum dum_status update(struct fixture *f, int64_t id,
                              const struct account_change *change,
                              struct dum_error *err)
{
	struct account account;
	enum dum_status status;

	assert_ok(db_begin(f->db, &f->who, err), err);
	status = account_update(&account, f->db, id, change, 0, err);
	db_rollback(f->db);
	return status;
}

static void the_last_active_admin_stays(void **state)
{
	struct fixture *f = *state;
	struct account_change down = {.role = ROLE_EDITOR, .is_active = -1};
	struct account_change off = {.is_active = 0};
	struct dum_error err = {0};
	int64_t id = people_add(f, "boss", ROLE_ADMIN), other;

	people_add(f, "clerk", ROLE_EDITOR);
	other = people_add(f, "gone", ROLE_ADMIN);
	people_change(f, other, &off); /* does not count */
	assert_status(update(f, id, &down, &err), DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_status(update(f, id, &off, &err), DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(account_delete(f->db, id, &err), DUM_ECONFLICT, &err);
	db_rollback(f->db);
	error_clear(&err);
	people_change(f, other, &(struct account_change){.is_active = 1});
	assert_ok(update(f, id, &down, &err), &err);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(account_delete(f->db, id, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static void an_admin_is_never_limited(void **state)
{
	struct fixture *f = *state;
	int64_t place = people_location(f, "a");
	struct location_limit one = {.count = 1, .ids = &place};
	struct location_limit all = {.count = -1};
	struct account_change up = {.role = ROLE_ADMIN, .is_active = -1};
	struct account_change limit = {.limit = &one, .is_active = -1};
	struct dum_error err = {0};
	int64_t viewer = people_add_limited(f, "v", place);
	int64_t admin = people_add(f, "a", ROLE_ADMIN);

	assert_status(update(f, viewer, &up, &err), DUM_EINVAL, &err);
	assert_string_equal(err.field, "locations");
	error_clear(&err);
	assert_status(update(f, admin, &limit, &err), DUM_EINVAL, &err);
	error_clear(&err);
	up.limit = &all;
	assert_ok(update(f, viewer, &up, &err), &err);
}

static int64_t sessions_of(struct fixture *f, int64_t user_id)
{
	char sql[80];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM sessions WHERE user_id = %lld",
	         (long long)user_id);
	return fixture_number(f, sql);
}

static int64_t start(struct fixture *f, int64_t user_id)
{
	struct session_new session;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(session_start(&session, f->db, user_id, NULL, NULL, &err),
	          &err);
	assert_ok(db_commit(f->db, &err), &err);
	return session.id;
}

static void a_change_of_rights_or_password_ends_sessions(void **state)
{
	struct fixture *f = *state;
	int64_t place = people_location(f, "a");
	struct location_limit one = {.count = 1, .ids = &place};
	const struct {
		struct account_change change;
		bool ends;
	} cases[] = {
	    {{.role = ROLE_EDITOR, .is_active = -1}, true},
	    {{.role = ROLE_EDITOR, .is_active = -1}, false}, /* it is one */
	    {{.is_active = 1}, false},
	    {{.is_active = -1, .limit = &one}, true},
	    {{.is_active = -1, .password_hash = PEOPLE_HASH}, true},
	    {{.is_active = -1, .remove_totp = true}, true},
	    {{.is_active = 0}, true},
	};
	int64_t id = people_add(f, "v", ROLE_VIEWER);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(f, id);
		start(f, id);
		people_change(f, id, &cases[i].change);
		if ((sessions_of(f, id) == 0) != cases[i].ends)
			fail_msg("case %zu: %lld sessions are left", i,
			         (long long)sessions_of(f, id));
	}
}

static void the_session_that_changes_the_password_may_stay(void **state)
{
	struct fixture *f = *state;
	struct account_change change = {.is_active = -1,
	                                .password_hash = PEOPLE_HASH};
	struct dum_error err = {0};
	struct account account;
	int64_t id = people_add(f, "v", ROLE_VIEWER), keep;

	start(f, id);
	keep = start(f, id);
	start(f, id);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(account_update(&account, f->db, id, &change, keep, &err),
	          &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(sessions_of(f, id), 1);
	assert_int_equal(fixture_number(f, "SELECT id FROM sessions"), keep);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE tbl = 'event'"
	                                   " AND op = 'password_changed'"
	                                   " AND pk = 'v'"),
	                 1);
}

static int64_t key_by(struct fixture *f, int64_t user_id)
{
	struct api_key_new new = {.name = "k",
	                          .scopes = SCOPE_READ,
	                          .limit = {.count = -1},
	                          .created_by = user_id};
	char text[API_KEY_TEXT_MAX];
	struct dum_error err = {0};
	struct api_key key;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(api_key_add(&key, text, f->db, &new, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return key.id;
}

static void keys_go_with_the_admin_who_made_them(void **state)
{
	struct fixture *f = *state;
	const char *left = "SELECT count(*) FROM api_keys"
	                   " WHERE revoked_at IS NULL";
	struct dum_error err = {0};
	int64_t a = people_add(f, "a", ROLE_ADMIN);
	int64_t b = people_add(f, "b", ROLE_ADMIN);
	int64_t c = people_add(f, "c", ROLE_ADMIN);

	people_add(f, "boss", ROLE_ADMIN);
	key_by(f, 0);
	key_by(f, a);
	key_by(f, a);
	key_by(f, b);
	key_by(f, c);
	people_change(f, a, &(struct account_change){.is_active = 0});
	assert_int_equal(fixture_number(f, left), 3);
	people_change(
	    f, b,
	    &(struct account_change){.role = ROLE_VIEWER, .is_active = -1});
	assert_int_equal(fixture_number(f, left), 2);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(account_delete(f->db, c, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(fixture_number(f, left), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM api_keys"
	                                   " WHERE created_by IS NULL"),
	                 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE tbl = 'api_keys'"
	                                   " AND op = 'update'"),
	                 4);
}

static int64_t generation(struct fixture *f)
{
	return fixture_number(f, "SELECT CAST(metric_value AS INTEGER)"
	                         " FROM system_info"
	                         " WHERE metric_name = 'data_generation'");
}

static void accounts_leave_the_generation_but_what_they_see_moves_it(
    void **state)
{
	struct fixture *f = *state;
	int64_t place = people_location(f, "a"),
	        other = people_location(f, "b");
	struct location_limit two = {.count = 1, .ids = &other};
	struct account_change change = {.is_active = -1, .limit = &two};
	char text[API_KEY_TEXT_MAX];
	int64_t before = generation(f), id, viewer;

	id = people_add(f, "boss", ROLE_ADMIN);
	viewer = people_add_limited(f, "v", place);
	people_key(f, text, SCOPE_READ);
	start(f, id);
	people_change(
	    f, viewer,
	    &(struct account_change){.role = ROLE_EDITOR, .is_active = -1});
	assert_int_equal(generation(f), before);
	people_change(f, viewer, &change);
	assert_int_equal(generation(f), before + 1);
	people_change(f, viewer, &change); /* sees the same */
	assert_int_equal(generation(f), before + 1);
}

static void no_entry_of_the_journal_holds_a_secret(void **state)
{
	struct fixture *f = *state;
	char text[API_KEY_TEXT_MAX], sql[400];
	unsigned char seed[20];
	char codes[10][18];
	struct journal_verdict verdict;
	struct dum_error err = {0};
	int64_t id = people_add(f, "boss", ROLE_ADMIN);

	people_key(f, text, SCOPE_READ);
	start(f, id);
	people_enrol(f, id, seed, codes);
	people_change(f, id,
	              &(struct account_change){.is_active = -1,
	                                       .password_hash = PEOPLE_HASH});
	people_change(
	    f, id,
	    &(struct account_change){.is_active = -1, .remove_totp = true});
	assert_true(fixture_number(f,
	                           "SELECT count(*) FROM journal"
	                           " WHERE tbl IN ('users', 'api_keys')") >= 4);
	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM journal, (SELECT '%%' || '%.20s' || '%%'"
	         " AS secret UNION SELECT '%%argon2%%' UNION SELECT '%%hash%%'"
	         " UNION SELECT '%%seed%%' UNION SELECT '%%%.5s%%') AS s"
	         " WHERE coalesce(before, '') || coalesce(after, '') ||"
	         " coalesce(pk, '') LIKE s.secret",
	         text + 13, codes[0]);
	assert_int_equal(fixture_number(f, sql), 0);
	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	assert_int_equal(verdict.broken_id, 0);
}

static void a_removed_account_takes_its_rows_along(void **state)
{
	struct fixture *f = *state;
	int64_t place = people_location(f, "a");
	int64_t id = people_add_limited(f, "v", place);
	unsigned char seed[20];
	char codes[10][18];
	struct dum_error err = {0};

	start(f, id);
	people_enrol(f, id, seed, codes);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(account_delete(f->db, id, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(
	    fixture_number(f, "SELECT (SELECT count(*) FROM users)"
	                      " + (SELECT count(*) FROM sessions)"
	                      " + (SELECT count(*) FROM recovery_codes)"
	                      " + (SELECT count(*) FROM location_grants)"),
	    0);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_lower_case_and_plain),
	    cmocka_unit_test(a_set_of_scopes_is_written_and_read),
	    WITH_DB(an_account_is_found_and_listed_by_name),
	    WITH_DB(a_wrong_new_account_changes_nothing),
	    WITH_DB(the_last_active_admin_stays),
	    WITH_DB(an_admin_is_never_limited),
	    WITH_DB(a_change_of_rights_or_password_ends_sessions),
	    WITH_DB(the_session_that_changes_the_password_may_stay),
	    WITH_DB(keys_go_with_the_admin_who_made_them),
	    WITH_DB(accounts_leave_the_generation_but_what_they_see_moves_it),
	    WITH_DB(no_entry_of_the_journal_holds_a_secret),
	    WITH_DB(a_removed_account_takes_its_rows_along),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
