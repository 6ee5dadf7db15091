#include "base/json_writer.h"

#include <string.h>

#include "base/utf8.h"

static void before_value(struct json_writer *w)
{
	if (w->comma)
		strbuf_addc(w->out, ',');
	w->comma = true;
}

static void open_with(struct json_writer *w, char c)
{
	before_value(w);
	strbuf_addc(w->out, c);
	w->comma = false;
}

static void close_with(struct json_writer *w, char c)
{
	strbuf_addc(w->out, c);
	w->comma = true;
}

void json_object_begin(struct json_writer *w)
{
	open_with(w, '{');
}

void json_object_end(struct json_writer *w)
{
	close_with(w, '}');
}

void json_array_begin(struct json_writer *w)
{
	open_with(w, '[');
}

void json_array_end(struct json_writer *w)
{
	close_with(w, ']');
}

void json_key(struct json_writer *w, const char *name)
{
	before_value(w);
	strbuf_addc(w->out, '"');
	strbuf_adds(w->out, name);
	strbuf_add(w->out, "\":", 2);
	w->comma = false;
}

static void add_escape(struct strbuf *out, unsigned char c)
{
	switch (c) {
	case '"':
		strbuf_add(out, "\\\"", 2);
		break;
	case '\\':
		strbuf_add(out, "\\\\", 2);
		break;
	case '\n':
		strbuf_add(out, "\\n", 2);
		break;
	case '\t':
		strbuf_add(out, "\\t", 2);
		break;
	default:
		strbuf_addf(out, "\\u%04x", c);
	}
}

void json_string_n(struct json_writer *w, const char *text, size_t len)
{
	size_t start = 0, i = 0;

	before_value(w);
	strbuf_addc(w->out, '"');
	while (i < len) {
		unsigned char c = (unsigned char)text[i];
		size_t n = 1;

		if (c >= 0x80) {
			n = utf8_sequence(text + i, len - i);
			if (n > 0) {
				i += n;
				continue;
			}
		} else if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
			i++;
			continue;
		}
		strbuf_add(w->out, text + start, i - start);
		if (n == 0)
			strbuf_adds(w->out, "\xef\xbf\xbd");
		else
			add_escape(w->out, c);
		start = ++i;
	}
	strbuf_add(w->out, text + start, len - start);
	strbuf_addc(w->out, '"');
}

void json_string(struct json_writer *w, const char *text)
{
	json_string_n(w, text, strlen(text));
}

void json_int(struct json_writer *w, int64_t n)
{
	before_value(w);
	strbuf_addi(w->out, n);
}

void json_bool(struct json_writer *w, bool yes)
{
	before_value(w);
	strbuf_adds(w->out, yes ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	before_value(w);
	strbuf_adds(w->out, "null");
}

void json_gb(struct json_writer *w, int64_t bytes)
{
	char text[BYTES_GB_MAX];
	size_t len = bytes_format_gb(text, bytes);

	json_raw(w, text, len);
}

void json_sum_gb(struct json_writer *w, const struct byte_sum *sum)
{
	char text[BYTES_GB_MAX + 8];
	size_t len = byte_sum_format_gb(text, sum);

	json_raw(w, text, len);
}

void json_raw(struct json_writer *w, const char *text, size_t len)
{
	before_value(w);
	strbuf_add(w->out, text, len);
}

void json_member_string(struct json_writer *w, const char *name,
                        const char *text)
{
	json_key(w, name);
	json_string(w, text);
}

void json_member_int(struct json_writer *w, const char *name, int64_t n)
{
	json_key(w, name);
	json_int(w, n);
}

void json_member_bool(struct json_writer *w, const char *name, bool yes)
{
	json_key(w, name);
	json_bool(w, yes);
}

void json_member_null(struct json_writer *w, const char *name)
{
	json_key(w, name);
	json_null(w);
}

void json_member_gb(struct json_writer *w, const char *name, int64_t bytes)
{
	json_key(w, name);
	json_gb(w, bytes);
}

void json_member_sum_gb(struct json_writer *w, const char *name,
                        const struct byte_sum *sum)
{
	json_key(w, name);
	json_sum_gb(w, sum);
}
