#include "people.h"

#include <string.h>

#include "access/second_factor.h"
#include "store/location.h"

int64_t people_location(struct fixture *f, const char *name)
{
	struct dum_error err = {0};
	struct location location;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, name, NULL, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return location.id;
}

static int64_t add(struct fixture *f, const struct account_new *new)
{
	struct dum_error err = {0};
	struct account account;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(account_add(&account, f->db, new, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return account.id;
}

int64_t people_add(struct fixture *f, const char *name, enum role role)
{
	return add(f, &(struct account_new){.username = name,
	                                    .password_hash = PEOPLE_HASH,
	                                    .role = role,
	                                    .limit = {.count = -1}});
}

int64_t people_add_limited(struct fixture *f, const char *name,
                           int64_t location_id)
{
	return add(f, &(struct account_new){
	                  .username = name,
	                  .password_hash = PEOPLE_HASH,
	                  .role = ROLE_VIEWER,
	                  .limit = {.count = 1, .ids = &location_id}});
}

enum dum_status people_login(struct login_result *out, struct fixture *f,
                             const char *name, const char *password,
                             const char *code)
{
	struct origin nobody = {
	    .actor = "nobody", .address = "192.0.2.7", .source = "test"};
	struct login form = {.username = name,
	                     .password = password,
	                     .code = code,
	                     .address = "192.0.2.7",
	                     .agent = "cmocka"};
	struct dum_error err = {0};

	return login(out, f->db, &form, &nobody, &err);
}

struct api_key people_key(struct fixture *f, char text[static API_KEY_TEXT_MAX],
                          unsigned scopes)
{
	struct api_key_new new = {
	    .name = "a key", .scopes = scopes, .limit = {.count = -1}};
	struct dum_error err = {0};
	struct api_key key;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(api_key_add(&key, text, f->db, &new, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return key;
}

/* Base 32 read by a way of its own: digit by digit into a long number. */
static void read_seed(unsigned char out[20], const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	memset(out, 0, 20);
	for (; *text != '\0'; text++) {
		unsigned carry = (unsigned)(strchr(digits, *text) - digits);

		for (int i = 19; i >= 0; i--) {
			unsigned n = (unsigned)out[i] * 32 + carry;

			out[i] = (unsigned char)n;
			carry = n >> 8;
		}
	}
}

void people_enrol(struct fixture *f, int64_t id, unsigned char seed_out[20],
                  char codes[][18])
{
	char code[TOTP_DIGITS + 1];
	struct enrolment enrolment;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(second_factor_begin(&enrolment, f->db, id, &err), &err);
	read_seed(seed_out, enrolment.seed);
	assert_ok(totp_code(code, seed_out, db_now(f->db) / 30, &err), &err);
	assert_ok(second_factor_confirm(codes, f->db, id, 0, code, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

struct account people_change(struct fixture *f, int64_t id,
                             const struct account_change *change)
{
	struct dum_error err = {0};
	struct account account;

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(account_update(&account, f->db, id, change, 0, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return account;
}
