#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "access/api_key.h"
#include "access/session.h"
#include "base/log.h"
#include "credential.h"
#include "store/location.h"
#include "store/usage.h"

static int64_t now = HARNESS_NOW;

static int64_t tell_now(void)
{
	return now;
}

static void start(struct harness *h)
{
	struct dum_error err = {0};

	app_init(&h->app, &h->f->config, "dum.conf");
	assert_ok(app_open(&h->app, &err), &err);
	db_use_clock(h->app.db, tell_now);
}

void harness_restart(struct harness *h)
{
	app_release(&h->app);
	start(h);
}

int harness_setup(void **state)
{
	struct harness *h = calloc(1, sizeof(*h));
	struct dum_error err = {0};
	char log_path[96];
	void *fixture = NULL;

	assert_non_null(h);
	now = HARNESS_NOW;
	fixture_setup(&fixture);
	h->f = fixture;
	snprintf(log_path, sizeof(log_path), "%s", fixture_path(h->f, "log"));
	assert_ok(clock_set_zone("UTC", &err), &err);
	assert_ok(log_open(log_path, LOG_AT_INFO, "test", &err), &err);
	assert_ok(
	    config_set(&h->f->config, "SQLITE_BUSY_TIMEOUT", "50", NULL, &err),
	    &err);
	assert_ok(config_set(&h->f->config, "DATABASE_BACKUP_DIR", "backups",
	                     h->f->dir, &err),
	          &err);
	start(h);
	db_use_clock(h->f->db, tell_now);
	strbuf_init(&h->raw);
	*state = h;
	return 0;
}

int harness_teardown(void **state)
{
	struct harness *h = *state;
	void *fixture = h->f;

	db_free(h->writer);
	app_release(&h->app);
	fixture_teardown(&fixture);
	strbuf_release(&h->raw);
	json_decref(h->json);
	free(h);
	return 0;
}

void harness_wait(struct harness *h, int64_t seconds)
{
	(void)h;
	now += seconds;
}

/* --- asking --------------------------------------------------------------- */

struct sink {
	struct harness *h;
	size_t leaves_after;
	unsigned takes_ms;
};

static bool take_answer(void *arg, const char *data, size_t len)
{
	struct sink *sink = arg;

	usleep(sink->takes_ms * 1000);
	if (sink->leaves_after > 0 && sink->h->writes >= sink->leaves_after)
		return false;
	strbuf_add(&sink->h->raw, data, len);
	sink->h->writes++;
	return true;
}

struct source {
	const char *text;
	size_t left;
};

static size_t give_body(void *arg, char *buf, size_t size)
{
	struct source *source = arg;

	if (size > source->left)
		size = source->left;
	memcpy(buf, source->text, size);
	source->text += size;
	source->left -= size;
	return size;
}

static const char *or_none(const char *text)
{
	return text != NULL ? text : "";
}

/* What the request's headers need memory for. */
struct texts {
	char cookie[256], authorization[256], length[24];
};

static void fill_headers(struct request *req, struct texts *texts,
                         const struct ask *what)
{
	bool unsafe = strcmp(what->method, "GET") != 0 &&
	              strcmp(what->method, "HEAD") != 0;
	const char *csrf = what->csrf;

	if (what->as != NULL)
		snprintf(texts->cookie, sizeof(texts->cookie), "%s=%s",
		         CREDENTIAL_COOKIE, what->as->token);
	if (what->key != NULL)
		snprintf(texts->authorization, sizeof(texts->authorization),
		         "Bearer %s", what->key);
	if (csrf == NULL && what->as != NULL && unsafe)
		csrf = what->as->csrf;
	req->headers = (struct request_headers){
	    .content_type = what->content_type != NULL ? what->content_type
	                    : what->body != NULL       ? "application/json"
	                                               : "",
	    .cookie = what->cookie != NULL ? what->cookie : texts->cookie,
	    .authorization = what->authorization != NULL ? what->authorization
	                                                 : texts->authorization,
	    .csrf_token = or_none(csrf),
	    .host = what->host != NULL ? what->host : "dum.example:8443",
	    .origin = or_none(what->origin),
	    .fetch_site = or_none(what->fetch_site),
	    .request_method = or_none(what->request_method),
	    .if_none_match = or_none(what->if_none_match),
	    .if_match = or_none(what->if_match),
	    .idempotency_key = or_none(what->idempotency_key),
	    .accept = or_none(what->accept),
	    .agent = what->agent != NULL ? what->agent : "test"};
	req->address = what->address != NULL ? what->address : "192.0.2.7";
}

