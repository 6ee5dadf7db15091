/* Unit tests of access/api_key.h. */
#include "people.h"

#include <stdio.h>
#include <string.h>

enum { T0 = 1800000000 };

static bool opens(struct fixture *f, const char *text)
{
	struct caller caller = {.kind = CALLER_NOBODY};
	struct dum_error err = {0};
	enum dum_status status = api_key_find(&caller, f->db, text, &err);

	if (status == DUM_OK)
		return true;
	assert_status(status, DUM_EAUTH, &err);
	assert_string_equal(err.text, "this is no valid API key");
	return false;
}

static void a_key_tells_what_it_may_do(void **state)
{
	struct fixture *f = *state;
	char text[API_KEY_TEXT_MAX], actor[32];
	struct api_key key = people_key(f, text, SCOPE_READ | SCOPE_IMPORT);
	struct dum_error err = {0};
	struct caller caller;

	assert_int_equal(strlen(text), 62);
	assert_ok(api_key_find(&caller, f->db, text, &err), &err);
	assert_int_equal(caller.kind, CALLER_KEY);
	assert_int_equal(caller.id, key.id);
	assert_int_equal(caller.role, ROLE_NONE);
	assert_int_equal(caller.scopes, SCOPE_READ | SCOPE_IMPORT);
	assert_int_equal(caller.session_id, 0);
	assert_string_equal(caller.csrf_token, "");
	assert_string_equal(caller.name, "a key");
	snprintf(actor, sizeof(actor), "key:%s", key.prefix);
	assert_string_equal(caller.actor, actor);
}

static void only_the_whole_key_opens(void **state)
{
	struct fixture *f = *state;
	char text[API_KEY_TEXT_MAX], other[API_KEY_TEXT_MAX + 1];
	char mixed[API_KEY_TEXT_MAX];
	unsigned char secret[API_KEY_SECRET_BYTES];
	char prefix[API_KEY_PREFIX_MAX];

	people_key(f, text, SCOPE_READ);
	people_key(f, mixed, SCOPE_READ);
	assert_true(opens(f, text));
	for (size_t i = 0; i < strlen(text); i++) {
		memcpy(other, text, sizeof(text));
		other[i] = other[i] == 'a' ? 'b' : 'a';
		assert_false(api_key_parse(prefix, secret, other));
		assert_false(opens(f, other));
	}
	snprintf(other, sizeof(other), "%s ", text);
	assert_false(opens(f, other));
	other[61] = '\0';
	assert_false(opens(f, other));
	assert_false(opens(f, ""));
	assert_false(opens(f, "dum_"));
}

/* One key's name with another's secret, and a check that fits. */
static void a_secret_belongs_to_its_own_prefix(void **state)
{
	struct fixture *f = *state;
	char a[API_KEY_TEXT_MAX], b[API_KEY_TEXT_MAX], hex[HASH_HEX_MAX];
	unsigned char secret[API_KEY_SECRET_BYTES];
	char prefix[API_KEY_PREFIX_MAX];
	struct dum_error err = {0};

	people_key(f, a, SCOPE_ADMIN);
	people_key(f, b, SCOPE_READ);
	memcpy(b + 4, a + 4, 8);
	assert_ok(hash_sha256_hex(hex, b, 56, &err), &err);
	memcpy(b + 56, hex, 6);
	assert_true(api_key_parse(prefix, secret, b));
	assert_false(opens(f, b));
	/* and a prefix that nobody has */
	memcpy(b + 4, "00000000", 8);
	assert_ok(hash_sha256_hex(hex, b, 56, &err), &err);
	memcpy(b + 56, hex, 6);
	assert_true(api_key_parse(prefix, secret, b));
	assert_false(opens(f, b));
}

static void the_database_does_not_hold_the_secret(void **state)
{
	struct fixture *f = *state;
	char text[API_KEY_TEXT_MAX], sql[160];
	unsigned char secret[API_KEY_SECRET_BYTES];
	char prefix[API_KEY_PREFIX_MAX], hex[2 * API_KEY_SECRET_BYTES + 1];

	people_key(f, text, SCOPE_READ);
	assert_true(api_key_parse(prefix, secret, text));
	hex_write(hex, secret, sizeof(secret));
	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM api_keys WHERE lower(hex(secret_hash))"
	         " = '%s'",
	         hex);
	assert_int_equal(fixture_number(f, sql), 0);
}

