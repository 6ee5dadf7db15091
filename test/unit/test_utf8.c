/*
 * Unit tests of base/utf8.h. The reference encodes every character that there
 * is and asks whether a text of up to four bytes is one of them.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The one encoding of a character, or 0 bytes for what is none. */
static size_t encode(unsigned char out[static 4], uint32_t c)
{
	if (c >= 0xd800 && c <= 0xdfff)
		return 0;
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xc0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xe0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

static void each_character_there_is_has_its_length(void **state)
{
	unsigned char text[4];

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		size_t len = encode(text, c);

		if (len == 0)
			continue;
		if (utf8_sequence((const char *)text, len) != len)
			fail_msg("U+%04X", c);
		/* and none of its beginnings is a character */
		for (size_t cut = 1; cut < len; cut++)
			if (utf8_sequence((const char *)text, cut) != 0)
				fail_msg("U+%04X cut to %zu", c, cut);
	}
}

/* Of all texts of three bytes, as many are valid as there are encodings. */
static void no_other_three_bytes_are_valid(void **state)
{
	size_t valid[4] = {0};
	char text[3];

	(void)state;
	for (uint32_t n = 0; n < 1 << 24; n++) {
		text[0] = (char)(n >> 16);
		text[1] = (char)(n >> 8);
		text[2] = (char)n;
		valid[utf8_sequence(text, 3)]++;
	}
	assert_int_equal(valid[1], 128 * 65536);
	assert_int_equal(valid[2], (0x800 - 0x80) * 256);
	assert_int_equal(valid[3], 0x10000 - 0x800 - 0x800);
}

/* Of four bytes: every lead and second byte, some of the others. */
static void four_bytes_are_valid_up_to_the_last_plane(void **state)
{
	static const unsigned char tails[] = {0x00, 0x7f, 0x80,
	                                      0xbf, 0xc0, 0xff};
	unsigned char text[4], wanted[4];

	(void)state;
	for (uint32_t n = 0xf000; n <= 0xffff; n++)
		for (size_t i = 0; i < sizeof(tails); i++)
			for (size_t j = 0; j < sizeof(tails); j++) {
				uint32_t c;
				bool good;

				text[0] = (unsigned char)(n >> 8);
				text[1] = (unsigned char)n;
				text[2] = tails[i];
				text[3] = tails[j];
				c = (uint32_t)(text[0] & 7) << 18 |
				    (uint32_t)(text[1] & 0x3f) << 12 |
				    (uint32_t)(text[2] & 0x3f) << 6 |
				    (text[3] & 0x3f);
				good = c <= 0x10ffff &&
				       encode(wanted, c) == 4 &&
				       memcmp(text, wanted, 4) == 0;
				assert_int_equal(
				    utf8_sequence((const char *)text, 4),
				    good ? 4 : 0);
			}
}

static const struct {
	const char *text;
	bool valid, printable;
	size_t count;
} texts[] = {
    {"", true, true, 0},
    {"plain", true, true, 5},
    {"Caf\xc3\xa9", true, true, 4},
    {"\xe6\x97\xa5\xe6\x9c\xac", true, true, 2},
    {"\xf0\x9f\x98\x80!", true, true, 2},
    {"a\tb", true, false, 3},
    {"a\nb", true, false, 3},
    {"\x7f", true, false, 1},
    {"\xc2\x85", true, false, 1},     /* next line, of C1 */
    {"\xc2\xa0", true, true, 1},      /* no-break space */
    {"\xe2\x80\xa8", true, false, 1}, /* line separator */
    {"\xe2\x80\xae", true, false, 1}, /* right-to-left override */
    {"\xe2\x81\xa6", true, false, 1}, /* left-to-right isolate */
    {"\xef\xbb\xbf"
     "a",
     true, false, 2}, /* byte order mark */
    {"caf\xe9", false, false, 0},
    {"\xc0\xaf", false, false, 0},
    {"\xed\xa0\x80", false, false, 0},
    {"\xf4\x90\x80\x80", false, false, 0},
    {"\xc3", false, false, 0},
};

static void whole_texts_are_valid_and_printable_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = texts[i].text;
		size_t len = strlen(text);

		if (utf8_valid(text, len) != texts[i].valid ||
		    utf8_printable(text, len) != texts[i].printable)
			fail_msg("text %zu: '%s'", i, text);
		if (texts[i].valid)
			assert_int_equal(utf8_count(text, len), texts[i].count);
	}
	assert_false(utf8_printable("a\0b", 3));
}

static void latin_1_becomes_utf8_with_the_signs_of_windows(void **state)
{
	struct strbuf out = STRBUF_INIT;
	char all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	utf8_add_latin1(&out, all, sizeof(all));
	assert_true(utf8_valid(out.buf, out.len));
	assert_int_equal(utf8_count(out.buf, out.len), 256);
	assert_memory_equal(out.buf, all, 128);
	strbuf_reset(&out);
	utf8_add_latin1(&out, "Z\xfcrich \x80 5 \x96 6", 14);
	assert_string_equal(out.buf,
	                    "Z\xc3\xbcrich \xe2\x82\xac 5 \xe2\x80\x93 6");
	strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_character_there_is_has_its_length),
	    cmocka_unit_test(no_other_three_bytes_are_valid),
	    cmocka_unit_test(four_bytes_are_valid_up_to_the_last_plane),
	    cmocka_unit_test(whole_texts_are_valid_and_printable_or_not),
	    cmocka_unit_test(latin_1_becomes_utf8_with_the_signs_of_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
