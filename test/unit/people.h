#ifndef DUM_TEST_PEOPLE_H
#define DUM_TEST_PEOPLE_H
/* people - accounts, keys and locations for tests of who may do what. */
#include "fixture.h"

#include "access/account.h"
#include "access/api_key.h"
#include "access/login.h"

/* The password of everybody, and its hash, with parameters of long ago. */
#define PEOPLE_PASSWORD "password"
#define PEOPLE_HASH                                             \
	"$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$" \
	"BvuA7SfebsIC3f4gSy7/Ei1s6+hsEfaOuCZMbl/y/Sg"

/* Unlimited; ids. */
int64_t people_add(struct fixture *f, const char *name, enum role role);
int64_t people_location(struct fixture *f, const char *name);

/* A viewer who is limited to one location. */
int64_t people_add_limited(struct fixture *f, const char *name,
                           int64_t location_id);

/* Log in without a code; *out as login() leaves it. */
enum dum_status people_login(struct login_result *out, struct fixture *f,
                             const char *name, const char *password,
                             const char *code);

/* A key with these scopes, for all locations. */
struct api_key people_key(struct fixture *f, char text[static API_KEY_TEXT_MAX],
                          unsigned scopes);

/* Give an account a second factor; its seed in base 32 and its codes. */
void people_enrol(struct fixture *f, int64_t id, unsigned char seed_out[20],
                  char codes[][18]);

/* Change an account, which must work. */
struct account people_change(struct fixture *f, int64_t id,
                             const struct account_change *change);

#endif
