/* Handler tests of /api/auth/login, logout and session. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/hash_slot.h"

#define LOGIN   "/api/auth/login"
#define SESSION "/api/auth/session"

#define RIGHT "{\"username\":\"alice\",\"password\":\"" HARNESS_PASSWORD "\"}"
#define WRONG "{\"username\":\"alice\",\"password\":\"not that one\"}"

static struct session_pass alice; /* of an earlier session */

static int setup(void **state)
{
	harness_setup(state);
	alice = harness_login(*state, "alice", ROLE_EDITOR, NULL);
	return 0;
}

/* What the browser got by the answer just received. */
static struct session_pass take_session(struct harness *h)
{
	struct session_pass pass = {.user_id = number_at(h, "user/id")};
	const char *cookie = header(h, "Set-Cookie");

	assert_non_null(cookie);
	assert_int_equal(sscanf(cookie, "__Host-dum=%63[^;]", pass.token), 1);
	snprintf(pass.csrf, sizeof(pass.csrf), "%s", text_at(h, "csrf_token"));
	return pass;
}

static void a_login_gives_a_cookie_and_what_the_page_needs(void **state)
{
	struct harness *h = *state;
	struct session_pass pass;
	char cookie[256];

	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_int_equal(h->status, 200);
	pass = take_session(h);
	assert_int_equal(strlen(pass.token), 43); /* 256 bits in base64url */
	snprintf(cookie, sizeof(cookie),
	         "__Host-dum=%s; Path=/; Secure; HttpOnly; SameSite=Strict; "
	         "Max-Age=43200",
	         pass.token);
	assert_string_equal(header(h, "Set-Cookie"), cookie);
	assert_string_equal(header(h, "X-Dum-Actor"), "user:alice");
	assert_int_equal(json_object_size(h->json), 3);
	assert_string_equal(text_at(h, "expires_at"), "2026-11-25T02:00:00Z");
	assert_int_equal(strlen(pass.csrf), 64);
	assert_int_equal(json_object_size(at(h, "user")), 6);
	assert_int_equal(number_at(h, "user/id"), alice.user_id);
	assert_string_equal(text_at(h, "user/username"), "alice");
	assert_string_equal(text_at(h, "user/role"), "editor");
	assert_true(json_is_null(at(h, "user/locations")));
	assert_true(json_is_false(at(h, "user/totp")));
	assert_true(json_is_false(at(h, "user/must_enrol")));
	/* The token is nowhere in the database, nor what it gives away. */
	assert_null(strstr(pass.csrf, pass.token));
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM sessions"),
	                 2);
}

static void the_session_is_told_again_after_a_reload(void **state)
{
	struct harness *h = *state;
	struct session_pass pass;
	char *first;

	send_json(h, NULL, "POST", LOGIN, RIGHT);
	first = strdup(h->body);
	pass = take_session(h);
	get(h, &pass, SESSION);
	assert_int_equal(h->status, 200);
	assert_string_equal(h->body, first);
	assert_null(header(h, "Set-Cookie"));
	free(first);
	get(h, NULL, SESSION);
	assert_problem(h, 401, NULL);
	assert_string_equal(header(h, "WWW-Authenticate"), "Bearer");
}

static void a_limited_user_hears_of_his_locations(void **state)
{
	struct harness *h = *state;
	int64_t limit[3] = {0};
	struct session_pass bob;

	harness_location(h, "a");
	limit[0] = harness_location(h, "b");
	limit[1] = harness_location(h, "c");
	bob = harness_login(h, "bob", ROLE_VIEWER, limit);
	get(h, &bob, SESSION);
	assert_int_equal(json_array_size(at(h, "user/locations")), 2);
	assert_int_equal(number_at(h, "user/locations/0"), 2);
	assert_int_equal(number_at(h, "user/locations/1"), 3);
}