static void take_apart(struct harness *h, const struct response *res)
{
	char *end = strstr(h->raw.buf, "\r\n\r\n");

	h->lost = res->lost;
	h->status = 0;
	h->body = "";
	if (end == NULL)
		return;
	assert_int_equal(strncmp(h->raw.buf, "Status: ", 8), 0);
	h->status = atoi(h->raw.buf + 8);
	h->body = end + 4;
	h->json = json_loads(h->body, JSON_REJECT_DUPLICATES, NULL);
}

int ask(struct harness *h, const struct ask *what)
{
	struct sink sink = {.h = h,
	                    .leaves_after = what->peer_leaves_after,
	                    .takes_ms = what->peer_takes_ms};
	struct texts texts = {.cookie = ""};
	struct source source = {.text = or_none(what->body)};
	struct dum_error err = {0};
	enum dum_status status;
	struct response res;
	struct request req;

	source.left = strlen(source.text);
	if (source.left > 0)
		snprintf(texts.length, sizeof(texts.length), "%zu",
		         source.left);
	strbuf_reset(&h->raw);
	json_decref(h->json);
	h->json = NULL;
	h->writes = 0;
	response_init(&res, take_answer, &sink);
	status = request_init(&req, what->method, what->uri,
	                      what->length != NULL ? what->length
	                                           : texts.length,
	                      "0123456789abcdef", &err);
	assert_ok(status, &err);
	fill_headers(&req, &texts, what);
	req.read = give_body;
	req.read_arg = &source;
	app_handle(&h->app, &req, &res);
	response_send_file(&res, NULL);
	take_apart(h, &res);
	response_release(&res);
	request_release(&req);
	/* A handle that was given up is opened anew by the next request. */
	if (h->app.db != NULL)
		db_use_clock(h->app.db, tell_now);
	return h->status;
}

const char *route_path(const struct route *route)
{
	static char path[160];
	const char *at = strchr(route->path, '{');

	if (at == NULL)
		return route->path;
	snprintf(path, sizeof(path), "%.*s%s%s", (int)(at - route->path),
	         route->path, at[1] == 'f' ? HARNESS_BACKUP : "1",
	         strchr(at, '}') + 1);
	return path;
}

const char *route_type(const struct route *route)
{
	return route->body == BODY_CSV ? "text/csv" : NULL;
}

int get(struct harness *h, const struct session_pass *as, const char *uri)
{
	return ask(h, &(struct ask){.method = "GET", .uri = uri, .as = as});
}

int send_json(struct harness *h, const struct session_pass *as,
              const char *method, const char *uri, const char *body)
{
	return ask(h,
	           &(struct ask){
	               .method = method, .uri = uri, .body = body, .as = as});
}

/* --- looking at the answer ------------------------------------------------ */

const char *header(struct harness *h, const char *name)
{
	static char value[1024];
	const char *line = h->raw.buf;
	size_t len = strlen(name);

	while (line < h->body && *line != '\r') {
		const char *end = strstr(line, "\r\n");

		if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
			snprintf(value, sizeof(value), "%.*s",
			         (int)(end - line - (long)len - 2),
			         line + len + 2);
			return value;
		}
		line = end + 2;
	}
	return NULL;
}

const json_t *at(struct harness *h, const char *path)
{
	const json_t *value = h->json;
	const char *p = path;

	while (value != NULL && *p != '\0') {
		size_t len = strcspn(p, "/");
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		value = json_is_array(value)
		            ? json_array_get(value, (size_t)atoi(name))
		            : json_object_get(value, name);
		p += len + (p[len] == '/');
	}
	if (value == NULL)
		fail_msg("no '%s' in %s", path, h->body);
	return value;
}

int64_t number_at(struct harness *h, const char *path)
{
	const json_t *value = at(h, path);

	if (!json_is_integer(value))
		fail_msg("'%s' is no whole number: %s", path, h->body);
	return json_integer_value(value);
}

const char *text_at(struct harness *h, const char *path)
{
	const json_t *value = at(h, path);

	if (!json_is_string(value))
		fail_msg("'%s' is no text: %s", path, h->body);
	return json_string_value(value);
}

void assert_body(struct harness *h, const char *json)
{
	json_t *wanted = json_loads(json, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(wanted, h->json))
		fail_msg("got %s\nwant %s", h->body, json);
	json_decref(wanted);
}

