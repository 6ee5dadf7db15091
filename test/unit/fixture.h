#ifndef DUM_TEST_FIXTURE_H
#define DUM_TEST_FIXTURE_H
/*
 * fixture - a database of its own for a test: a fresh folder with settings, a
 * secret key and an empty, migrated database.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that it needs */
#include <setjmp.h>

#include <cmocka.h>

#include "config/config.h"
#include "store/db.h"

struct fixture {
	char dir[64];
	struct config config;
	struct origin who;
	struct db *db;
};

/* For cmocka_unit_test_setup_teardown(); *state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Fail with the error's text unless the status is DUM_OK. */
#define assert_ok(status, err) assert_status((status), DUM_OK, (err))
#define assert_status(status, wanted, err)                                \
	do {                                                              \
		enum dum_status got_ = (status);                          \
		if (got_ != (wanted))                                     \
			fail_msg("status %d, not %d: %s", got_, (wanted), \
			         (err)->text);                            \
	} while (0)

/* Path of a file in the fixture's folder; in a buffer of the fixture's. */
const char *fixture_path(struct fixture *f, const char *name);

/* The number that a query gives, read past the product's own code. */
int64_t fixture_number(struct fixture *f, const char *sql);

/*
 * A clock for db_use_clock() that stands still until a test moves it on; the
 * fixture's database goes by it from the call of fixture_stop_clock() on.
 */
extern int64_t fixture_time;
int64_t fixture_clock(void);
void fixture_stop_clock(struct fixture *f, int64_t at);

/* Run SQL past the product's own code (also what the product refuses). */
void fixture_exec(struct fixture *f, const char *sql);

#endif