static void a_name_is_taken_in_any_case(void **state)
{
	struct harness *h = *state;

	send_json(h, NULL, "POST", LOGIN,
	          "{\"username\":\"ALICE\",\"password\":\"" HARNESS_PASSWORD
	          "\"}");
	assert_int_equal(h->status, 200);
	assert_string_equal(text_at(h, "user/username"), "alice");
}

static void all_that_is_wrong_looks_the_same(void **state)
{
	static const char *const bodies[] = {
	    WRONG,
	    "{\"username\":\"nobody-here\",\"password\":\"not that one\"}",
	    "{\"username\":\"not a name!\",\"password\":\"not that one\"}",
	    "{\"username\":\"' OR 1=1 --\",\"password\":\"not that one\"}",
	};
	struct harness *h = *state;
	char *first = NULL;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		send_json(h, NULL, "POST", LOGIN, bodies[i]);
		assert_problem(h, 401, NULL);
		assert_null(header(h, "Set-Cookie"));
		assert_string_equal(header(h, "WWW-Authenticate"), "Bearer");
		assert_string_equal(header(h, "X-Dum-Actor"), "nobody");
		if (first == NULL)
			first = strdup(h->body);
		else
			assert_string_equal(h->body, first);
	}
	/* A disabled account is no different. */
	fixture_exec(h->f, "UPDATE users SET is_active = 0");
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_string_equal(h->body, first);
	free(first);
}

static void a_body_that_is_wrong_is_no_attempt(void **state)
{
	static const struct {
		const char *body, *pointer;
	} rows[] = {
	    {"{}", "/username"},
	    {"{\"username\":\"alice\"}", "/password"},
	    {"{\"username\":\"\",\"password\":\"x\"}", "/username"},
	    {"{\"username\":\"a\\nb\",\"password\":\"x\"}", "/username"},
	    {"{\"username\":7,\"password\":\"x\"}", "/username"},
	    {"{\"username\":\"alice\",\"password\":\"\"}", "/password"},
	    {"{\"username\":\"alice\",\"password\":null}", "/password"},
	    {"{\"username\":\"alice\",\"password\":\"x\",\"code\":123456}",
	     "/code"},
	    {"{\"username\":\"alice\",\"password\":\"x\",\"code\":\"\"}",
	     "/code"},
	    {"{\"username\":\"alice\",\"password\":\"x\",\"role\":\"admin\"}",
	     "/role"},
	};
	struct harness *h = *state;
	char body[400], password[160];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_json(h, NULL, "POST", LOGIN, rows[i].body);
		assert_problem(h, 400, rows[i].pointer);
	}
	/* Nobody can have one of more than 128 characters: not hashed. */
	memset(password, 'x', 129);
	password[129] = '\0';
	snprintf(body, sizeof(body),
	         "{\"username\":\"alice\",\"password\":\"%s\"}", password);
	send_json(h, NULL, "POST", LOGIN, body);
	assert_problem(h, 400, "/password");
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM login_attempts"), 0);
}

static void too_many_failures_are_429(void **state)
{
	struct harness *h = *state;
	int wait;

	for (int i = 0; i < 5; i++) {
		send_json(h, NULL, "POST", LOGIN, WRONG);
		assert_problem(h, 401, NULL);
	}
	send_json(h, NULL, "POST", LOGIN, WRONG);
	assert_problem(h, 429, NULL);
	wait = atoi(header(h, "Retry-After"));
	assert_in_range(wait, 1, 900);
	/* The right password does not help, nor another address. */
	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOGIN,
	                     .body = RIGHT,
	                     .address = "2001:db8::1"});
	assert_problem(h, 429, NULL);
	/* Nor does it lock anybody out for good. */
	harness_wait(h, wait);
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_int_equal(h->status, 200);
	/* And then it begins anew. */
	send_json(h, NULL, "POST", LOGIN, WRONG);
	assert_problem(h, 401, NULL);
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_int_equal(h->status, 200);
}

