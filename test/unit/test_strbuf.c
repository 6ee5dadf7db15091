/*
 * Unit tests of base/strbuf.h: growth, limits and what is left after a failure.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

static void a_new_buffer_is_an_empty_string(void **state)
{
	struct strbuf sb = STRBUF_INIT, other;

	(void)state;
	strbuf_init(&other);
	assert_string_equal(sb.buf, "");
	assert_string_equal(other.buf, "");
	assert_int_equal(sb.len, 0);
	assert_true(strbuf_ok(&sb));
	strbuf_release(&sb);
	strbuf_release(&sb); /* twice is fine */
	strbuf_release(&other);
}

static void pieces_of_every_kind_follow_each_other(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	strbuf_adds(&sb, "ab");
	strbuf_addc(&sb, 'c');
	strbuf_addi(&sb, -7);
	strbuf_addf(&sb, "%s-%03d", "d", 5);
	strbuf_add(&sb, "\0x", 2);
	assert_memory_equal(sb.buf, "abc-7d-005\0x", 13);
	assert_int_equal(sb.len, 12);
	strbuf_release(&sb);
}

static void numbers_are_written_as_printf_does(void **state)
{
	static const int64_t numbers[] = {0,         1,
	                                  -1,        9,
	                                  10,        -10,
	                                  99,        100,
	                                  12345,     INT32_MAX,
	                                  INT32_MIN, INT64_MAX,
	                                  INT64_MIN, INT64_MIN + 1};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct strbuf sb = STRBUF_INIT;

		snprintf(text, sizeof(text), "%lld", (long long)numbers[i]);
		strbuf_addi(&sb, numbers[i]);
		assert_string_equal(sb.buf, text);
		strbuf_release(&sb);
	}
}

static void a_long_text_grows_without_losing_a_byte(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	for (int i = 0; i < 300000; i++)
		strbuf_addc(&sb, (char)('a' + i % 26));
	assert_true(strbuf_ok(&sb));
	assert_int_equal(sb.len, 300000);
	assert_int_equal(strlen(sb.buf), 300000);
	for (int i = 0; i < 300000; i++)
		if (sb.buf[i] != 'a' + i % 26)
			fail_msg("byte %d", i);
	strbuf_release(&sb);
}

static void the_limit_is_reached_but_not_passed(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	sb.limit = 5;
	strbuf_adds(&sb, "12345");
	assert_true(strbuf_ok(&sb));
	strbuf_addc(&sb, '6');
	assert_false(strbuf_ok(&sb));
	assert_string_equal(sb.buf, "12345");
	strbuf_release(&sb);
}

static void after_a_failure_nothing_more_is_taken(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	sb.limit = 4;
	strbuf_adds(&sb, "12");
	strbuf_adds(&sb, "long");
	strbuf_adds(&sb, "3"); /* it would fit, but there is a gap before it */
	strbuf_addi(&sb, 4);
	strbuf_addf(&sb, "%d", 5);
	assert_string_equal(sb.buf, "12");
	assert_false(strbuf_ok(&sb));
	assert_null(strbuf_detach(&sb));
	assert_string_equal(sb.buf, ""); /* and it is fit for use again */
	assert_true(strbuf_ok(&sb));
	strbuf_release(&sb);
}

static void more_than_memory_can_hold_is_a_failure_and_no_crash(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	strbuf_adds(&sb, "kept");
	assert_false(strbuf_reserve(&sb, SIZE_MAX));
	assert_false(strbuf_ok(&sb));
	assert_string_equal(sb.buf, "kept");
	strbuf_reset(&sb);
	assert_true(strbuf_ok(&sb));
	assert_false(strbuf_reserve(&sb, SIZE_MAX / 4 + 1));
	strbuf_release(&sb);
}

static void reset_keeps_the_memory_and_forgets_the_rest(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	size_t cap;

	(void)state;
	strbuf_addf(&sb, "%200d", 1);
	cap = sb.cap;
	strbuf_reset(&sb);
	assert_string_equal(sb.buf, "");
	assert_int_equal(sb.len, 0);
	assert_int_equal(sb.cap, cap);
	strbuf_reset(&(struct strbuf)STRBUF_INIT); /* the shared empty one */
	assert_int_equal(strbuf_empty[0], '\0');
	strbuf_release(&sb);
}

static void truncate_shortens_and_never_lengthens(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	strbuf_adds(&sb, "abcdef");
	strbuf_truncate(&sb, 10);
	assert_string_equal(sb.buf, "abcdef");
	strbuf_truncate(&sb, 6);
	assert_string_equal(sb.buf, "abcdef");
	strbuf_truncate(&sb, 2);
	assert_string_equal(sb.buf, "ab");
	strbuf_adds(&sb, "x");
	assert_string_equal(sb.buf, "abx");
	strbuf_release(&sb);
}

static void detach_hands_over_a_string_of_its_own(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	char *text, *empty;

	(void)state;
	strbuf_adds(&sb, "mine");
	text = strbuf_detach(&sb);
	assert_string_equal(sb.buf, "");
	strbuf_adds(&sb, "other");
	assert_string_equal(text, "mine");
	strbuf_release(&sb);
	empty = strbuf_detach(&sb); /* the empty one can be freed as well */
	assert_string_equal(empty, "");
	free(empty);
	free(text);
}

static void reserving_makes_room_for_exactly_what_was_asked(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2000; n += 7) {
		struct strbuf sb = STRBUF_INIT;
		char *before;

		strbuf_adds(&sb, "x");
		assert_true(strbuf_reserve(&sb, n));
		before = sb.buf;
		for (size_t i = 0; i < n; i++)
			strbuf_addc(&sb, 'y');
		assert_ptr_equal(sb.buf, before);
		strbuf_release(&sb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_buffer_is_an_empty_string),
	    cmocka_unit_test(pieces_of_every_kind_follow_each_other),
	    cmocka_unit_test(numbers_are_written_as_printf_does),
	    cmocka_unit_test(a_long_text_grows_without_losing_a_byte),
	    cmocka_unit_test(the_limit_is_reached_but_not_passed),
	    cmocka_unit_test(after_a_failure_nothing_more_is_taken),
	    cmocka_unit_test(
	        more_than_memory_can_hold_is_a_failure_and_no_crash),
	    cmocka_unit_test(reset_keeps_the_memory_and_forgets_the_rest),
	    cmocka_unit_test(truncate_shortens_and_never_lengthens),
	    cmocka_unit_test(detach_hands_over_a_string_of_its_own),
	    cmocka_unit_test(reserving_makes_room_for_exactly_what_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
