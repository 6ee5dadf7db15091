/* Handler tests of param.h: what a query may be. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "param.h"

static const char *const words[] = {"rows", "columns", NULL};

enum { PAGE, DAY, YES, FORMAT, NAME, PARAMS };

static const struct param table[] = {
    [PAGE] = {.name = "page",
              .type = PARAM_INT,
              .min = 1,
              .max = 1000,
              .initial = 1},
    [DAY] = {.name = "day", .type = PARAM_DATE},
    [YES] = {.name = "yes", .type = PARAM_BOOL},
    [FORMAT] = {.name = "format", .type = PARAM_CHOICE, .choices = words},
    [NAME] = {.name = "name", .type = PARAM_TEXT, .max = 10},
    [PARAMS] = {.name = NULL},
};

static enum dum_status read_query(struct param_value *values, const char *query,
                                  struct dum_error *err)
{
	enum dum_status status;
	struct request req;

	status = request_init(&req, "GET", "/", "", "", err);
	assert_int_equal(status, DUM_OK);
	req.query = query;
	status = param_read(values, table, req.query, err);
	request_release(&req);
	return status;
}

static const struct {
	const char *query;
	const char *field;
} refused[] = {
    {"page=0", "page"},
    {"page=-1", "page"},
    {"page=-0", "page"},
    {"page=+1", "page"},
    {"page=%2B1", "page"},
    {"page=%201", "page"},
    {"page=1%20", "page"},
    {"page=1e3", "page"},
    {"page=1.0", "page"},
    {"page=0x10", "page"},
    {"page=010", "page"},
    {"page=1001", "page"},
    {"page=2147483648", "page"},
    {"page=9223372036854775808", "page"},
    {"page=99999999999999999999", "page"},
    {"page=", "page"},
    {"page", "page"},
    {"page=1&page=1", "page"},
    {"page=1&page=2", "page"},
    {"page=1&%70age=2", "page"},
    {"page=1;day=2", "page"},
    {"page=%D9%A1", "page"}, /* an Arabic one */
    {"page=1%00", "page"},
    {"page[]=1", "page[]"},
    {"Page=1", "Page"},
    {"pages=1", "pages"},
    {"role=admin", "role"},
    {"=1", ""},
    {"%00=1", ""},
    {"%zz=1", ""},
    {"day=2023-02-29", "day"},
    {"day=0000-00-00", "day"},
    {"day=10000-01-01", "day"},
    {"day=-1-01-01", "day"},
    {"day=2024-13-01", "day"},
    {"day=2024-02-30", "day"},
    {"day=2024-1-1", "day"},
    {"day=2024-01-01T00:00:00Z", "day"},
    {"day=", "day"},
    {"day=today", "day"},
    {"yes=1", "yes"},
    {"yes=True", "yes"},
    {"yes=", "yes"},
    {"format=xml", "format"},
    {"format=rows,columns", "format"},
    {"name=", "name"},
    {"name=12345678901", "name"},
    {"name=%", "name"},
    {"name=%4", "name"},
    {"name=%4g", "name"},
    {"name=%00", "name"},
    {"name=a%0d%0aSet-Cookie:x", "name"},
    {"name=%1b[1m", "name"},
    {"name=%7f", "name"},
    {"name=%c0%af", "name"},
    {"name=%ed%a0%80", "name"},
    {"name=%ff", "name"},
    {"name=%e2%80%ae", "name"}, /* turns the direction of a line */
};

static void what_is_wrong_is_refused_and_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct param_value values[PARAMS];
		struct dum_error err = {0};

		if (read_query(values, refused[i].query, &err) != DUM_EINVAL)
			fail_msg("%s is taken", refused[i].query);
		if (strcmp(err.field, refused[i].field) != 0)
			fail_msg("%s: the field is '%s'", refused[i].query,
			         err.field);
	}
}