void assert_problem(struct harness *h, int status, const char *pointer)
{
	if (h->status != status)
		fail_msg("status %d, not %d: %s", h->status, status, h->body);
	assert_string_equal(header(h, "Content-Type"),
	                    "application/problem+json");
	assert_int_equal(number_at(h, "status"), status);
	assert_true(strlen(text_at(h, "type")) > 0);
	assert_true(strlen(text_at(h, "title")) > 0);
	assert_true(strlen(text_at(h, "detail")) > 0);
	assert_string_equal(text_at(h, "request_id"), "0123456789abcdef");
	assert_int_equal(strncmp(text_at(h, "instance"), "/", 1), 0);
	if (pointer == NULL) {
		if (json_object_get(h->json, "errors") != NULL)
			fail_msg("there are errors: %s", h->body);
		return;
	}
	assert_int_equal(json_array_size(at(h, "errors")), 1);
	assert_true(strlen(text_at(h, "errors/0/detail")) > 0);
	if (strcmp(text_at(h, "errors/0/pointer"), pointer) != 0)
		fail_msg("points to '%s', not '%s': %s",
		         text_at(h, "errors/0/pointer"), pointer, h->body);
}

/* --- making people and data ----------------------------------------------- */

static struct location_limit limit_of(const int64_t *locations)
{
	struct location_limit limit = {.count = -1, .ids = locations};

	if (locations != NULL)
		for (limit.count = 0; locations[limit.count] != 0;)
			limit.count++;
	return limit;
}

const char *harness_password_hash(void)
{
	static char hash[PASSWORD_PHC_MAX];
	struct dum_error err = {0};

	if (hash[0] == '\0')
		assert_ok(password_hash(hash, HARNESS_PASSWORD, &err), &err);
	return hash;
}

struct session_pass harness_login(struct harness *h, const char *name,
                                  enum role role, const int64_t *locations)
{
	struct account_new new = {.username = name,
	                          .password_hash = harness_password_hash(),
	                          .role = role,
	                          .limit = limit_of(locations)};
	struct session_pass pass = {.user_id = 0};
	struct db *db = h->f->db;
	struct dum_error err = {0};
	struct session_new session;
	struct account account;

	assert_ok(db_begin(db, &h->f->who, &err), &err);
	assert_ok(account_add(&account, db, &new, &err), &err);
	assert_ok(
	    session_start(&session, db, account.id, "192.0.2.7", "test", &err),
	    &err);
	assert_ok(db_commit(db, &err), &err);
	pass.user_id = account.id;
	pass.session_id = session.id;
	snprintf(pass.token, sizeof(pass.token), "%s", session.token);
	snprintf(pass.csrf, sizeof(pass.csrf), "%s", session.csrf_token);
	return pass;
}

char *harness_key(struct harness *h, unsigned scopes, const int64_t *locations)
{
	struct api_key_new new = {
	    .name = "a key", .scopes = scopes, .limit = limit_of(locations)};
	char text[API_KEY_TEXT_MAX];
	struct dum_error err = {0};
	struct api_key key;

	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	assert_ok(api_key_add(&key, text, h->f->db, &new, &err), &err);
	assert_ok(db_commit(h->f->db, &err), &err);
	return strdup(text);
}

int64_t harness_location(struct harness *h, const char *name)
{
	struct dum_error err = {0};
	struct location location;

	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	assert_ok(location_add(&location, h->f->db, name, NULL, &err), &err);
	assert_ok(db_commit(h->f->db, &err), &err);
	return location.id;
}

int64_t harness_day(struct harness *h, const char *date, int64_t location_id,
                    int64_t bytes)
{
	enum usage_change change = USAGE_SAME;
	struct dum_error err = {0};
	struct usage usage;
	struct date day;

	assert_true(date_parse(&day, date, strlen(date)));
	assert_ok(db_begin(h->f->db, &h->f->who, &err), &err);
	assert_ok(
	    usage_put(&usage, &change, h->f->db, day, location_id, bytes, &err),
	    &err);
	assert_ok(db_commit(h->f->db, &err), &err);
	return usage.id;
}

void harness_busy(struct harness *h)
{
	struct dum_error err = {0};

	assert_ok(db_open(&h->writer, &h->f->config, &err), &err);
	assert_ok(db_begin(h->writer, &h->f->who, &err), &err);
}

void harness_idle(struct harness *h)
{
	db_free(h->writer);
	h->writer = NULL;
}
