/*
 * What the headers of a request hold that decide on its answer, one a line:
 * If-Match or If-None-Match, Accept, Content-Type, Idempotency-Key.
 */
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "answer_tag.h"
#include "config/config.h"
#include "crypto/secret_key.h"
#include "csv_answer.h"
#include "fuzz_app.h"
#include "input.h"
#include "store/idempotency.h"
#include "store/migrate.h"

static struct config config;
static struct db *db;
static char dir[] = "/tmp/dum-fuzz-XXXXXX";

/* --- a database, for what was answered to a key --------------------------- */

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void end(void)
{
	db_free(db);
	config_release(&config);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void begin(void)
{
	const struct origin who = {.actor = "fuzz", .source = "test"};
	struct dum_error err = {0};
	int from = -1, to = -1;

	if (db != NULL)
		return;
	if (mkdtemp(dir) == NULL || config_init(&config, &err) != DUM_OK ||
	    config_set(&config, "DATABASE_PATH", "data_usage.db", dir, &err) !=
	        DUM_OK ||
	    config_set(&config, "SECRET_KEY_FILE", "secret.key", dir, &err) !=
	        DUM_OK ||
	    config_set(&config, "AUDIT_ANCHOR_FILE", "anchors.log", dir,
	               &err) != DUM_OK ||
	    secret_key_make(config.secret_key_file, &err) != DUM_OK ||
	    db_create(&db, &config, &err) != DUM_OK ||
	    migrate(&from, &to, db, &who, &err) != DUM_OK)
		abort();
	atexit(end);
}

/* --- the headers ---------------------------------------------------------- */

/* A tag that is found stands in the list, in quotes. */
static void check_tags(const char *list)
{
	static const char tag[] = "0123456789abcdef";
	char quoted[sizeof(tag) + 2];

	snprintf(quoted, sizeof(quoted), "\"%s\"", tag);
	if (answer_tag_matches(list, tag))
		FUZZ_CHECK(strstr(list, quoted) != NULL);
	FUZZ_CHECK(answer_tag_matches(quoted, tag));
	FUZZ_CHECK(!answer_tag_matches("*", tag));
}

/* A table is sent to nobody who did not name one. */
static void check_accept(const char *accept)
{
	if (csv_answer_accepted(accept))
		FUZZ_CHECK(strcasestr(accept, "text/csv") != NULL ||
		           strcasestr(accept, "text/*") != NULL ||
		           strstr(accept, "*/*") != NULL);
}

static bool write_nowhere(void *arg, const char *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return true;
}

static void check_type(struct request *req, enum body_kind body,
                       const char *wanted)
{
	const struct route route = {.body = body};
	struct response res;

	response_init(&res, write_nowhere, NULL);
	if (input_fits(&route, req, &res))
		FUZZ_CHECK(strncasecmp(req->headers.content_type, wanted,
		                       strlen(wanted)) == 0);
	else
		FUZZ_CHECK(res.status == 415);
	response_release(&res);
}

static void never(void *arg, const struct idempotent_answer *answer)
{
	(void)arg;
	(void)answer;
	abort(); /* nothing was answered yet */
}

static void check_key(const char *key)
{
	const struct idempotent_request request = {.actor = "fuzz", .key = key};
	enum idempotency_found found = IDEMPOTENCY_DONE;
	struct dum_error err = {0};
	bool visible = true;

	for (const char *c = key; *c != '\0'; c++)
		visible = visible && *c > ' ' && *c <= '~';
	if (idempotency_find(&found, db, &request, never, NULL, &err) ==
	    DUM_OK) {
		FUZZ_CHECK(visible && key[0] != '\0');
		FUZZ_CHECK(strlen(key) <= IDEMPOTENCY_KEY_MAX);
		FUZZ_CHECK(found == IDEMPOTENCY_NEW);
	} else {
		fuzz_check_error(&err);
		FUZZ_CHECK(err.status == DUM_EINVAL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_lines lines;
	struct dum_error err = {0};
	struct request req;

	begin();
	fuzz_lines_split(&lines, data, size);
	if (request_init(&req, "POST", "/api/x", NULL, "fuzz", &err) != DUM_OK)
		abort();
	req.headers.content_type = lines.line[2];
	check_tags(lines.line[0]);
	check_accept(lines.line[1]);
	check_type(&req, BODY_JSON, "application/json");
	check_type(&req, BODY_CSV, "text/csv");
	check_key(lines.line[3]);
	request_release(&req);
	fuzz_lines_release(&lines);
	return 0;
}
