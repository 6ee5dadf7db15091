/* Unit tests of ops/anchor.h: lines that say where the journal ended. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/anchor.h"
#include "tempdir.h"

#define MAC  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define LINE "2026-11-24T10:00:00Z id=42 mac=" MAC " key=0123456789abcdef"

static void what_is_written_is_read_again(void **state)
{
	struct anchor a, b;
	char text[ANCHOR_TEXT_MAX];

	(void)state;
	assert_true(anchor_parse(&a, LINE, strlen(LINE)));
	assert_int_equal(a.id, 42);
	assert_string_equal(a.at, "2026-11-24T10:00:00Z");
	assert_string_equal(a.key_id, "0123456789abcdef");
	assert_int_equal(a.mac[1], 0x11);
	assert_int_equal(a.mac[31], 0xff);
	a.id = INT64_MAX;
	anchor_format(text, &a);
	assert_true(anchor_parse(&b, text, strlen(text)));
	assert_memory_equal(&a, &b, sizeof(a));
}

static void what_is_no_anchor_is_none(void **state)
{
	static const char *const texts[] = {
	    "",
	    " ",
	    "hello",
	    LINE " ",
	    " " LINE,
	    LINE " more",
	    "2026-11-24T10:00:00Z id=0 mac=" MAC " key=0123456789abcdef",
	    "2026-11-24T10:00:00Z id=-1 mac=" MAC " key=0123456789abcdef",
	    "2026-11-24T10:00:00Z id=042 mac=" MAC " key=0123456789abcdef",
	    "2026-11-24T10:00:00Z id=+42 mac=" MAC " key=0123456789abcdef",
	    "2026-11-24T10:00:00Z id=42 mac=0011 key=0123456789abcdef",
	    "2026-11-24T10:00:00Z id=42 mac=" MAC,
	    "2026-11-24T10:00:00Z id=42 mac=" MAC "00 key=0123456789abcdef",
	    "2026-11-24T10:00:00Z  id=42 mac=" MAC " key=0123456789abcdef",
	    "2026-11-24T10:00:00Z id=99999999999999999999 mac=" MAC
	    " key=0123456789abcdef",
	};
	struct anchor a = {.id = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (anchor_parse(&a, texts[i], strlen(texts[i])))
			fail_msg("taken for an anchor: '%s'", texts[i]);
	assert_int_equal(a.id, 7); /* out is untouched */
}

struct seen {
	int lines, bad, last_bad;
	int64_t ids[8];
};

static enum dum_status note(void *arg, int line, const struct anchor *anchor,
                            struct dum_error *err)
{
	struct seen *seen = arg;

	(void)err;
	seen->lines++;
	if (anchor == NULL) {
		seen->bad++;
		seen->last_bad = line;
	} else if (anchor->id < 8) {
		seen->ids[anchor->id]++;
	}
	return DUM_OK;
}

static void lines_are_added_and_read_in_order(void **state)
{
	const char *path = tempdir_path(state, "anchors");
	struct dum_error err = {0};
	struct seen seen = {0};
	struct anchor a;
	struct stat st;

	assert_true(anchor_parse(&a, LINE, strlen(LINE)));
	assert_status(anchor_each(path, note, &seen, &err), DUM_ENOTFOUND,
	              &err);
	error_clear(&err);
	for (a.id = 1; a.id <= 3; a.id++)
		assert_ok(anchor_append(path, &a, &err), &err);
	assert_ok(anchor_each(path, note, &seen, &err), &err);
	assert_int_equal(seen.lines, 3);
	assert_int_equal(seen.bad, 0);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(seen.ids[i], 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0007, 0);
}

static void a_torn_line_does_not_swallow_the_next(void **state)
{
	const char *path = tempdir_path(state, "anchors");
	struct dum_error err = {0};
	struct seen seen = {0};
	struct anchor a;

	assert_true(anchor_parse(&a, LINE, strlen(LINE)));
	tempdir_write(path, LINE "\n2026-11-24T10:00:00Z id=4");
	a.id = 5;
	assert_ok(anchor_append(path, &a, &err), &err);
	assert_ok(anchor_each(path, note, &seen, &err), &err);
	assert_int_equal(seen.lines, 3);
	assert_int_equal(seen.bad, 1);
	assert_int_equal(seen.last_bad, 2);
	assert_int_equal(seen.ids[5], 1);
}

static void a_link_in_place_of_the_file_is_not_followed(void **state)
{
	const char *path = tempdir_path(state, "anchors");
	const char *other = tempdir_path(state, "other");
	struct dum_error err = {0};
	struct anchor a;
	char *text;

	assert_true(anchor_parse(&a, LINE, strlen(LINE)));
	tempdir_write(other, "mine\n");
	assert_int_equal(symlink(other, path), 0);
	assert_status(anchor_append(path, &a, &err), DUM_ESYS, &err);
	text = tempdir_read(other);
	assert_string_equal(text, "mine\n");
	free(text);
}

static enum dum_status stop(void *arg, int line, const struct anchor *anchor,
                            struct dum_error *err)
{
	(void)arg;
	(void)anchor;
	return line == 2 ? error_set(err, DUM_EDAMAGED, "line %d", line)
	                 : DUM_OK;
}

static void the_callers_error_ends_it(void **state)
{
	const char *path = tempdir_path(state, "anchors");
	struct dum_error err = {0};

	tempdir_write(path, "\nx\n" LINE "\n");
	assert_status(anchor_each(path, stop, NULL, &err), DUM_EDAMAGED, &err);
	assert_string_equal(err.text, "line 2");
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, tempdir_setup, tempdir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(what_is_no_anchor_is_none),
	    TEST(lines_are_added_and_read_in_order),
	    TEST(a_torn_line_does_not_swallow_the_next),
	    TEST(a_link_in_place_of_the_file_is_not_followed),
	    TEST(the_callers_error_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
