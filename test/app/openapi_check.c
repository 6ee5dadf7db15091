#include "openapi_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "access/role.h"
#include "body.h"
#include "openapi_row.h"
#include "openapi_schema.h"
#include "route.h"

/* What is being compared, for the lines of differences. */
struct check {
	struct strbuf *out;
	const json_t *document;
	const struct route *route;
	const char *method; /* "get" */
	const json_t *operation;
};

static void differ(const struct check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void differ(const struct check *c, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	strbuf_addf(c->out, "%s %s: %s\n", c->method, c->route->path, text);
}

/* What a value stands for: itself, or what its $ref points to. */
static const json_t *resolve(const struct check *c, const json_t *value)
{
	const char *ref = json_string_value(json_object_get(value, "$ref"));
	const json_t *at = c->document;
	char name[64];

	if (ref == NULL)
		return value;
	for (ref += strspn(ref, "#/"); at != NULL && *ref != '\0';) {
		size_t len = strcspn(ref, "/");

		snprintf(name, sizeof(name), "%.*s", (int)len, ref);
		at = json_object_get(at, name);
		ref += len + (ref[len] == '/');
	}
	return at;
}

/* A schema without words, its references followed; the caller frees it. */
static json_t *plain_schema(const struct check *c, const json_t *schema)
{
	json_t *plain = json_object(), *items;

	/* What stands beside a $ref is added to what that says. */
	(void)json_object_update(plain, (json_t *)resolve(c, schema));
	(void)json_object_update(plain, (json_t *)schema);
	(void)json_object_del(plain, "$ref");
	(void)json_object_del(plain, "description");
	items = json_object_get(plain, "items");
	if (items != NULL)
		(void)json_object_set_new(plain, "items",
		                          plain_schema(c, items));
	return plain;
}

/* Is the schema of the document the one that a table asks for? Takes wanted. */
static void compare_schema(const struct check *c, const char *name,
                           json_t *wanted, const json_t *schema)
{
	json_t *got = plain_schema(c, schema);
	char *has, *should;

	if (json_is_boolean(json_object_get(got, "const")))
		(void)json_object_del(got, "const"); /* checked by handlers */
	if (!json_equal(got, wanted)) {
		has = json_dumps(got, JSON_SORT_KEYS);
		should = json_dumps(wanted, JSON_SORT_KEYS);
		differ(c, "%s is %s, not %s", name, has, should);
		free(has);
		free(should);
	}
	json_decref(got);
	json_decref(wanted);
}

/* --- parameters ----------------------------------------------------------- */

static const json_t *find_parameter(const struct check *c, const char *where,
                                    const char *name)
{
	const json_t *list = json_object_get(c->operation, "parameters");
	const json_t *found = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = resolve(c, json_array_get(list, i));
		const char *in = json_string_value(json_object_get(p, "in"));
		const char *is = json_string_value(json_object_get(p, "name"));

		if (in != NULL && is != NULL && strcmp(in, where) == 0 &&
		    strcasecmp(is, name) == 0)
			found = p;
	}
	return found;
}

/* 1 where the row takes it, and 0 where it does not. */
static size_t check_header(const struct check *c, const char *name, bool taken)
{
	if ((find_parameter(c, "header", name) != NULL) != taken)
		differ(c, "%s is missing, or not taken", name);
	return taken;
}

/* 1 where the path has a place of that name, else 0. Takes wanted. */
static size_t check_place(const struct check *c, const char *name,
                          json_t *wanted)
{
	const json_t *found = find_parameter(c, "path", name);
	char place[16];
	bool has;

	snprintf(place, sizeof(place), "{%s}", name);
	has = strstr(c->route->path, place) != NULL;
	if ((found != NULL) != has)
		differ(c, "%s is not where the path has it", place);
	if (found != NULL)
		compare_schema(c, place, wanted,
		               json_object_get(found, "schema"));
	else
		json_decref(wanted);
	return has;
}