static void a_revoked_key_stays_in_the_list_and_opens_nothing(void **state)
{
	struct fixture *f = *state;
	char text[API_KEY_TEXT_MAX];
	struct api_key key = people_key(f, text, SCOPE_READ);
	struct dum_error err = {0};

	for (int i = 0; i < 2; i++) { /* the second time does nothing */
		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_ok(api_key_revoke(f->db, key.id, &err), &err);
		assert_ok(db_commit(f->db, &err), &err);
	}
	assert_false(opens(f, text));
	assert_ok(api_key_find_prefix(&key, f->db, key.prefix, &err), &err);
	assert_int_equal(strlen(key.revoked_at), 20);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE tbl = 'api_keys'"),
	                 2);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(api_key_revoke(f->db, 99, &err), DUM_ENOTFOUND, &err);
	db_rollback(f->db);
}

static void a_key_ends_when_it_expires(void **state)
{
	struct fixture *f = *state;
	struct api_key_new new = {.name = "k",
	                          .scopes = SCOPE_READ,
	                          .limit = {.count = -1},
	                          .expires_at = T0 + 100};
	char text[API_KEY_TEXT_MAX];
	struct dum_error err = {0};
	struct api_key key;

	fixture_stop_clock(f, T0);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(api_key_add(&key, text, f->db, &new, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	fixture_time = T0 + 99;
	assert_true(opens(f, text));
	fixture_time = T0 + 100;
	assert_false(opens(f, text));
}

static void its_use_is_noted_once_a_minute(void **state)
{
	struct fixture *f = *state;
	const char *used = "SELECT last_used_at FROM api_keys";
	char text[API_KEY_TEXT_MAX];
	int64_t entries;

	people_key(f, text, SCOPE_READ);
	entries = fixture_number(f, "SELECT count(*) FROM journal");
	fixture_stop_clock(f, T0);
	assert_true(opens(f, text));
	assert_int_equal(fixture_number(f, used), T0);
	fixture_time = T0 + 59;
	assert_true(opens(f, text));
	assert_int_equal(fixture_number(f, used), T0);
	fixture_time = T0 + 60;
	assert_true(opens(f, text));
	assert_int_equal(fixture_number(f, used), T0 + 60);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"),
	                 entries);
}

static void a_wrong_new_key_is_refused_with_its_member(void **state)
{
	struct fixture *f = *state;
	const int64_t place = people_location(f, "a");
	const struct {
		const char *field;
		struct api_key_new new;
	} cases[] = {
	    {"name", {"", SCOPE_READ, {-1, NULL}, 0, 0, 0}},
	    {"name", {"two\nlines", SCOPE_READ, {-1, NULL}, 0, 0, 0}},
	    {"scopes", {"k", 0, {-1, NULL}, 0, 0, 0}},
	    {"locations",
	     {"k", SCOPE_ADMIN | SCOPE_READ, {1, &place}, 0, 0, 0}},
	    {"locations",
	     {"k", SCOPE_READ, {1, (const int64_t[]){77}}, 0, 0, 0}},
	    {"expires_at", {"k", SCOPE_READ, {-1, NULL}, T0, 0, 0}},
	};

	fixture_stop_clock(f, T0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[API_KEY_TEXT_MAX] = "untouched";
		struct dum_error err = {0};
		struct api_key key;

		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_status(
		    api_key_add(&key, text, f->db, &cases[i].new, &err),
		    DUM_EINVAL, &err);
		assert_string_equal(err.field, cases[i].field);
		assert_string_equal(text, "untouched");
		db_rollback(f->db);
	}
}

static enum dum_status add_name(void *arg, const struct api_key *key,
                                struct dum_error *err)
{
	struct strbuf *out = arg;

	(void)err;
	strbuf_addf(out, "%lld:%u ", (long long)key->id, key->scopes);
	return DUM_OK;
}

static void keys_are_listed_newest_first(void **state)
{
	struct fixture *f = *state;
	struct strbuf list = STRBUF_INIT;
	char text[API_KEY_TEXT_MAX];
	struct dum_error err = {0};

	people_key(f, text, SCOPE_READ);
	people_key(f, text, SCOPE_ADMIN);
	assert_ok(api_key_each(f->db, add_name, &list, &err), &err);
	assert_string_equal(list.buf, "2:32 1:1 ");
	strbuf_release(&list);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_key_tells_what_it_may_do),
	    WITH_DB(only_the_whole_key_opens),
	    WITH_DB(a_secret_belongs_to_its_own_prefix),
	    WITH_DB(the_database_does_not_hold_the_secret),
	    WITH_DB(a_revoked_key_stays_in_the_list_and_opens_nothing),
	    WITH_DB(a_key_ends_when_it_expires),
	    WITH_DB(its_use_is_noted_once_a_minute),
	    WITH_DB(a_wrong_new_key_is_refused_with_its_member),
	    WITH_DB(keys_are_listed_newest_first),
	};

	return cmocka_run_group_tests_name("api_key", tests, NULL, NULL);
}
