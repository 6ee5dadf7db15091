/* Handler tests of body.h and member.h: what a JSON body may be. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

enum { LINE, SECRET, YES, COUNT, ID, IDS, ONE, SOME, DAY, AT, GB, MEMBERS };

static const struct member table[] = {
    [LINE] = {.name = "line", .type = MEMBER_TEXT, .min = 1, .max = 5},
    [SECRET] = {.name = "secret", .type = MEMBER_SECRET, .min = 1, .max = 5},
    [YES] = {.name = "yes", .type = MEMBER_BOOL},
    [COUNT] = {.name = "count", .type = MEMBER_INT, .min = -3, .max = 3},
    [ID] = {.name = "id", .type = MEMBER_ID},
    [IDS] = {.name = "ids",
             .type = MEMBER_IDS,
             .nullable = true,
             .min = 1,
             .max = 3},
    [ONE] = {.name = "one", .type = MEMBER_CHOICE, .choices = colours},
    [SOME] = {.name = "some", .type = MEMBER_CHOICES, .choices = colours},
    [DAY] = {.name = "day", .type = MEMBER_DATE},
    [AT] = {.name = "at", .type = MEMBER_TIME},
    [GB] = {.name = "gb", .type = MEMBER_GB, .max = 1000000},
    [MEMBERS] = {.name = NULL},
};

/* Read a body; the request is released by the caller. */
static enum dum_status read_body(struct member_value *values,
                                 struct request *req, const char *text,
                                 size_t len, struct dum_error *err)
{
	enum dum_status status;

	status = request_init(req, "POST", "/", "", "", err);
	assert_int_equal(status, DUM_OK);
	strbuf_add(&req->body, text, len);
	return body_read(values, table, req, err);
}