static void what_is_right_becomes_a_value(void **state)
{
	struct param_value values[PARAMS];
	struct dum_error err = {0};

	(void)state;
	assert_ok(read_query(values,
	                     "name=%c3%a4+b%26c&page=1000&day=2024-02-29&&"
	                     "yes=true&format=columns&",
	                     &err),
	          &err);
	assert_int_equal(values[PAGE].number, 1000);
	assert_int_equal(values[DAY].date.day, 29);
	assert_int_equal(values[YES].number, 1);
	assert_int_equal(values[FORMAT].number, 1);
	assert_string_equal(values[NAME].text, "\xc3\xa4 b&c");
}

static void what_is_left_out_has_its_first_value(void **state)
{
	struct param_value values[PARAMS];
	struct dum_error err = {0};

	(void)state;
	assert_ok(read_query(values, "", &err), &err);
	assert_int_equal(values[PAGE].number, 1);
	assert_int_equal(values[DAY].date.year, 0);
	for (int i = 0; i < PARAMS; i++)
		assert_false(values[i].given);
}

static void a_value_ends_at_256_bytes(void **state)
{
	struct param_value values[PARAMS];
	struct dum_error err = {0};
	char query[300] = "name=";

	(void)state;
	memset(query + 5, 'a', 257);
	query[5 + 257] = '\0';
	assert_status(read_query(values, query, &err), DUM_EINVAL, &err);
	assert_string_equal(err.field, "name");
	assert_non_null(strstr(err.text, "256 bytes"));
}

static void a_path_and_a_query_have_limits(void **state)
{
	char uri[REQUEST_PATH_MAX + REQUEST_QUERY_MAX + 16];
	struct dum_error err = {0};
	struct request req;

	(void)state;
	memset(uri, 'a', sizeof(uri));
	uri[0] = '/';
	uri[REQUEST_PATH_MAX] = '\0';
	assert_ok(request_init(&req, "GET", uri, "", "", &err), &err);
	request_release(&req);
	uri[REQUEST_PATH_MAX] = 'a';
	uri[REQUEST_PATH_MAX + 1] = '\0';
	assert_status(request_init(&req, "GET", uri, "", "", &err), DUM_EINVAL,
	              &err);
	request_release(&req);
	error_clear(&err);
	uri[1] = '?';
	uri[REQUEST_PATH_MAX + 1] = 'a';
	uri[REQUEST_QUERY_MAX + 2] = '\0';
	assert_ok(request_init(&req, "GET", uri, "", "", &err), &err);
	request_release(&req);
	uri[REQUEST_QUERY_MAX + 2] = 'a';
	uri[REQUEST_QUERY_MAX + 3] = '\0';
	assert_status(request_init(&req, "GET", uri, "", "", &err), DUM_EINVAL,
	              &err);
	request_release(&req);
}

static void an_id_of_a_request_is_plain_or_ours(void **state)
{
	static const char *const bad[] = {
	    "",
	    "a b",
	    "a\nb",
	    "\"",
	    "\xc3\xa4",
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234"};
	struct dum_error err = {0};
	struct request req;

	(void)state;
	assert_ok(request_init(&req, "GET", "/", "", "Az0._-", &err), &err);
	assert_string_equal(req.id, "Az0._-");
	request_release(&req);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_ok(request_init(&req, "GET", "/", "", bad[i], &err),
		          &err);
		assert_int_equal(strlen(req.id), 32);
		assert_int_equal(strspn(req.id, "0123456789abcdef"), 32);
		request_release(&req);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_wrong_is_refused_and_named),
	    cmocka_unit_test(what_is_right_becomes_a_value),
	    cmocka_unit_test(what_is_left_out_has_its_first_value),
	    cmocka_unit_test(a_value_ends_at_256_bytes),
	    cmocka_unit_test(a_path_and_a_query_have_limits),
	    cmocka_unit_test(an_id_of_a_request_is_plain_or_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