static void check_parameters(const struct check *c)
{
	const json_t *list = json_object_get(c->operation, "parameters");
	const json_t *found;
	size_t known;

	known = check_place(c, "id", openapi_id()) +
	        check_place(c, "file", openapi_file());
	for (const struct param *p = c->route->params;
	     p != NULL && p->name != NULL; p++) {
		found = find_parameter(c, "query", p->name);
		if (found == NULL) {
			differ(c, "parameter %s is missing", p->name);
			continue;
		}
		known++;
		if (json_is_true(json_object_get(found, "required")))
			differ(c, "parameter %s is not required", p->name);
		if (json_object_get(found, "example") == NULL)
			differ(c, "parameter %s has no example", p->name);
		found = json_object_get(found, "schema");
		compare_schema(c, p->name, openapi_param(p, found), found);
	}
	known += check_header(c, "If-None-Match",
	                      openapi_row_is_tagged(c->route));
	known += check_header(c, "If-Match", openapi_row_is_matched(c->route));
	known += check_header(c, "Idempotency-Key",
	                      openapi_row_is_keyed(c->route));
	if (json_array_size(list) != known)
		differ(c, "%zu parameters, not %zu", json_array_size(list),
		       known);
}

/* --- bodies --------------------------------------------------------------- */

static bool lists(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);

		if (json_is_string(item) &&
		    strcmp(json_string_value(item), text) == 0)
			return true;
	}
	return false;
}

static void check_members(const struct check *c, const json_t *object)
{
	const json_t *properties = json_object_get(object, "properties");
	const json_t *required = json_object_get(object, "required");
	size_t known = 0, needed = 0;

	if (!json_is_false(json_object_get(object, "additionalProperties")))
		differ(c, "the body takes no other members");
	for (const struct member *m = c->route->members; m->name != NULL; m++) {
		const json_t *schema = json_object_get(properties, m->name);

		if (schema == NULL) {
			differ(c, "member %s is missing", m->name);
			continue;
		}
		known++;
		needed += m->required;
		if (lists(required, m->name) != m->required)
			differ(c, "member %s is%s required", m->name,
			       m->required ? "" : " not");
		compare_schema(c, m->name, openapi_member(m), schema);
	}
	if (json_object_size(properties) != known)
		differ(c, "%zu members, not %zu", json_object_size(properties),
		       known);
	if (json_array_size(required) != needed)
		differ(c, "%zu members are required, not %zu",
		       json_array_size(required), needed);
}

/* What a body is, or each of many; checks that many may be. */
static const json_t *find_object(const struct check *c, const json_t *schema)
{
	const json_t *ways = json_object_get(schema, "oneOf"), *one, *many;

	if ((c->route->flags & ROUTE_MANY) == 0)
		return resolve(c, schema);
	one = json_array_get(ways, 0);
	many = json_pack("{s:s, s:O, s:i, s:i}", "type", "array", "items", one,
	                 "minItems", 1, "maxItems", BODY_ITEMS_MAX);
	if (json_array_size(ways) != 2 ||
	    !json_equal(json_array_get(ways, 1), many))
		differ(c, "the body is one of them, or an array of at most %d",
		       BODY_ITEMS_MAX);
	json_decref((json_t *)many);
	return resolve(c, one);
}

static void check_body(const struct check *c)
{
	const json_t *body = json_object_get(c->operation, "requestBody");
	bool is_csv = c->route->body == BODY_CSV;
	const json_t *media = json_object_get(json_object_get(body, "content"),
	                                      is_csv ? "text/csv"
	                                             : "application/json");

	if ((body != NULL) != (c->route->body != BODY_NONE))
		differ(c, "a body where there is none, or the reverse");
	if (body == NULL || c->route->body == BODY_NONE)
		return;
	if (json_is_true(json_object_get(body, "required")) !=
	    ((c->route->flags & ROUTE_MAY_BE_EMPTY) == 0))
		differ(c, "the body is required, or need not be there");
	if (json_object_get(media, "example") == NULL &&
	    json_object_get(media, "examples") == NULL)
		differ(c, "the body has no example");
	if (media == NULL)
		differ(c, "the body is of another type");
	else if (!is_csv)
		check_members(c,
		              find_object(c, json_object_get(media, "schema")));
}

/* --- who may, and what comes of it ---------------------------------------- */

