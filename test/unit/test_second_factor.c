/* Unit tests of access/second_factor.h and crypto/seal.h. */
#include "people.h"

#include <stdio.h>
#include <string.h>

#include "access/second_factor.h"
#include "crypto/seal.h"

enum { T0 = 1800000000 };

static void a_sealed_secret_opens_at_its_place_with_its_key(void **state)
{
	struct secret_key key = {.bytes = "0123456789abcdef0123456789abcde"};
	struct secret_key other = {.bytes = "0123456789abcdef0123456789abcdf"};
	unsigned char sealed[5 + SEAL_EXTRA], again[5 + SEAL_EXTRA];
	struct dum_error err = {0};
	char secret[6] = "";

	(void)state;
	assert_ok(seal_make(sealed, &key, "users/1", "hello", 5, &err), &err);
	assert_ok(seal_make(again, &key, "users/1", "hello", 5, &err), &err);
	assert_memory_not_equal(sealed, again, sizeof(sealed));
	assert_ok(
	    seal_open(secret, 5, &key, "users/1", sealed, sizeof(sealed), &err),
	    &err);
	assert_string_equal(secret, "hello");
	assert_status(
	    seal_open(secret, 5, &key, "users/2", sealed, sizeof(sealed), &err),
	    DUM_EDAMAGED, &err);
	assert_int_equal(secret[0], 0); /* nothing of it is left */
	error_clear(&err);
	assert_status(seal_open(secret, 5, &other, "users/1", sealed,
	                        sizeof(sealed), &err),
	              DUM_EDAMAGED, &err);
	error_clear(&err);
	assert_status(
	    seal_open(secret, 4, &key, "users/1", sealed, sizeof(sealed), &err),
	    DUM_EDAMAGED, &err);
	error_clear(&err);
	assert_status(seal_open(secret, 5, &key, "users/1", sealed, 0, &err),
	              DUM_EDAMAGED, &err);
}

