/* Unit tests of access/session.h, with a clock that stands still. */
#include "people.h"

#include <stdio.h>
#include <string.h>

#include "access/session.h"

enum { T0 = 1800000000, MINUTE = 60, HOUR = 3600 };

static struct session_new start(struct fixture *f, int64_t user_id)
{
	struct session_new session = {0};
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(session_start(&session, f->db, user_id, "192.0.2.1",
	                        "Browser\x1b[31m \xff 1", &err),
	          &err);
	assert_ok(db_commit(f->db, &err), &err);
	return session;
}

static bool holds(struct fixture *f, const char *token)
{
	struct caller caller = {.kind = CALLER_NOBODY};
	struct dum_error err = {0};
	enum dum_status status = session_find(&caller, f->db, token, &err);

	if (status == DUM_OK)
		return true;
	assert_status(status, DUM_EAUTH, &err);
	return false;
}

static void a_session_tells_who_it_is(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add(f, "alice", ROLE_EDITOR);
	struct caller caller;
	struct dum_error err = {0};
	struct session_new session;

	fixture_stop_clock(f, T0);
	session = start(f, id);
	assert_int_equal(strlen(session.token), 43);
	assert_int_equal(session.expires_at, T0 + 12 * HOUR);
	assert_ok(session_find(&caller, f->db, session.token, &err), &err);
	assert_int_equal(caller.kind, CALLER_USER);
	assert_int_equal(caller.id, id);
	assert_int_equal(caller.session_id, session.id);
	assert_int_equal(caller.role, ROLE_EDITOR);
	assert_int_equal(caller.scopes, 0);
	assert_int_equal(caller.expires_at, session.expires_at);
	assert_string_equal(caller.actor, "user:alice");
	assert_string_equal(caller.viewer, "");
	assert_string_equal(caller.csrf_token, session.csrf_token);
	assert_int_equal(strlen(caller.csrf_token), 64);
	assert_false(caller.must_enrol);
}

static void a_limited_account_looks_through_its_own_eyes(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add_limited(f, "v", people_location(f, "a"));
	struct session_new session = start(f, id);
	struct dum_error err = {0};
	struct caller caller;
	char viewer[32];

	snprintf(viewer, sizeof(viewer), "user:%lld", (long long)id);
	assert_ok(session_find(&caller, f->db, session.token, &err), &err);
	assert_string_equal(caller.viewer, viewer);
}

static void only_the_whole_token_opens_it(void **state)
{
	struct fixture *f = *state;
	struct session_new session = start(f, people_add(f, "a", ROLE_VIEWER));
	char token[sizeof(session.token) + 2];
	char hex[2 * SESSION_TOKEN_BYTES + 1], sql[200];
	unsigned char raw[SESSION_TOKEN_BYTES];

	assert_true(holds(f, session.token));
	assert_false(holds(f, ""));
	snprintf(token, sizeof(token), "%s=", session.token);
	assert_false(holds(f, token));
	snprintf(token, sizeof(token), "%s", session.token);
	token[0] = token[0] == 'A' ? 'B' : 'A';
	assert_false(holds(f, token));
	token[42] = '\0';
	assert_false(holds(f, token));
	assert_false(holds(f, session.csrf_token));
	/* A thief of the database gets no further with what stands there. */
	assert_true(
	    base64_decode(raw, sizeof(raw), session.token, 43, BASE64_URL));
	hex_write(hex, raw, sizeof(raw));
	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM sessions"
	         " WHERE lower(hex(token_hash)) = '%s'",
	         hex);
	assert_int_equal(fixture_number(f, sql), 0);
}

static void it_ends_when_it_is_idle(void **state)
{
	struct fixture *f = *state;
	struct session_new session = start(f, people_add(f, "a", ROLE_VIEWER));

	fixture_stop_clock(f, T0);
	session = start(f, 1);
	fixture_time += 30 * MINUTE - 1;
	assert_true(holds(f, session.token)); /* marks it as seen */
	fixture_time += 30 * MINUTE - 1;
	assert_true(holds(f, session.token));
	fixture_time += 30 * MINUTE;
	assert_false(holds(f, session.token));
}

static void it_ends_after_its_longest_time_however_busy(void **state)
{
	struct fixture *f = *state;
	struct session_new session;

	people_add(f, "a", ROLE_VIEWER);
	fixture_stop_clock(f, T0);
	session = start(f, 1);
	while (fixture_time < T0 + 12 * HOUR - 20 * MINUTE) {
		fixture_time += 20 * MINUTE;
		assert_true(holds(f, session.token));
	}
	fixture_time = session.expires_at - 1;
	assert_true(holds(f, session.token));
	fixture_time = session.expires_at;
	assert_false(holds(f, session.token));
}

static void it_is_marked_once_a_minute(void **state)
{
	struct fixture *f = *state;
	struct session_new session;

	people_add(f, "a", ROLE_VIEWER);
	fixture_stop_clock(f, T0);
	session = start(f, 1);
	fixture_time = T0 + 59;
	assert_true(holds(f, session.token));
	assert_int_equal(fixture_number(f, "SELECT seen_at FROM sessions"), T0);
	fixture_time = T0 + 60;
	assert_true(holds(f, session.token));
	assert_int_equal(fixture_number(f, "SELECT seen_at FROM sessions"),
	                 T0 + 60);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE source = 'session'"),
	                 0);
}