static const struct {
	const char *why;
	const char *body;
	const char *field;
} refused[] = {
    {"nothing", "", ""},
    {"no JSON", "hello", ""},
    {"a list", "[]", ""},
    {"a text", "\"line\"", ""},
    {"a number", "1", ""},
    {"null", "null", ""},
    {"text behind it", "{} {}", ""},
    {"a byte order mark", "\xef\xbb\xbf{}", ""},
    {"cut off", "{\"line\":\"a\"", ""},
    {"a comma too much", "{\"count\":1,}", ""},
    {"not a number", "{\"gb\":NaN}", ""},
    {"endless", "{\"gb\":Infinity}", ""},
    {"past every double", "{\"gb\":1e999}", ""},
    {"past 64 bits", "{\"id\":9223372036854775808}", ""},
    {"hexadecimal", "{\"count\":0x1}", ""},
    {"a zero in front", "{\"count\":01}", ""},
    {"a plus", "{\"count\":+1}", ""},
    {"a lone surrogate", "{\"line\":\"\\ud800\"}", ""},
    {"a NUL", "{\"line\":\"a\\u0000b\"}", ""},
    {"an overlong slash", "{\"line\":\"\xc0\xaf\"}", ""},
    {"half a character", "{\"line\":\"\xe2\x82\"}", ""},
    {"a raw line feed", "{\"line\":\"a\nb\"}", ""},
    {"a member twice", "{\"line\":\"a\",\"line\":\"b\"}", "line"},
    {"an unknown member", "{\"role\":\"admin\"}", "role"},
    {"another case of a name", "{\"Line\":\"a\"}", "Line"},
    {"an empty name", "{\"\":1}", ""},
    {"an empty line", "{\"line\":\"\"}", "line"},
    {"a line too long", "{\"line\":\"abcdef\"}", "line"},
    {"a line of two", "{\"line\":\"a\\nb\"}", "line"},
    {"an escape", "{\"line\":\"\\u001b[1\"}", "line"},
    {"a character that turns the line", "{\"line\":\"a\\u202eb\"}", "line"},
    {"a number for a text", "{\"line\":1}", "line"},
    {"null for a text", "{\"line\":null}", "line"},
    {"a list for a secret", "{\"secret\":[]}", "secret"},
    {"a secret too long", "{\"secret\":\"abcdef\"}", "secret"},
    {"1 for true", "{\"yes\":1}", "yes"},
    {"a text for true", "{\"yes\":\"true\"}", "yes"},
    {"a count with a point", "{\"count\":1.0}", "count"},
    {"a count with an exponent", "{\"count\":1e0}", "count"},
    {"a count too low", "{\"count\":-4}", "count"},
    {"a count too high", "{\"count\":4}", "count"},
    {"an id as a text", "{\"id\":\"1\"}", "id"},
    {"id 0", "{\"id\":0}", "id"},
    {"id -0", "{\"id\":-0}", "id"},
    {"a negative id", "{\"id\":-1}", "id"},
    {"true for an id", "{\"id\":true}", "id"},
    {"no ids", "{\"ids\":[]}", "ids"},
    {"too many ids", "{\"ids\":[1,2,3,4]}", "ids"},
    {"an id twice", "{\"ids\":[1,2,1]}", "ids"},
    {"a text among ids", "{\"ids\":[1,\"2\"]}", "ids"},
    {"an id for ids", "{\"ids\":1}", "ids"},
    {"another choice", "{\"one\":\"pink\"}", "one"},
    {"another case of a choice", "{\"one\":\"Red\"}", "one"},
    {"the place of a choice", "{\"one\":0}", "one"},
    {"no choices", "{\"some\":[]}", "some"},
    {"a choice twice", "{\"some\":[\"red\",\"red\"]}", "some"},
    {"a choice outside of a list", "{\"some\":\"red\"}", "some"},
    {"a day that is none", "{\"day\":\"2023-02-29\"}", "day"},
    {"day and month zero", "{\"day\":\"2024-00-00\"}", "day"},
    {"month 13", "{\"day\":\"2024-13-01\"}", "day"},
    {"the year 10000", "{\"day\":\"10000-01-01\"}", "day"},
    {"a day before 1970", "{\"day\":\"1969-12-31\"}", "day"},
    {"a negative year", "{\"day\":\"-1-01-01\"}", "day"},
    {"a day with a blank", "{\"day\":\"2024-01-01 \"}", "day"},
    {"a day of 1 digit", "{\"day\":\"2024-1-1\"}", "day"},
    {"an empty day", "{\"day\":\"\"}", "day"},
    {"a day as a number", "{\"day\":20240101}", "day"},
    {"a time without its Z", "{\"at\":\"2024-01-01T00:00:00\"}", "at"},
    {"a time of another zone", "{\"at\":\"2024-01-01T00:00:00+1\"}", "at"},
    {"hour 24", "{\"at\":\"2024-01-01T24:00:00Z\"}", "at"},
    {"minute 60", "{\"at\":\"2024-01-01T00:60:00Z\"}", "at"},
    {"second 60", "{\"at\":\"2024-01-01T00:00:60Z\"}", "at"},
    {"a time in words", "{\"at\":\"tomorrow\"}", "at"},
    {"a time in seconds", "{\"at\":1795528800}", "at"},
    {"null for a time", "{\"at\":null}", "at"},
    {"a negative amount", "{\"gb\":-0.5}", "gb"},
    {"an amount past the limit", "{\"gb\":1000000.001}", "gb"},
    {"an amount as a text", "{\"gb\":\"1\"}", "gb"},
    {"null for an amount", "{\"gb\":null}", "gb"},
};

static void what_is_wrong_is_refused_and_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct member_value values[MEMBERS];
		struct dum_error err = {0};
		struct request req;
		enum dum_status status;

		status = read_body(values, &req, refused[i].body,
		                   strlen(refused[i].body), &err);
		request_release(&req);
		if (status != DUM_EINVAL)
			fail_msg("%s is taken", refused[i].why);
		if (strcmp(err.field, refused[i].field) != 0)
			fail_msg("%s: the field is '%s'", refused[i].why,
			         err.field);
	}
}

