#include "base/utf8.h"

#include <stdint.h>

/* The least value that needs n bytes; anything below it is overlong. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

static uint32_t decode(const char *text, size_t len, size_t *used)
{
	const unsigned char *u = (const unsigned char *)text;
	uint32_t value;
	size_t n;

	*used = 0;
	if (u[0] < 0x80) {
		*used = 1;
		return u[0];
	}
	if (u[0] >= 0xc2 && u[0] <= 0xdf) {
		n = 2;
		value = u[0] & 0x1f;
	} else if ((u[0] & 0xf0) == 0xe0) {
		n = 3;
		value = u[0] & 0x0f;
	} else if (u[0] >= 0xf0 && u[0] <= 0xf4) {
		n = 4;
		value = u[0] & 0x07;
	} else {
		return 0;
	}
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (u[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*used = n;
	return value;
}

size_t utf8_sequence(const char *text, size_t len)
{
	size_t used;

	decode(text, len, &used);
	return used;
}

bool utf8_valid(const char *text, size_t len)
{
	for (size_t i = 0, used; i < len; i += used) {
		used = utf8_sequence(text + i, len - i);
		if (used == 0)
			return false;
	}
	return true;
}

static bool is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || /* C0, DEL, C1 */
	       c == 0x2028 || c == 0x2029 ||           /* line separators */
	       (c >= 0x202a && c <= 0x202e) ||         /* direction overrides */
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
	       c == 0x061c || c == 0xfeff;
}

size_t utf8_printable_sequence(const char *text, size_t len)
{
	size_t used;
	uint32_t c = decode(text, len, &used);

	return is_unfit(c) ? 0 : used;
}

bool utf8_printable(const char *text, size_t len)
{
	for (size_t i = 0, used; i < len; i += used) {
		used = utf8_printable_sequence(text + i, len - i);
		if (used == 0)
			return false;
	}
	return true;
}

size_t utf8_count(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* What Windows puts where Latin-1 has C1 control characters. */
static const uint16_t windows[32] = {
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
};

void utf8_add_latin1(struct strbuf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint32_t c = (unsigned char)text[i];

		if (c >= 0x80 && c <= 0x9f)
			c = windows[c - 0x80];
		if (c < 0x80) {
			strbuf_addc(out, (char)c);
		} else if (c < 0x800) {
			strbuf_addc(out, (char)(0xc0 | c >> 6));
			strbuf_addc(out, (char)(0x80 | (c & 0x3f)));
		} else {
			strbuf_addc(out, (char)(0xe0 | c >> 12));
			strbuf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
			strbuf_addc(out, (char)(0x80 | (c & 0x3f)));
		}
	}
}
