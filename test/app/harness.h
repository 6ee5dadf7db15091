#ifndef DUM_TEST_HARNESS_H
#define DUM_TEST_HARNESS_H
/*
 * harness - the API without sockets: a request is a struct, the answer is what
 * app_handle() wrote, taken apart.
 *
 *	ask(h, &(struct ask){.method = "GET", .uri = "/health"});
 *	assert_int_equal(h->status, 200);
 *
 * The clock stands at HARNESS_NOW until a test moves h->now.
 */
#include "fixture.h"

#include <jansson.h>

#include "access/account.h"
#include "access/scope.h"
#include "app.h"
#include "route.h"

/* 2026-11-24T14:00:00Z; with cycle day 13 the 12th day of its cycle. */
#define HARNESS_NOW INT64_C(1795528800)

/* A backup as {file} of a path; there is none unless a test makes it. */
#define HARNESS_BACKUP "data_usage_backup_20261124_120000.db.gz"

/* The password of every account that harness_login() makes. */
#define HARNESS_PASSWORD "correct horse battery"

struct harness {
	struct fixture *f;
	struct app app;
	/* The last answer. */
	int status;
	struct strbuf raw; /* all that was written */
	const char *body;  /* in .raw */
	json_t *json;      /* NULL: the body is no JSON */
	bool lost;         /* the answer broke off */
	size_t writes;     /* pieces that it came in */
	/* Of harness_busy(). */
	struct db *writer;
};

/* For cmocka_unit_test_setup_teardown(); *state is a struct harness. */
int harness_setup(void **state);
int harness_teardown(void **state);
#define HARNESS_TEST(name) \
	cmocka_unit_test_setup_teardown(name, harness_setup, harness_teardown)

/* Another worker in its place, as after a change of the settings. */
void harness_restart(struct harness *h);

/* Move the clock of all handles. */
void harness_wait(struct harness *h, int64_t seconds);

/* What a browser holds of a session. */
struct session_pass {
	int64_t user_id;
	int64_t session_id;
	char token[64];
	char csrf[80];
};

/* A request; what is left out is not sent. */
struct ask {
	const char *method;
	const char *uri;
	const char *body; /* with its length, as application/json */
	const struct session_pass *as; /* cookie and CSRF token of it */
	const char *key;               /* as Bearer */
	/* To send something else than the above would. */
	const char *content_type;
	const char *length;
	const char *cookie;
	const char *authorization;
	const char *csrf;
	const char *host;
	const char *origin;
	const char *fetch_site;
	const char *request_method;
	const char *if_none_match;
	const char *if_match;
	const char *idempotency_key;
	const char *accept;
	const char *address;
	const char *agent;
	size_t peer_leaves_after; /* so many pieces; 0: it stays */
	unsigned peer_takes_ms;   /* for each piece */
};

/* Send it; the answer stands in h. Returns its status. */
int ask(struct harness *h, const struct ask *what);

/* Of a row of the table: its path with 1 for {id} and HARNESS_BACKUP for
 * {file}, in a buffer that the next call keeps; and the media type of its body,
 * NULL: that of JSON.
 */
const char *route_path(const struct route *route);
const char *route_type(const struct route *route);

/* Short forms of the commonest ones. */
int get(struct harness *h, const struct session_pass *as, const char *uri);
int send_json(struct harness *h, const struct session_pass *as,
              const char *method, const char *uri, const char *body);

/*
 * Value of a header of the answer in a buffer of its own; NULL: there is none.
 */
const char *header(struct harness *h, const char *name);

/* A value by its path, such as "data/0/id"; fails where there is none. */
const json_t *at(struct harness *h, const char *path);
int64_t number_at(struct harness *h, const char *path);
const char *text_at(struct harness *h, const char *path);

/* The answer's body is this JSON, members in any order. */
void assert_body(struct harness *h, const char *json);

/*
 * The answer is problem+json with this status, whose first error points to
 * pointer; NULL: it has no errors.
 */
void assert_problem(struct harness *h, int status, const char *pointer);

/* The hash of HARNESS_PASSWORD, made once for all: each takes its time. */
const char *harness_password_hash(void);

/* An account with a session; locations ends with 0, NULL: no limit. */
struct session_pass harness_login(struct harness *h, const char *name,
                                  enum role role, const int64_t *locations);

/* A key, in a buffer that the next call keeps; free() it. */
char *harness_key(struct harness *h, unsigned scopes, const int64_t *locations);

/* A location and a day of it, by the store itself. */
int64_t harness_location(struct harness *h, const char *name);
int64_t harness_day(struct harness *h, const char *date, int64_t location_id,
                    int64_t bytes);

/*
 * In place of a program that the app starts, a script in the fixture's folder:
 * notes its arguments in the file args there, and then does as body says.
 */
void harness_tool(struct harness *h, const char *name, const char *body);

/* A file of that folder has this text and no more. */
void assert_file(struct harness *h, const char *name, const char *text);

/* Another program holds the database for writing, until it lets go. */
void harness_busy(struct harness *h);
void harness_idle(struct harness *h);

#endif