static void what_is_right_becomes_a_value(void **state)
{
	static const char body[] =
	    "{\"line\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 z\","
	    "\"secret\":\"a\\n\\t\\\\\\\"\",\"yes\":true,\"count\":-3,"
	    "\"id\":9223372036854775807,\"ids\":[3,1,2],\"one\":\"blue\","
	    "\"some\":[\"blue\",\"red\"],\"day\":\"2024-02-29\","
	    "\"at\":\"2026-11-24T14:00:00Z\",\"gb\":1.5}";
	struct member_value values[MEMBERS];
	struct dum_error err = {0};
	struct request req;

	(void)state;
	assert_ok(read_body(values, &req, body, sizeof(body) - 1, &err), &err);
	for (int i = 0; i < MEMBERS; i++)
		assert_true(values[i].given && !values[i].is_null);
	assert_string_equal(values[LINE].text,
	                    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 z");
	assert_string_equal(values[SECRET].text, "a\n\t\\\"");
	assert_int_equal(values[YES].number, 1);
	assert_int_equal(values[COUNT].number, -3);
	assert_true(values[ID].number == INT64_MAX);
	assert_int_equal(values[IDS].id_count, 3);
	assert_int_equal(values[IDS].ids[0], 3);
	assert_int_equal(values[IDS].ids[2], 2);
	assert_int_equal(values[ONE].number, 2);
	assert_int_equal(values[SOME].number, 1 << 0 | 1 << 2);
	assert_int_equal(values[DAY].date.month, 2);
	assert_int_equal(values[DAY].date.day, 29);
	assert_int_equal(values[AT].number, 1795528800);
	assert_int_equal(values[GB].number, 1500000000);
	request_release(&req);
}

static void what_is_left_out_is_not_given(void **state)
{
	struct member_value values[MEMBERS];
	struct dum_error err = {0};
	struct request req;

	(void)state;
	assert_ok(read_body(values, &req, "{\"ids\":null}", 12, &err), &err);
	for (int i = 0; i < MEMBERS; i++)
		assert_int_equal(values[i].given, i == IDS);
	assert_true(values[IDS].is_null);
	request_release(&req);
}

static void a_byte_0_does_not_end_a_body(void **state)
{
	static const char body[] = "{\"yes\":true}\0}";
	struct member_value values[MEMBERS];
	struct dum_error err = {0};
	struct request req;

	(void)state;
	assert_status(read_body(values, &req, body, sizeof(body) - 1, &err),
	              DUM_EINVAL, &err);
	request_release(&req);
}

/* {"line":[[...]]}, depth brackets in all. */
static enum dum_status read_nested(int depth, char bracket,
                                   struct dum_error *err)
{
	struct member_value values[MEMBERS];
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;
	struct request req;

	strbuf_adds(&text, "{\"line\":");
	for (int i = 1; i < depth; i++)
		strbuf_adds(&text, bracket == '[' ? "[" : "{\"a\":");
	strbuf_adds(&text, "1");
	for (int i = 1; i < depth; i++)
		strbuf_addc(&text, bracket == '[' ? ']' : '}');
	strbuf_addc(&text, '}');
	status = read_body(values, &req, text.buf, text.len, err);
	request_release(&req);
	strbuf_release(&text);
	return status;
}

static void nesting_ends_at_32(void **state)
{
	(void)state;
	for (const char *bracket = "[{"; *bracket != '\0'; bracket++) {
		struct dum_error err = {0};

		/* Deep enough to be read, and still no text. */
		assert_status(read_nested(32, *bracket, &err), DUM_EINVAL,
		              &err);
		assert_string_equal(err.field, "line");
		error_clear(&err);
		assert_status(read_nested(33, *bracket, &err), DUM_EINVAL,
		              &err);
		assert_non_null(strstr(err.text, "deeper than 32"));
		error_clear(&err);
		assert_status(read_nested(8000, *bracket, &err), DUM_EINVAL,
		              &err);
		assert_non_null(strstr(err.text, "deeper than 32"));
	}
}

static void brackets_in_a_text_are_no_nesting(void **state)
{
	static const char body[] = "{\"secret\":\"[[[[[\",\"line\":\"\\\"{[\"}";
	struct member_value values[MEMBERS];
	struct dum_error err = {0};
	struct request req;

	(void)state;
	assert_ok(read_body(values, &req, body, sizeof(body) - 1, &err), &err);
	request_release(&req);
}

static void an_error_does_not_repeat_what_may_be_a_password(void **state)
{
	static const char body[] = "{\"secret\": hunter2hunter2}";
	struct member_value values[MEMBERS];
	struct dum_error err = {0};
	struct request req;

	(void)state;
	assert_status(read_body(values, &req, body, sizeof(body) - 1, &err),
	              DUM_EINVAL, &err);
	assert_null(strstr(err.text, "hunter"));
	request_release(&req);
}

/* Bytes of an amount that was written so. */
static int64_t read_amount(const char *text)
{
	struct member_value values[MEMBERS];
	struct dum_error err = {0};
	struct request req;
	char body[80];
	int64_t bytes;

	snprintf(body, sizeof(body), "{\"gb\":%s}", text);
	assert_ok(read_body(values, &req, body, strlen(body), &err), &err);
	bytes = values[GB].number;
	request_release(&req);
	return bytes;
}

/* The reference is whole numbers alone: bytes to text by division. */
static void check_amount(int64_t bytes)
{
	char text[40];
	int64_t got;

	snprintf(text, sizeof(text), "%lld.%09lld",
	         (long long)(bytes / 1000000000),
	         (long long)(bytes % 1000000000));
	got = read_amount(text);
	if (got != bytes)
		fail_msg("%s became %lld", text, (long long)got);
}

static void amounts_of_9_decimals_are_exact(void **state)
{
	const int64_t most = INT64_C(1000000000000000);
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (int64_t bytes = 1; bytes <= most; bytes *= 10)
		for (int64_t off = -3; off <= 3; off++)
			if (bytes + off >= 0 && bytes + off <= most)
				check_amount(bytes + off);
	/* Between two powers of two the doubles lie farthest apart at the
	 * upper one. */
	for (int shift = 0; shift < 50; shift++)
		for (int64_t off = -2; off <= 2; off++)
			if ((INT64_C(1) << shift) + off >= 0)
				check_amount((INT64_C(1) << shift) + off);
	for (int64_t off = 0; off < 20000; off++)
		check_amount(most - off);
	for (int i = 0; i < 100000; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		check_amount((int64_t)(seed % (uint64_t)(most + 1)));
	}
}

static void an_amount_may_be_written_in_any_way_of_json(void **state)
{
	(void)state;
	assert_int_equal(read_amount("9.9"), 9900000000);
	assert_int_equal(read_amount("99e-1"), 9900000000);
	assert_int_equal(read_amount("9.90E0"), 9900000000);
	assert_int_equal(read_amount("10"), 10000000000);
	assert_int_equal(read_amount("0.000000001"), 1);
	assert_int_equal(read_amount("1e-9"), 1);
	assert_int_equal(read_amount("0"), 0);
	assert_int_equal(read_amount("-0"), 0);
	assert_int_equal(read_amount("-0.0"), 0);
	assert_true(read_amount("1000000") == INT64_C(1000000000000000));
	assert_true(read_amount("1e6") == INT64_C(1000000000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_wrong_is_refused_and_named),
	    cmocka_unit_test(what_is_right_becomes_a_value),
	    cmocka_unit_test(what_is_left_out_is_not_given),
	    cmocka_unit_test(a_byte_0_does_not_end_a_body),
	    cmocka_unit_test(nesting_ends_at_32),
	    cmocka_unit_test(brackets_in_a_text_are_no_nesting),
	    cmocka_unit_test(an_error_does_not_repeat_what_may_be_a_password),
	    cmocka_unit_test(amounts_of_9_decimals_are_exact),
	    cmocka_unit_test(an_amount_may_be_written_in_any_way_of_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