static void no_bit_of_a_sealed_secret_can_be_changed(void **state)
{
	struct secret_key key = {.bytes = "0123456789abcdef0123456789abcde"};
	unsigned char sealed[5 + SEAL_EXTRA];
	char secret[5];

	(void)state;
	assert_ok(seal_make(sealed, &key, "p", "hello", 5, NULL),
	          &(struct dum_error){0});
	for (size_t i = 0; i < 8 * sizeof(sealed); i++) {
		sealed[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_int_equal(seal_open(secret, 5, &key, "p", sealed,
		                           sizeof(sealed), NULL),
		                 DUM_EDAMAGED);
		sealed[i / 8] ^= (unsigned char)(1 << i % 8);
	}
}

static enum code_verdict use(struct fixture *f, int64_t id, const char *code)
{
	enum code_verdict verdict = CODE_WRONG;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(second_factor_use(&verdict, f->db, id, code, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return verdict;
}

static enum code_verdict use_step(struct fixture *f, int64_t id,
                                  const unsigned char *seed, int64_t step)
{
	char code[TOTP_DIGITS + 1];
	struct dum_error err = {0};

	assert_ok(totp_code(code, seed, step, &err), &err);
	return use(f, id, code);
}

static void no_code_of_the_app_works_twice(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add(f, "alice", ROLE_ADMIN), step = T0 / 30;
	unsigned char seed[20];
	char codes[10][18];

	fixture_stop_clock(f, T0);
	people_enrol(f, id, seed, codes);
	/* The one that confirmed it is used up already. */
	assert_int_equal(use_step(f, id, seed, step), CODE_USED);
	assert_int_equal(use_step(f, id, seed, step + 1), CODE_RIGHT);
	assert_int_equal(use_step(f, id, seed, step + 1), CODE_USED);
	assert_int_equal(use_step(f, id, seed, step), CODE_USED);
	assert_int_equal(use_step(f, id, seed, step + 2), CODE_WRONG);
	fixture_time += 60;
	assert_int_equal(use_step(f, id, seed, step + 2), CODE_RIGHT);
	assert_int_equal(use_step(f, id, seed, step + 3), CODE_RIGHT);
	assert_int_not_equal(use(f, id, "12345"), CODE_RIGHT);
	assert_int_not_equal(use(f, id, ""), CODE_RIGHT);
}

static void each_recovery_code_works_once_however_it_is_typed(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add(f, "alice", ROLE_ADMIN), left = -1;
	unsigned char seed[20];
	char codes[10][18], typed[32];
	struct dum_error err = {0};

	people_enrol(f, id, seed, codes);
	for (int i = 0; i < RECOVERY_CODES; i++) {
		assert_int_equal(strlen(codes[i]), RECOVERY_CODE_MAX - 1);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(codes[i], codes[j]);
	}
	snprintf(typed, sizeof(typed), " %.5s%.5s %.5s", codes[0], codes[0] + 6,
	         codes[0] + 12);
	for (char *c = typed; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	assert_int_equal(use(f, id, typed), CODE_RIGHT);
	assert_int_not_equal(use(f, id, codes[0]), CODE_RIGHT);
	assert_int_equal(use(f, id, codes[9]), CODE_RIGHT);
	assert_ok(second_factor_codes_left(&left, f->db, id, &err), &err);
	assert_int_equal(left, 8);
	assert_int_not_equal(use(f, id, "aaaaa-aaaaa-aaaaa"), CODE_RIGHT);
	assert_int_not_equal(use(f, id, "aaaaa-aaaaa-aaaaaa"), CODE_RIGHT);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE op = 'recovery_code_used'"),
	                 2);
}

static void a_code_is_not_another_users(void **state)
{
	struct fixture *f = *state;
	int64_t a = people_add(f, "a", ROLE_ADMIN);
	int64_t b = people_add(f, "b", ROLE_ADMIN);
	unsigned char seed_a[20], seed_b[20];
	char codes_a[10][18], codes_b[10][18];

	fixture_stop_clock(f, T0);
	people_enrol(f, a, seed_a, codes_a);
	people_enrol(f, b, seed_b, codes_b);
	assert_int_not_equal(use(f, b, codes_a[0]), CODE_RIGHT);
	assert_int_not_equal(use_step(f, b, seed_a, T0 / 30 + 1), CODE_RIGHT);
	assert_int_equal(use_step(f, a, seed_a, T0 / 30 + 1), CODE_RIGHT);
	/* Nor does a seed work that was copied into another's row. */
	fixture_exec(f, "UPDATE users SET totp_seed = (SELECT totp_seed FROM"
	                " users WHERE username = 'a') WHERE username = 'b'");
	assert_ok(db_begin(f->db, &f->who, &(struct dum_error){0}),
	          &(struct dum_error){0});
	assert_int_equal(second_factor_use(&(enum code_verdict){CODE_WRONG},
	                                   f->db, b, "123456", NULL),
	                 DUM_EDAMAGED);
	db_rollback(f->db);
}

static void it_counts_only_once_it_is_confirmed(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add(f, "a@b", ROLE_ADMIN);
	char codes[10][18];
	struct enrolment enrolment, second;
	struct dum_error err = {0};
	struct account account;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(second_factor_begin(&enrolment, f->db, id, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(strlen(enrolment.seed), 32);
	assert_non_null(strstr(enrolment.uri,
	                       "otpauth://totp/Data%20Usage%20Monitor:a%40b?"));
	assert_non_null(strstr(enrolment.uri, enrolment.seed));
	assert_ok(account_get(&account, f->db, id, &err), &err);
	assert_false(account.has_totp);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(
	    second_factor_confirm(codes, f->db, id, 0, "000000000", &err),
	    DUM_EINVAL, &err);
	assert_string_equal(err.field, "code");
	error_clear(&err);
	/* Begun anew, the first seed is void. */
	assert_ok(second_factor_begin(&second, f->db, id, &err), &err);
	assert_string_not_equal(enrolment.seed, second.seed);
	assert_ok(db_commit(f->db, &err), &err);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE tbl = 'users'"
	                                   " AND op = 'update'"),
	                 0);
}

static void an_active_one_must_be_removed_first(void **state)
{
	struct fixture *f = *state;
	int64_t id = people_add(f, "a", ROLE_ADMIN);
	struct account_change remove = {.is_active = -1, .remove_totp = true};
	unsigned char seed[20];
	char codes[10][18];
	struct enrolment enrolment;
	struct dum_error err = {0};

	people_enrol(f, id, seed, codes);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(second_factor_begin(&enrolment, f->db, id, &err),
	              DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_status(
	    second_factor_confirm(codes, f->db, id, 0, "123456", &err),
	    DUM_ECONFLICT, &err);
	db_rollback(f->db);
	assert_false(people_change(f, id, &remove).has_totp);
	assert_int_not_equal(use(f, id, codes[1]), CODE_RIGHT);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM"
	                                   " recovery_codes"),
	                 0);
	people_enrol(f, id, seed, codes);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sealed_secret_opens_at_its_place_with_its_key),
	    cmocka_unit_test(no_bit_of_a_sealed_secret_can_be_changed),
	    WITH_DB(no_code_of_the_app_works_twice),
	    WITH_DB(each_recovery_code_works_once_however_it_is_typed),
	    WITH_DB(a_code_is_not_another_users),
	    WITH_DB(it_counts_only_once_it_is_confirmed),
	    WITH_DB(an_active_one_must_be_removed_first),
	};

	return cmocka_run_group_tests_name("second_factor", tests, NULL, NULL);
}