/* The text of the program's log. */
static char *read_log(struct harness *h)
{
	char *text = calloc(1, 1 << 16);
	FILE *f = fopen(fixture_path(h->f, "log"), "r");

	assert_non_null(text);
	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 16) - 1, f) < (1 << 16) - 1);
	fclose(f);
	return text;
}

/* Not the fault of who asks: no 429, and no line that fail2ban counts. */
static void a_login_that_finds_no_slot_is_503(void **state)
{
	struct harness *h = *state;
	struct slot slots[HASH_SLOTS];
	struct dum_error err = {0};
	char *log;

	for (int i = 0; i < HASH_SLOTS; i++)
		assert_ok(hash_slot_take(&slots[i], db_path(h->f->db), &err),
		          &err);
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_problem(h, 503, NULL);
	assert_string_equal(header(h, "Retry-After"), "1");
	log = read_log(h);
	assert_null(strstr(log, "login "));
	free(log);
	for (int i = 0; i < HASH_SLOTS; i++)
		slot_release(&slots[i]);
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_int_equal(h->status, 200);
}

static void an_address_is_counted_as_well(void **state)
{
	struct harness *h = *state;

	for (int i = 0; i < 5; i++) {
		char body[100];

		snprintf(body, sizeof(body),
		         "{\"username\":\"u%d\",\"password\":\"x\"}", i);
		send_json(h, NULL, "POST", LOGIN, body);
		assert_problem(h, 401, NULL);
	}
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_problem(h, 429, NULL);
	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOGIN,
	                     .body = RIGHT,
	                     .address = "198.51.100.1"});
	assert_int_equal(h->status, 200);
}

static void a_failure_is_one_line_of_the_log_whatever_the_name(void **state)
{
	static const struct {
		const char *json, *logged;
	} names[] = {
	    {"alice", "alice"},
	    {"a\\\" from 203.0.113.9", "a' from 203.0.113.9"},
	    {"a\\\\", "a\\\\"},
	    {"\xc3\xa4 b", "\xc3\xa4 b"},
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char body[160], wanted[160], *log, *line;

		snprintf(
		    body, sizeof(body),
		    "{\"username\":\"%s\",\"password\":\"hunter2hunter2\"}",
		    names[i].json);
		send_json(h, NULL, "POST", LOGIN, body);
		assert_int_equal(h->status, 401);
		snprintf(wanted, sizeof(wanted),
		         "login failed: user \"%s\" from 192.0.2.7\n",
		         names[i].logged);
		log = read_log(h);
		line = strstr(log, wanted);
		if (line == NULL)
			fail_msg("%s is not in %s", wanted, log);
		assert_int_equal(strlen(line), strlen(wanted));
		assert_null(strstr(log, "hunter2"));
		free(log);
	}
}

static void a_login_leaves_the_old_session_behind(void **state)
{
	struct harness *h = *state;
	struct session_pass fresh;

	/* A preset cookie is not taken over, whoever made it. */
	ask(h, &(struct ask){.method = "POST",
	                     .uri = LOGIN,
	                     .body = RIGHT,
	                     .cookie = "__Host-dum=AAAAAAAAAAAAAAAAAAAAAAAAAAA"
	                               "AAAAAAAAAAAAAAAAA"});
	assert_int_equal(h->status, 200);
	assert_null(strstr(header(h, "Set-Cookie"), "AAAAAAAAAA"));
	/* One's own session ends when another begins in its place. */
	ask(h,
	    &(struct ask){
	        .method = "POST", .uri = LOGIN, .body = RIGHT, .as = &alice});
	assert_int_equal(h->status, 200);
	fresh = take_session(h);
	assert_string_not_equal(fresh.token, alice.token);
	assert_int_equal(get(h, &alice, SESSION), 401);
	assert_int_equal(get(h, &fresh, SESSION), 200);
	assert_int_equal(fixture_number(h->f, "SELECT count(*) FROM journal"
	                                      " WHERE op = 'session_end'"),
	                 1);
	/* A wrong password leaves it. */
	ask(h,
	    &(struct ask){
	        .method = "POST", .uri = LOGIN, .body = WRONG, .as = &fresh});
	assert_int_equal(h->status, 401);
	assert_int_equal(get(h, &fresh, SESSION), 200);
}

