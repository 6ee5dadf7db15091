/*
 * docs/openapi.json against routes[] and its tables, in both directions. What
 * the answers themselves are is held against it by test/it/test_openapi.py.
 */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/fsutil.h"
#include "base/version.h"
#include "openapi_check.h"

#define DOCUMENT "docs/openapi.json"

static json_t *load(void)
{
	json_error_t where;
	json_t *document = json_load_file(DOCUMENT, JSON_REJECT_DUPLICATES,
	                                  &where);

	if (document == NULL)
		fail_msg(DOCUMENT ":%d: %s", where.line, where.text);
	return document;
}

static void the_document_says_what_the_tables_say(void **state)
{
	struct strbuf differences = STRBUF_INIT;
	json_t *document = load();

	(void)state;
	openapi_check(&differences, document);
	if (differences.len > 0)
		fail_msg("\n%s", differences.buf);
	strbuf_release(&differences);
	json_decref(document);
}

static void it_is_served_as_it_stands(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);
	struct strbuf text = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(fs_read_file(&text, DOCUMENT, 1024 * 1024, &err), &err);
	assert_int_equal(get(h, &viewer, "/api/openapi.json"), 200);
	assert_string_equal(h->body, text.buf);
	assert_string_equal(header(h, "Content-Type"), "application/json");
	assert_string_equal(text_at(h, "info/version"), DUM_VERSION);
	strbuf_release(&text);
}

/* What is done to the document: value NULL takes the member away. */
static const struct {
	const char *path; /* with # between the names, for / is in some */
	const char *value;
} wrong[] = {
    {"paths#/api/users", NULL},
    {"paths#/api/users#patch", "{}"},
    {"paths#/api/users#post#security#0#session", "[\"editor\"]"},
    {"paths#/api/users#post#security#0#csrf", NULL},
    {"paths#/api/users#post#security#1", "{\"key\":[\"write\"]}"},
    {"paths#/api/users#get#security", "[{}]"},
    {"paths#/api/auth/totp#post#security", "[{\"key\":[\"admin\"]}]"},
    {"paths#/health#get#security", "[{\"session\":[\"admin\"]}]"},
    {"paths#/api/data/cycles#get#parameters", NULL},
    {"paths#/api/data/cycles#get#parameters#1#name", "\"most\""},
    {"paths#/api/data/cycles#get#parameters#1#required", "true"},
    {"paths#/api/data/cycles#get#parameters#1#example", NULL},
    {"paths#/api/data/cycles#get#parameters#1#schema#maximum", "1201"},
    {"paths#/api/data/cycles#get#parameters#1#schema#minimum", "0"},
    {"paths#/api/data/cycles#get#parameters#1#schema#default", "13"},
    {"paths#/api/data/cycles#get#parameters#1#schema#default", NULL},
    {"paths#/api/data/cycles#get#parameters#1#schema#type", "\"number\""},
    {"paths#/api/data/cycles#get#parameters#2", NULL},
    {"paths#/api/audit#get#parameters#0#schema#enum", "[\"change\"]"},
    {"paths#/api/audit#get#parameters#1#schema#maxLength", "127"},
    {"paths#/api/audit#get#parameters#4#schema", "{\"type\":\"string\"}"},
    {"paths#/api/dashboard/usage-trends#get#parameters#2#schema#default",
     "\"columns\""},
    {"paths#/api/users/{id}#delete#parameters", NULL},
    {"components#parameters#id#schema#maximum", "5"},
    {"components#parameters#backupFile#schema#pattern", "\"x\""},
    {"paths#/api/system/backups/{file}#get#parameters", NULL},
    {"paths#/api/system/backup#post#requestBody#required", "true"},
    {"paths#/api/system/backup#post#responses#202", NULL},
    {"paths#/api/system/backups/{file}/restore#post#requestBody#required",
     "false"},
    {"paths#/api/users#post#requestBody", NULL},
    {"paths#/api/users#post#requestBody#required", "false"},
    {"paths#/api/users#post#requestBody#content#application/json#example",
     NULL},
    {"paths#/api/users#get#requestBody", "{}"},
    {"components#schemas#UserNew#additionalProperties", "true"},
    {"components#schemas#UserNew#properties#role", NULL},
    {"components#schemas#UserNew#properties#more", "{}"},
    {"components#schemas#UserNew#required", "[\"username\",\"role\"]"},
    {"components#schemas#UserNew#properties#username#maxLength", "63"},
    {"components#schemas#UserNew#properties#password#minLength", "11"},
    {"components#schemas#UserNew#properties#role#enum", "[\"admin\"]"},
    {"components#schemas#UserNew#properties#locations#type", "\"array\""},
    {"components#schemas#UserNew#properties#locations#maxItems", "9"},
    {"components#schemas#KeyNew#properties#scopes#items#enum", "[\"read\"]"},
    {"components#schemas#KeyNew#properties#expires_at#format", "\"date\""},
    {"components#schemas#UsageNew#properties#usage_gb#maximum", "10000"},
    {"components#schemas#UsageNew#properties#date", "{\"type\":\"string\"}"},
    {"components#schemas#Id#minimum", "0"},
    {"components#schemas#BillingCyclePut#properties#cycle_day#maximum", "28"},
    {"paths#/api/users#get#responses#200", NULL},
    {"paths#/api/users#get#responses#401", NULL},
    {"paths#/api/users#get#responses#404", "{}"},
    {"paths#/api/users#get#responses#default", "{}"},
    {"paths#/api/users#post#responses#413", NULL},
    {"paths#/api/users#post#responses#507", NULL},
    {"paths#/api/users/{id}#patch#responses#404", NULL},
    {"paths#/api/data/cycles#get#responses#304", NULL},
    {"components#responses#Conflict", NULL},
    {"paths#/api/data/daily-usage#post#requestBody#content#application/json"
     "#schema#oneOf#1#maxItems",
     "10001"},
    {"paths#/api/data/daily-usage#post#requestBody#content#application/json"
     "#schema#oneOf#0",
     "{}"},
    {"paths#/api/data/daily-usage#post#parameters", NULL},
    {"paths#/api/data/daily-usage#post#responses#422", NULL},
    {"paths#/api/data/daily-usage#post#responses#202", "{}"},
    {"paths#/api/data/daily-usage/{id}#put#responses#412", NULL},
    {"paths#/api/data/daily-usage/{id}#get#responses#304", NULL},
    {"paths#/api/data/locations/{id}#patch#parameters#1", NULL},
    {"paths#/api/users#post#responses#422", "{}"},
    {"paths#/api/imports#post#requestBody#content#text/csv", NULL},
    {"paths#/api/imports#post#responses#202", NULL},
    {"paths#/api/imports#get#security#2", NULL},
};