static void a_busy_database_keeps_nobody_out(void **state)
{
	struct fixture *f = *state;
	struct session_new session;
	struct dum_error err = {0};
	struct db *other = NULL;

	people_add(f, "a", ROLE_VIEWER);
	fixture_stop_clock(f, T0);
	session = start(f, 1);
	fixture_time += 5 * MINUTE;
	assert_ok(db_open(&other, &f->config, &err), &err);
	assert_ok(db_begin_long(other, &f->who, &err), &err);
	assert_true(holds(f, session.token));
	db_free(other);
	assert_int_equal(fixture_number(f, "SELECT seen_at FROM sessions"), T0);
}

static void an_account_that_was_disabled_is_out_at_once(void **state)
{
	struct fixture *f = *state;
	struct session_new session = start(f, people_add(f, "a", ROLE_VIEWER));

	fixture_exec(f, "UPDATE users SET is_active = 0");
	assert_false(holds(f, session.token));
}

static enum dum_status add_id(void *arg, const struct session *session,
                              struct dum_error *err)
{
	struct strbuf *out = arg;

	(void)err;
	strbuf_addf(out, "%lld/%s/%s ", (long long)session->id,
	            session->address, session->agent);
	return DUM_OK;
}

static void ones_own_sessions_are_listed_and_ended(void **state)
{
	struct fixture *f = *state;
	struct strbuf list = STRBUF_INIT;
	struct session_new first, second;
	struct dum_error err = {0};
	int64_t a = people_add(f, "a", ROLE_VIEWER);
	int64_t b = people_add(f, "b", ROLE_VIEWER);

	fixture_stop_clock(f, T0);
	start(f, a);
	fixture_time += 31 * MINUTE; /* that one is over */
	first = start(f, b);
	second = start(f, a);
	assert_ok(session_each(f->db, a, add_id, &list, &err), &err);
	assert_string_equal(list.buf, "3/192.0.2.1/Browser?[31m ? 1 ");
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(session_end(f->db, a, first.id, &err), DUM_ENOTFOUND,
	              &err); /* another's */
	error_clear(&err);
	assert_ok(session_end(f->db, a, second.id, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_false(holds(f, second.token));
	assert_true(holds(f, first.token));
	strbuf_release(&list);
}

static void those_that_are_over_are_swept_at_the_next_log_in(void **state)
{
	struct fixture *f = *state;

	people_add(f, "a", ROLE_VIEWER);
	fixture_stop_clock(f, T0);
	start(f, 1);
	start(f, 1);
	fixture_time += 30 * MINUTE;
	start(f, 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
}

static void all_but_one_can_be_ended(void **state)
{
	struct fixture *f = *state;
	struct session_new one, keep;
	struct dum_error err = {0};

	people_add(f, "a", ROLE_VIEWER);
	one = start(f, 1);
	keep = start(f, 1);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(session_end_others(f->db, 1, keep.id, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_false(holds(f, one.token));
	assert_true(holds(f, keep.token));
}

static void an_admin_may_have_to_enrol_first(void **state)
{
	struct fixture *f = *state;
	int64_t admin = people_add(f, "a", ROLE_ADMIN);
	struct session_new session = start(f, admin);
	struct session_new other = start(f, people_add(f, "e", ROLE_EDITOR));
	struct dum_error err = {0};
	struct caller caller;
	unsigned char seed[20];
	char codes[10][18];

	f->config.require_admin_totp = true;
	assert_ok(session_find(&caller, f->db, session.token, &err), &err);
	assert_true(caller.must_enrol);
	assert_ok(session_find(&caller, f->db, other.token, &err), &err);
	assert_false(caller.must_enrol);
	people_enrol(f, admin, seed, codes);
	session = start(f, admin); /* the other had no code, and ended */
	assert_ok(session_find(&caller, f->db, session.token, &err), &err);
	assert_false(caller.must_enrol);
}

static void it_outlives_the_handle_that_made_it(void **state)
{
	struct fixture *f = *state;
	struct session_new session = start(f, people_add(f, "a", ROLE_VIEWER));
	struct dum_error err = {0};

	db_free(f->db);
	f->db = NULL;
	assert_ok(db_open(&f->db, &f->config, &err), &err);
	assert_true(holds(f, session.token));
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_session_tells_who_it_is),
	    WITH_DB(a_limited_account_looks_through_its_own_eyes),
	    WITH_DB(only_the_whole_token_opens_it),
	    WITH_DB(it_ends_when_it_is_idle),
	    WITH_DB(it_ends_after_its_longest_time_however_busy),
	    WITH_DB(it_is_marked_once_a_minute),
	    WITH_DB(a_busy_database_keeps_nobody_out),
	    WITH_DB(an_account_that_was_disabled_is_out_at_once),
	    WITH_DB(ones_own_sessions_are_listed_and_ended),
	    WITH_DB(those_that_are_over_are_swept_at_the_next_log_in),
	    WITH_DB(all_but_one_can_be_ended),
	    WITH_DB(an_admin_may_have_to_enrol_first),
	    WITH_DB(it_outlives_the_handle_that_made_it),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
