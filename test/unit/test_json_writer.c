/* Unit tests of base/json_writer.h: what is written, jansson reads back. */
#include "fixture.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/utf8.h"

static json_t *parsed(const struct strbuf *text)
{
	json_error_t error;
	json_t *tree = json_loadb(
	    text->buf, text->len,
	    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (tree == NULL)
		fail_msg("%s: %s", text->buf, error.text);
	return tree;
}

static void values_and_commas_stand_where_they_belong(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	(void)state;
	jsonw_object_begin(&w);
	jsonw_key(&w, "empty");
	jsonw_object_begin(&w);
	jsonw_object_end(&w);
	jsonw_key(&w, "list");
	jsonw_array_begin(&w);
	jsonw_array_begin(&w);
	jsonw_array_end(&w);
	jsonw_int(&w, 1);
	jsonw_null(&w);
	jsonw_object_begin(&w);
	jsonw_member_bool(&w, "b", true);
	jsonw_object_end(&w);
	jsonw_string(&w, "x");
	jsonw_array_end(&w);
	jsonw_member_int(&w, "n", INT64_MIN);
	jsonw_member_string(&w, "s", "");
	jsonw_member_null(&w, "none");
	jsonw_member_bool(&w, "no", false);
	jsonw_key(&w, "raw");
	jsonw_raw(&w, "[2]", 3);
	jsonw_object_end(&w);
	assert_string_equal(
	    sb.buf, "{\"empty\":{},\"list\":[[],1,null,{\"b\":true},\"x\"],"
	            "\"n\":-9223372036854775808,\"s\":\"\",\"none\":null,"
	            "\"no\":false,\"raw\":[2]}");
	json_decref(parsed(&sb));
	strbuf_release(&sb);
}

static void amounts_are_numbers_of_gigabytes_to_the_byte(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};
	struct byte_sum sum = {0, 0};

	(void)state;
	byte_sum_add(&sum, INT64_MAX, 1);
	jsonw_object_begin(&w);
	jsonw_member_gb(&w, "a", INT64_C(9900000000));
	jsonw_member_gb(&w, "b", 0);
	jsonw_member_gb(&w, "c", 1);
	jsonw_member_gb(&w, "d", INT64_MAX);
	jsonw_member_sum_gb(&w, "e", &sum);
	jsonw_object_end(&w);
	assert_string_equal(sb.buf, "{\"a\":9.9,\"b\":0,\"c\":0.000000001,"
	                            "\"d\":9223372036.854775807,"
	                            "\"e\":9223372036854775807.000000001}");
	strbuf_release(&sb);
}

/* Written as an array of one string and read back by jansson. */
static void assert_string_survives(const char *text, size_t len)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};
	const json_t *string;
	json_t *tree;

	jsonw_array_begin(&w);
	jsonw_string_n(&w, text, len);
	jsonw_array_end(&w);
	tree = parsed(&sb);
	string = json_array_get(tree, 0);
	assert_int_equal(json_string_length(string), len);
	assert_memory_equal(json_string_value(string), text, len);
	json_decref(tree);
	strbuf_release(&sb);
}

static void every_byte_below_128_survives(void **state)
{
	char all[128];

	(void)state;
	for (int i = 0; i < 128; i++) {
		all[i] = (char)i;
		assert_string_survives(all + i, 1);
	}
	assert_string_survives(all, sizeof(all));
	assert_string_survives("", 0);
}

static void characters_of_every_length_survive(void **state)
{
	const char *text =
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"\\\xef\xbf\xbf"
	    "\xf4\x8f\xbf\xbf\xe2\x80\xa8";

	(void)state;
	assert_string_survives(text, strlen(text));
}

static void no_control_character_stands_bare_in_the_text(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	(void)state;
	jsonw_string(&w, "a\n\t\r\x01\x1f\x7f\"\\/b");
	assert_string_equal(
	    sb.buf, "\"a\\n\\t\\u000d\\u0001\\u001f\\u007f\\\"\\\\/b\"");
	strbuf_release(&sb);
}

static const struct {
	const char *text, *json;
} broken[] = {
    {"caf\xe9", "\"caf\xef\xbf\xbd\""},
    {"\xe9t\xe9", "\"\xef\xbf\xbdt\xef\xbf\xbd\""},
    {"\xc3", "\"\xef\xbf\xbd\""},
    {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xff\"", "\"\xef\xbf\xbd\\\"\""},
};

static void bytes_that_are_no_utf8_become_the_sign_for_that(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct strbuf sb = STRBUF_INIT;
		struct json_writer w = {.out = &sb};

		jsonw_string(&w, broken[i].text);
		assert_string_equal(sb.buf, broken[i].json);
		strbuf_release(&sb);
	}
}

static void random_bytes_always_give_json_that_parses(void **state)
{
	(void)state;
	srandom(5);
	for (int round = 0; round < 20000; round++) {
		struct strbuf sb = STRBUF_INIT;
		struct json_writer w = {.out = &sb};
		char text[24];
		size_t len = (size_t)random() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = (char)random();
		jsonw_string_n(&w, text, len);
		assert_true(utf8_valid(sb.buf, sb.len));
		json_decref(parsed(&sb));
		strbuf_release(&sb);
	}
}

static void a_text_past_the_limit_is_marked(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w = {.out = &sb};

	(void)state;
	sb.limit = 16;
	jsonw_array_begin(&w);
	for (int i = 0; i < 10; i++)
		jsonw_string(&w, "abc");
	jsonw_array_end(&w);
	assert_false(strbuf_ok(&sb));
	assert_in_range(sb.len, 0, 16);
	strbuf_release(&sb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_and_commas_stand_where_they_belong),
	    cmocka_unit_test(amounts_are_numbers_of_gigabytes_to_the_byte),
	    cmocka_unit_test(every_byte_below_128_survives),
	    cmocka_unit_test(characters_of_every_length_survive),
	    cmocka_unit_test(no_control_character_stands_bare_in_the_text),
	    cmocka_unit_test(bytes_that_are_no_utf8_become_the_sign_for_that),
	    cmocka_unit_test(random_bytes_always_give_json_that_parses),
	    cmocka_unit_test(a_text_past_the_limit_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