static void a_logout_ends_the_session_and_clears_the_browser(void **state)
{
	struct harness *h = *state;

	send_json(h, &alice, "POST", "/api/auth/logout", NULL);
	assert_int_equal(h->status, 204);
	assert_string_equal(header(h, "Set-Cookie"),
	                    "__Host-dum=; Path=/; Secure; HttpOnly; "
	                    "SameSite=Strict; Max-Age=0");
	assert_string_equal(header(h, "Clear-Site-Data"),
	                    "\"cache\", \"storage\"");
	assert_int_equal(get(h, &alice, SESSION), 401);
	assert_int_equal(get(h, &alice, "/api/data/locations"), 401);
	send_json(h, &alice, "POST", "/api/auth/logout", NULL);
	assert_problem(h, 401, NULL);
	assert_int_equal(fixture_number(h->f,
	                                "SELECT count(*) FROM journal"
	                                " WHERE tbl = 'event' AND op = 'logout'"
	                                " AND actor = 'user:alice'"),
	                 1);
}

static void a_login_does_not_move_the_data(void **state)
{
	static const char generation[] =
	    "SELECT metric_value FROM system_info"
	    " WHERE metric_name = 'data_generation'";
	struct harness *h = *state;
	int64_t before = fixture_number(h->f, generation);

	send_json(h, NULL, "POST", LOGIN, RIGHT);
	send_json(h, NULL, "POST", LOGIN, WRONG);
	send_json(h, &alice, "POST", "/api/auth/logout", NULL);
	assert_int_equal(fixture_number(h->f, generation), before);
}

static void the_journal_tells_of_log_ins(void **state)
{
	struct harness *h = *state;

	send_json(h, NULL, "POST", LOGIN, RIGHT);
	send_json(h, NULL, "POST", LOGIN, WRONG);
	assert_int_equal(fixture_number(h->f,
	                                "SELECT count(*) FROM journal"
	                                " WHERE tbl = 'event' AND op = 'login'"
	                                " AND actor = 'user:alice'"
	                                " AND address = '192.0.2.7'"),
	                 1);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal"
	                         " WHERE tbl = 'event' AND op = 'login_failed'"
	                         " AND pk = 'alice' AND actor = 'nobody'"),
	    1);
	assert_int_equal(
	    fixture_number(h->f, "SELECT count(*) FROM journal WHERE"
	                         " coalesce(before, '') || coalesce(after, '')"
	                         " LIKE '%argon2%'"),
	    0);
}

static void a_busy_database_is_503_and_no_attempt(void **state)
{
	struct harness *h = *state;

	harness_busy(h);
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_problem(h, 503, NULL);
	assert_non_null(header(h, "Retry-After"));
	assert_null(header(h, "Set-Cookie"));
	harness_idle(h);
	send_json(h, NULL, "POST", LOGIN, RIGHT);
	assert_int_equal(h->status, 200);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_login_gives_a_cookie_and_what_the_page_needs),
	    TEST(the_session_is_told_again_after_a_reload),
	    TEST(a_limited_user_hears_of_his_locations),
	    TEST(a_name_is_taken_in_any_case),
	    TEST(all_that_is_wrong_looks_the_same),
	    TEST(a_body_that_is_wrong_is_no_attempt),
	    TEST(too_many_failures_are_429),
	    TEST(a_login_that_finds_no_slot_is_503),
	    TEST(an_address_is_counted_as_well),
	    TEST(a_failure_is_one_line_of_the_log_whatever_the_name),
	    TEST(a_login_leaves_the_old_session_behind),
	    TEST(a_logout_ends_the_session_and_clears_the_browser),
	    TEST(a_login_does_not_move_the_data),
	    TEST(the_journal_tells_of_log_ins),
	    TEST(a_busy_database_is_503_and_no_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