static const char *role_for(enum access access)
{
	static const enum role roles[] = {[ACCESS_ADMIN] = ROLE_ADMIN,
	                                  [ACCESS_EDITOR] = ROLE_EDITOR,
	                                  [ACCESS_VIEWER] = ROLE_VIEWER};

	return role_name(roles[access]);
}

static void check_security(const struct check *c)
{
	const json_t *has = json_object_get(c->operation, "security");
	const struct route *r = c->route;
	struct strbuf scope = STRBUF_INIT;
	json_t *wanted, *session;

	if (r->access == ACCESS_PUBLIC) {
		/* No entry at all, or an empty one: nothing is needed. */
		if (!json_is_array(has) ||
		    (json_array_size(has) > 0 &&
		     json_object_size(json_array_get(has, 0)) > 0))
			differ(c, "it is open to anybody");
		return;
	}
	session = json_pack("{s:[s]}", "session", role_for(r->access));
	if (r->method != METHOD_GET && (r->flags & ROUTE_CSRF_FREE) == 0)
		(void)json_object_set_new(session, "csrf", json_array());
	wanted = json_pack("[o]", session);
	for (unsigned bit = 1; bit <= SCOPE_ADMIN; bit <<= 1) {
		if (((unsigned)r->scope & bit) == 0)
			continue;
		strbuf_reset(&scope);
		scope_list(&scope, bit);
		(void)json_array_append_new(
		    wanted, json_pack("{s:[s]}", "key", scope.buf));
	}
	if (!json_equal(has, wanted))
		differ(c, "security is not that of role %s and its scopes",
		       role_for(r->access));
	strbuf_release(&scope);
	json_decref(wanted);
}

static void check_statuses(const struct check *c)
{
	const json_t *all = json_object_get(c->operation, "responses");
	size_t known = 0, good = 0;
	char text[16];

	for (int status = 100; status < 600; status++) {
		const json_t *response;
		int row = openapi_row_status(c->route, status);

		snprintf(text, sizeof(text), "%d", status);
		response = json_object_get(all, text);
		known += response != NULL;
		good += response != NULL && status < 300;
		if (response == NULL && row == 2)
			differ(c, "status %d is missing", status);
		else if (response != NULL && row == 0)
			differ(c, "status %d can not be", status);
		if (response != NULL && resolve(c, response) == NULL)
			differ(c, "status %d points to nothing", status);
	}
	if (good == 0 || known != json_object_size(all))
		differ(c, "its statuses are not all numbers of HTTP");
}

static void check_route(struct check *c)
{
	const json_t *paths = json_object_get(c->document, "paths");
	const json_t *path = json_object_get(paths, c->route->path);

	c->operation = json_object_get(path, c->method);
	if (c->operation == NULL) {
		differ(c, "it is not in the document");
		return;
	}
	check_security(c);
	check_parameters(c);
	check_body(c);
	check_statuses(c);
}

static void lower(char *out, size_t size, enum method method)
{
	struct strbuf name = STRBUF_INIT;

	method_list(&name, method);
	snprintf(out, size, "%s", name.buf);
	strbuf_release(&name);
	for (; *out != '\0'; out++)
		*out = (char)(*out | 0x20);
}

/* Each operation of the document has a row; how many it has. */
static size_t count_operations(const json_t *document)
{
	json_t *paths = json_object_get(document, "paths");
	const char *path;
	json_t *methods;
	size_t n = 0;

	json_object_foreach(paths, path, methods)
	    n += json_object_size(methods);
	return n;
}

void openapi_check(struct strbuf *out, const json_t *document)
{
	size_t rows = 0;
	char method[16];

	for (const struct route *r = routes; r->path != NULL; r++, rows++) {
		struct check c = {.out = out,
		                  .document = document,
		                  .route = r,
		                  .method = method};

		lower(method, sizeof(method), r->method);
		check_route(&c);
	}
	/* Each row has its own: so more than rows are not in the table. */
	if (count_operations(document) != rows)
		strbuf_addf(out, "%zu operations for %zu routes\n",
		            count_operations(document), rows);
}