static void change(json_t *document, const char *path, const char *value)
{
	json_t *at = document, *in = NULL, *new = NULL;
	char name[64] = "";

	while (*path != '\0') {
		size_t len = strcspn(path, "#");

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		in = at;
		at = json_is_array(in) ? json_array_get(in, (size_t)atoi(name))
		                       : json_object_get(in, name);
		path += len + (path[len] == '#');
	}
	if (value != NULL)
		new = json_loads(value, JSON_DECODE_ANY, NULL);
	if (json_is_array(in) && value != NULL)
		assert_int_equal(
		    json_array_set_new(in, (size_t)atoi(name), new), 0);
	else if (json_is_array(in))
		assert_int_equal(json_array_remove(in, (size_t)atoi(name)), 0);
	else if (value != NULL)
		assert_int_equal(json_object_set_new(in, name, new), 0);
	else
		assert_int_equal(json_object_del(in, name), 0);
}

static void whatever_is_wrong_in_it_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct strbuf differences = STRBUF_INIT;
		json_t *document = load();

		change(document, wrong[i].path, wrong[i].value);
		openapi_check(&differences, document);
		if (differences.len == 0)
			fail_msg("%s = %s is not seen", wrong[i].path,
			         wrong[i].value);
		strbuf_release(&differences);
		json_decref(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_document_says_what_the_tables_say),
	    HARNESS_TEST(it_is_served_as_it_stands),
	    cmocka_unit_test(whatever_is_wrong_in_it_is_found),
	};

	return cmocka_run_group_tests_name("openapi", tests, NULL, NULL);
}
