/* Handler tests of /api/auth/setup: the first administrator. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "access/setup.h"

#define SETUP "/api/auth/setup"
#define GOOD  "\"username\":\"root\",\"password\":\"" HARNESS_PASSWORD "\""

static char token[SETUP_TOKEN_MAX];

static void make_token(struct harness *h)
{
	struct dum_error err = {0};

	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	assert_ok(setup_token_make(token, h->f->db, &err), &err);
	assert_ok(db_commit(h->f->db, &err), &err);
}

static int set_up(struct harness *h, const char *with, const char *members)
{
	char body[400];

	snprintf(body, sizeof(body), "{\"token\":\"%s\",%s}", with, members);
	return send_json(h, NULL, "POST", SETUP, body);
}

static int64_t accounts(struct harness *h)
{
	return fixture_number(h->f, "SELECT count(*) FROM users");
}

static void the_link_makes_an_admin_who_is_logged_in(void **state)
{
	struct harness *h = *state;
	struct session_pass root = {.user_id = 1};

	make_token(h);
	assert_int_equal(set_up(h, token, GOOD), 201);
	assert_string_equal(text_at(h, "user/username"), "root");
	assert_string_equal(text_at(h, "user/role"), "admin");
	assert_string_equal(header(h, "X-Dum-Actor"), "user:root");
	assert_int_equal(
	    sscanf(header(h, "Set-Cookie"), "__Host-dum=%63[^;]", root.token),
	    1);
	snprintf(root.csrf, sizeof(root.csrf), "%s", text_at(h, "csrf_token"));
	assert_int_equal(get(h, &root, "/api/users"), 200);
	send_json(h, &root, "POST", "/api/data/locations", "{\"name\":\"a\"}");
	assert_int_equal(h->status, 201);
	send_json(h, NULL, "POST", "/api/auth/login", "{" GOOD "}");
	assert_int_equal(h->status, 200);
}

static void a_link_works_once(void **state)
{
	struct harness *h = *state;

	make_token(h);
	assert_int_equal(set_up(h, token, GOOD), 201);
	set_up(h, token, GOOD);
	assert_problem(h, 409, NULL);
	set_up(h, token,
	       "\"username\":\"second\",\"password\":\"" HARNESS_PASSWORD "\"");
	assert_problem(h, 409, NULL);
	assert_int_equal(accounts(h), 1);
}

static void nobody_is_made_without_the_link(void **state)
{
	struct harness *h = *state;

	/* None was made, and what would be the hash of it is empty. */
	set_up(h, "", GOOD);
	assert_problem(h, 400, "/token");
	set_up(h, "x", GOOD);
	assert_problem(h, 401, NULL);
	make_token(h);
	set_up(h, "x", GOOD);
	assert_problem(h, 401, NULL);
	assert_string_equal(header(h, "WWW-Authenticate"), "Bearer");
	token[0] = token[0] == 'A' ? 'B' : 'A';
	set_up(h, token, GOOD);
	assert_problem(h, 401, NULL);
	assert_null(header(h, "Set-Cookie"));
	assert_int_equal(accounts(h), 0);
}

static void a_link_is_void_after_a_day(void **state)
{
	struct harness *h = *state;

	make_token(h);
	harness_wait(h, SETUP_TOKEN_HOURS * 3600);
	set_up(h, token, GOOD);
	assert_problem(h, 401, NULL);
	assert_int_equal(accounts(h), 0);
}

static void a_link_is_void_once_another_is_made(void **state)
{
	char first[SETUP_TOKEN_MAX];
	struct harness *h = *state;

	make_token(h);
	memcpy(first, token, sizeof(first));
	make_token(h);
	set_up(h, first, GOOD);
	assert_problem(h, 401, NULL);
	assert_int_equal(set_up(h, token, GOOD), 201);
}

static void what_is_wrong_is_named_and_the_link_stays(void **state)
{
	static const struct {
		const char *members, *pointer;
	} rows[] = {
	    {"\"username\":\"root\"", "/password"},
	    {"\"password\":\"" HARNESS_PASSWORD "\"", "/username"},
	    {"\"username\":\"\",\"password\":\"" HARNESS_PASSWORD "\"",
	     "/username"},
	    {"\"username\":\"a b\",\"password\":\"" HARNESS_PASSWORD "\"",
	     "/username"},
	    {"\"username\":\"-a\",\"password\":\"" HARNESS_PASSWORD "\"",
	     "/username"},
	    {"\"username\":\"root\",\"password\":\"short\"", "/password"},
	    {"\"username\":\"root\",\"password\":\"rootrootroot\"",
	     "/password"},
	    {"\"username\":\"root\",\"password\":\"password123456\"",
	     "/password"},
	    {GOOD ",\"role\":\"admin\"", "/role"},
	};
	struct harness *h = *state;

	make_token(h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set_up(h, token, rows[i].members);
		assert_problem(h, 400, rows[i].pointer);
	}
	assert_int_equal(accounts(h), 0);
	assert_int_equal(set_up(h, token, GOOD), 201);
}

static void the_second_of_two_at_once_is_409(void **state)
{
	struct account_new new = {.username = "winner",
	                          .password_hash = harness_password_hash(),
	                          .role = ROLE_ADMIN,
	                          .limit = {.count = -1}};
	struct harness *h = *state;
	struct dum_error err = {0};
	struct account account;

	make_token(h);
	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	assert_ok(setup_finish(&account, h->f->db, token, &new, &err), &err);
	/* Not committed: the link is still good to all others, but it is not
	 * their turn. */
	set_up(h, token, GOOD);
	assert_problem(h, 503, NULL);
	assert_ok(db_commit(h->f->db, &err), &err);
	set_up(h, token, GOOD);
	assert_problem(h, 409, NULL);
	assert_int_equal(accounts(h), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    HARNESS_TEST(the_link_makes_an_admin_who_is_logged_in),
	    HARNESS_TEST(a_link_works_once),
	    HARNESS_TEST(nobody_is_made_without_the_link),
	    HARNESS_TEST(a_link_is_void_after_a_day),
	    HARNESS_TEST(a_link_is_void_once_another_is_made),
	    HARNESS_TEST(what_is_wrong_is_named_and_the_link_stays),
	    HARNESS_TEST(the_second_of_two_at_once_is_409),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
