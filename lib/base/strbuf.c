#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an empty buffer points at, so that buf is always a string. */
char strbuf_empty[1];

void strbuf_init(struct strbuf *sb)
{
	*sb = (struct strbuf)STRBUF_INIT;
}

void strbuf_release(struct strbuf *sb)
{
	if (sb->cap > 0)
		free(sb->buf);
	strbuf_init(sb);
}

void strbuf_reset(struct strbuf *sb)
{
	sb->failed = false;
	strbuf_truncate(sb, 0);
}

void strbuf_truncate(struct strbuf *sb, size_t len)
{
	if (len < sb->len) {
		sb->len = len;
		sb->buf[len] = '\0';
	}
}

/* n more bytes fit as it is. */
static bool has_room(const struct strbuf *sb, size_t n)
{
	return n < sb->cap - sb->len && !sb->failed &&
	       (sb->limit == 0 || n <= sb->limit - sb->len);
}

bool strbuf_reserve(struct strbuf *sb, size_t n)
{
	size_t want, cap;
	char *grown;

	if (sb->failed)
		return false;
	if (n > SIZE_MAX / 4 - sb->len ||
	    (sb->limit > 0 && sb->len + n > sb->limit)) {
		sb->failed = true;
		return false;
	}
	want = sb->len + n + 1;
	if (want <= sb->cap)
		return true;
	cap = sb->cap < 64 ? 64 : sb->cap;
	while (cap < want)
		cap += cap / 2 + 1;
	grown = realloc(sb->cap > 0 ? sb->buf : NULL, cap);
	if (grown == NULL) {
		sb->failed = true;
		return false;
	}
	if (sb->cap == 0)
		grown[0] = '\0';
	sb->buf = grown;
	sb->cap = cap;
	return true;
}

void strbuf_add(struct strbuf *sb, const void *data, size_t len)
{
	if (len == 0 || (!has_room(sb, len) && !strbuf_reserve(sb, len)))
		return;
	memcpy(sb->buf + sb->len, data, len);
	sb->len += len;
	sb->buf[sb->len] = '\0';
}

void strbuf_adds(struct strbuf *sb, const char *text)
{
	strbuf_add(sb, text, strlen(text));
}

void strbuf_addc(struct strbuf *sb, char c)
{
	if (!has_room(sb, 1) && !strbuf_reserve(sb, 1))
		return;
	sb->buf[sb->len++] = c;
	sb->buf[sb->len] = '\0';
}

/* Written out by hand: answers and journal entries hold millions of numbers. */
void strbuf_addi(struct strbuf *sb, int64_t n)
{
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (n < 0)
		digits[--at] = '-';
	strbuf_add(sb, digits + at, sizeof(digits) - at);
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list args;
	int need;

	va_start(args, fmt);
	need = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (need < 0) {
		sb->failed = true;
		return;
	}
	if (!strbuf_reserve(sb, (size_t)need))
		return;
	va_start(args, fmt);
	vsnprintf(sb->buf + sb->len, (size_t)need + 1, fmt, args);
	va_end(args);
	sb->len += (size_t)need;
}

bool strbuf_ok(const struct strbuf *sb)
{
	return !sb->failed;
}

char *strbuf_detach(struct strbuf *sb)
{
	char *text = NULL;

	if (!sb->failed && strbuf_reserve(sb, 0)) {
		text = sb->buf;
		sb->cap = 0;
	}
	strbuf_release(sb);
	return text;
}
