/*
 * Who gets what on every route: the route table times all kinds of callers,
 * compared with test/golden/access-matrix.txt, so that a new route, or one
 * that opened, shows in review. UPDATE_GOLDEN=1 writes the file anew.
 *
 * 401 and 403 are refusals, and 404 where a caller does not see the record.
 * Anything else has got past the guard: 400 and 409 are the handler's answers
 * to a body that is not meant to change anything, and 500 is that of a job
 * that came to nothing.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fsutil.h"
#include "route.h"

#define GOLDEN "test/golden/access-matrix.txt"

/* Of a caller, all that it could show. Unused members stay empty. */
struct asker {
	const char *name;
	enum role role;         /* of a user with a session */
	unsigned scopes;        /* of a key */
	bool elsewhere;         /* sees another location alone */
	bool must_enrol;        /* needs a second factor and has none */
	const char *csrf;       /* in place of the right one */
	const char *fetch_site; /* Sec-Fetch-Site */
	bool swapped;           /* the token as a key, or the key as a cookie */
};

static const struct asker kinds[] = {
    {.name = "nobody"},
    {.name = "viewer", .role = ROLE_VIEWER},
    {.name = "editor", .role = ROLE_EDITOR},
    {.name = "admin", .role = ROLE_ADMIN},
    {.name = "viewer2", .role = ROLE_VIEWER, .elsewhere = true},
    {.name = "editor2", .role = ROLE_EDITOR, .elsewhere = true},
    {.name = "no-csrf", .role = ROLE_ADMIN, .csrf = ""},
    {.name = "evil", .role = ROLE_ADMIN, .fetch_site = "cross-site"},
    {.name = "enrol", .role = ROLE_ADMIN, .must_enrol = true},
    {.name = "bearer", .role = ROLE_ADMIN, .swapped = true},
    {.name = "k:read", .scopes = SCOPE_READ},
    {.name = "k:write", .scopes = SCOPE_WRITE},
    {.name = "k:import", .scopes = SCOPE_IMPORT},
    {.name = "k:backup", .scopes = SCOPE_BACKUP},
    {.name = "k:metric", .scopes = SCOPE_METRICS},
    {.name = "k:admin", .scopes = SCOPE_ADMIN},
    {.name = "k:rw2", .scopes = SCOPE_READ | SCOPE_WRITE, .elsewhere = true},
    {.name = "cookie", .scopes = SCOPE_ADMIN, .swapped = true},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const char kinds_help[] =
    "# nobody   no credentials\n"
    "# viewer2  a viewer, and editor2 an editor, limited to another location\n"
    "# no-csrf  an admin's cookie without the CSRF token\n"
    "# evil     an admin's cookie and token, sent by a page elsewhere\n"
    "# enrol    an admin who has to set up a second factor first\n"
    "# bearer   an admin's session token as a key\n"
    "# k:SCOPE  a key with that scope\n"
    "# k:rw2    a key to read and write, limited to another location\n"
    "# cookie   an admin's key as a cookie\n";

/* Bodies that reach as far as they can and leave everything as it is. */
static const struct {
	const char *path;
	enum method method;
	const char *body;
} bodies[] = {
    {"/api/data/locations", METHOD_POST, "{\"name\":\"here\"}"},
    {"/api/data/locations/{id}", METHOD_PATCH, "{\"is_active\":true}"},
    {"/api/data/daily-usage", METHOD_POST,
     "{\"date\":\"2026-11-20\",\"location_id\":1,\"usage_gb\":5}"},
    {"/api/data/daily-usage/{id}", METHOD_PUT, "{\"usage_gb\":5}"},
    {"/api/data/monthly-summaries", METHOD_PUT,
     "{\"period_start\":\"2026-10-13\",\"location_id\":1,"
     "\"total_usage_gb\":5}"},
    {"/api/settings/billing-cycle", METHOD_PUT,
     "{\"cycle_day\":13,\"valid_from\":\"2026-12-13\"}"},
    {"/api/users/{id}", METHOD_PATCH, "{\"is_active\":true}"},
    {"/api/system/backups/{file}/restore", METHOD_POST,
     "{\"confirm\":\"" HARNESS_BACKUP "\"}"},
};

static const char *body_for(const struct route *route)
{
	if (route->body == BODY_NONE)
		return NULL;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (strcmp(bodies[i].path, route->path) == 0 &&
		    bodies[i].method == route->method)
			return bodies[i].body;
	return "{}";
}

/*
 * What the requests go to. One that succeeded in taking something away is the
 * last in its world; the askers enter one when they first ask in it.
 */
struct world {
	struct harness *h;
	struct session_pass passes[KINDS];
	char *keys[KINDS];
	bool entered[KINDS];
};

/* A backup, and a program that does nothing with it: its jobs fail. */
static void make_backup(struct harness *h)
{
	const char *dir = h->f->config.database_backup_dir;
	static const char program[] = "#!/bin/sh\n";
	struct strbuf path = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(fs_write_atomic(fixture_path(h->f, "dum-backup"), program,
	                          sizeof(program) - 1, 0700, &err),
	          &err);
	assert_ok(config_set(&h->f->config, "TOOLS_DIR", h->f->dir, NULL, &err),
	          &err);
	strbuf_addf(&path, "%s/" HARNESS_BACKUP, dir);
	assert_ok(fs_make_dir(dir, &err), &err);
	assert_ok(fs_write_atomic(path.buf, "x", 1, 0600, &err), &err);
	strbuf_release(&path);
}

/* Everything has a record with the id 1: location, day, user, key, session. */
static void begin(struct world *world)
{
	struct harness *h;
	void *state = NULL;
	int64_t here;

	*world = (struct world){.h = NULL};
	harness_setup(&state);
	h = state;
	here = harness_location(h, "here");
	assert_int_equal(here, 1);
	assert_int_equal(harness_location(h, "there"), 2);
	assert_int_equal(harness_day(h, "2026-11-20", here, 5000000000), 1);
	fixture_exec(h->f, "INSERT INTO monthly_summaries (period_start, "
	                   "period_end, location_id, total_usage_bytes, "
	                   "manual_entry) VALUES ('2026-10-13', '2026-11-12', "
	                   "1, 5000000000, 1)");
	fixture_exec(h->f, "INSERT INTO cycle_settings (cycle_day, valid_from) "
	                   "VALUES (13, '2026-12-14')");
	assert_int_equal(harness_login(h, "spare", ROLE_VIEWER, NULL).user_id,
	                 1);
	(void)harness_login(h, "other-admin", ROLE_ADMIN, NULL);
	free(harness_key(h, SCOPE_READ, NULL));
	make_backup(h);
	world->h = h;
}

static void end(struct world *world)
{
	void *state = world->h;

	if (state == NULL)
		return;
	for (int i = 0; i < KINDS; i++)
		free(world->keys[i]);
	harness_teardown(&state);
	world->h = NULL;
}

static void enter(struct world *world, int i)
{
	static const int64_t there[] = {2, 0};
	const struct asker *kind = &kinds[i];
	const int64_t *limit = kind->elsewhere ? there : NULL;

	if (world->h == NULL)
		begin(world);
	if (world->entered[i])
		return;
	world->entered[i] = true;
	if (kind->role != ROLE_NONE)
		world->passes[i] = harness_login(world->h, kind->name,
		                                 kind->role, limit);
	if (kind->scopes != 0)
		world->keys[i] = harness_key(world->h, kind->scopes, limit);
}

static int ask_as(struct world *world, const struct route *route, int i)
{
	const struct asker *kind = &kinds[i];
	struct strbuf method = STRBUF_INIT;
	char cookie[160];
	struct ask what = {.uri = route_path(route),
	                   .content_type = route_type(route),
	                   .body = body_for(route),
	                   .csrf = kind->csrf,
	                   .fetch_site = kind->fetch_site};
	int status;

	enter(world, i);
	method_list(&method, route->method);
	what.method = method.buf;
	snprintf(cookie, sizeof(cookie), "__Host-dum=%s",
	         world->keys[i] != NULL ? world->keys[i] : "");
	if (kind->role != ROLE_NONE && kind->swapped)
		what.key = world->passes[i].token;
	else if (kind->role != ROLE_NONE)
		what.as = &world->passes[i];
	else if (kind->scopes != 0 && kind->swapped)
		what.cookie = cookie;
	else
		what.key = world->keys[i];
	world->h->f->config.require_admin_totp = kind->must_enrol;
	status = ask(world->h, &what);
	strbuf_release(&method);
	/* So many jobs at a time: each is over before the next begins. */
	while (wait(NULL) > 0)
		;
	if (status == 204)
		end(world);
	return status;
}

/* What holds whatever the golden file says. */
static void check_rules(const struct route *route, const struct asker *kind,
                        int status)
{
	bool is_public = route->access == ACCESS_PUBLIC;
	bool unsafe = route->method != METHOD_GET;
	int wanted = 0;

	if (is_public && kind->fetch_site != NULL && unsafe)
		wanted = 403;
	else if (is_public)
		return;
	else if (kind->swapped || strcmp(kind->name, "nobody") == 0)
		wanted = 401;
	else if (unsafe && (kind->csrf != NULL || kind->fetch_site != NULL))
		wanted = 403;
	else if (kind->scopes == SCOPE_READ && unsafe)
		wanted = 403;
	else if (kind->scopes != 0 && route->scope == SCOPE_NEVER)
		wanted = 403;
	else if (kind->role == ROLE_VIEWER && route->access < ACCESS_VIEWER)
		wanted = 403;
	else if (kind->role == ROLE_EDITOR && route->access < ACCESS_EDITOR)
		wanted = 403;
	if (wanted != 0 && status != wanted)
		fail_msg("%s on %s: %d, not %d", kind->name, route->path,
		         status, wanted);
}

static void add_row(struct strbuf *out, struct world *world,
                    const struct route *route)
{
	struct strbuf name = STRBUF_INIT;

	method_list(&name, route->method);
	strbuf_addf(&name, " %s", route->path);
	strbuf_addf(out, "%-34s", name.buf);
	strbuf_release(&name);
	for (int i = 0; i < KINDS; i++) {
		int status = ask_as(world, route, i);

		check_rules(route, &kinds[i], status);
		strbuf_addf(out, " %-8d", status);
	}
	while (out->buf[out->len - 1] == ' ')
		strbuf_truncate(out, out->len - 1);
	strbuf_addc(out, '\n');
}

static void add_public(struct strbuf *out)
{
	strbuf_adds(out, "\n# Open to anybody:\n");
	for (const struct route *r = routes; r->path != NULL; r++) {
		if (r->access != ACCESS_PUBLIC)
			continue;
		method_list(out, r->method);
		strbuf_addf(out, " %s\n", r->path);
	}
	strbuf_adds(out, "\n# Without a CSRF token:\n");
	for (const struct route *r = routes; r->path != NULL; r++) {
		if ((r->flags & ROUTE_CSRF_FREE) == 0)
			continue;
		method_list(out, r->method);
		strbuf_addf(out, " %s\n", r->path);
	}
}

static void make_matrix(struct strbuf *out)
{
	struct world world = {.h = NULL};

	strbuf_adds(out, "# Written by test/app/test_access_matrix.c "
	                 "(UPDATE_GOLDEN=1).\n");
	strbuf_adds(out, kinds_help);
	strbuf_addf(out, "\n%-34s", "");
	for (int i = 0; i < KINDS; i++)
		strbuf_addf(out, " %-8s", kinds[i].name);
	while (out->buf[out->len - 1] == ' ')
		strbuf_truncate(out, out->len - 1);
	strbuf_addc(out, '\n');
	for (const struct route *r = routes; r->path != NULL; r++)
		add_row(out, &world, r);
	end(&world);
	add_public(out);
}

static void compare(const char *got, const char *wanted)
{
	for (int line = 1; *got != '\0' || *wanted != '\0'; line++) {
		size_t len = strcspn(got, "\n"), want = strcspn(wanted, "\n");

		if (len != want || memcmp(got, wanted, len) != 0)
			fail_msg(GOLDEN ":%d:\nis  %.*s\nwas %.*s", line,
			         (int)len, got, (int)want, wanted);
		got += len + (got[len] == '\n');
		wanted += want + (wanted[want] == '\n');
	}
}

static void every_caller_gets_what_the_golden_file_says(void **state)
{
	const char *update = getenv("UPDATE_GOLDEN");
	struct strbuf matrix = STRBUF_INIT, wanted = STRBUF_INIT;
	char chunk[4096];
	size_t n;
	FILE *f;

	(void)state;
	make_matrix(&matrix);
	f = fopen(GOLDEN, update != NULL ? "w" : "r");
	if (f == NULL)
		fail_msg("%s: run the test from the top folder", GOLDEN);
	if (update != NULL)
		assert_int_equal(fwrite(matrix.buf, 1, matrix.len, f),
		                 matrix.len);
	else
		while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
			strbuf_add(&wanted, chunk, n);
	assert_int_equal(fclose(f), 0);
	if (update == NULL)
		compare(matrix.buf, wanted.buf);
	strbuf_release(&matrix);
	strbuf_release(&wanted);
}

static void what_a_row_leaves_out_is_the_strictest(void **state)
{
	static const struct route empty = {.path = "/"};

	(void)state;
	assert_int_equal(empty.access, ACCESS_ADMIN);
	assert_int_equal(empty.scope, SCOPE_NEVER);
	assert_int_equal(empty.body, BODY_NONE);
	assert_int_equal(empty.flags & ROUTE_CSRF_FREE, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_caller_gets_what_the_golden_file_says),
	    cmocka_unit_test(what_a_row_leaves_out_is_the_strictest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
