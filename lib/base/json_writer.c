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

void jsonw_object_begin(struct json_writer *w)
{
	open_with(w, '{');
}

void jsonw_object_end(struct json_writer *w)
{
	close_with(w, '}');
}

void jsonw_array_begin(struct json_writer *w)
{
	open_with(w, '[');
}

void jsonw_array_end(struct json_writer *w)
{
	close_with(w, ']');
}

void jsonw_key(struct json_writer *w, const char *name)
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

void jsonw_string_n(struct json_writer *w, const char *text, size_t len)
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

void jsonw_string(struct json_writer *w, const char *text)
{
	jsonw_string_n(w, text, strlen(text));
}

void jsonw_int(struct json_writer *w, int64_t n)
{
	before_value(w);
	strbuf_addi(w->out, n);
}

void jsonw_bool(struct json_writer *w, bool yes)
{
	before_value(w);
	strbuf_adds(w->out, yes ? "true" : "false");
}

void jsonw_null(struct json_writer *w)
{
	before_value(w);
	strbuf_adds(w->out, "null");
}

void jsonw_gb(struct json_writer *w, int64_t bytes)
{
	char text[BYTES_GB_MAX];
	size_t len = bytes_format_gb(text, bytes);

	jsonw_raw(w, text, len);
}

void jsonw_sum_gb(struct json_writer *w, const struct byte_sum *sum)
{
	char text[BYTES_GB_MAX + 8];
	size_t len = byte_sum_format_gb(text, sum);

	jsonw_raw(w, text, len);
}

void jsonw_raw(struct json_writer *w, const char *text, size_t len)
{
	before_value(w);
	strbuf_add(w->out, text, len);
}

void jsonw_member_string(struct json_writer *w, const char *name,
                         const char *text)
{
	jsonw_key(w, name);
	jsonw_string(w, text);
}

void jsonw_member_int(struct json_writer *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	jsonw_int(w, n);
}

void jsonw_member_bool(struct json_writer *w, const char *name, bool yes)
{
	jsonw_key(w, name);
	jsonw_bool(w, yes);
}

void jsonw_member_null(struct json_writer *w, const char *name)
{
	jsonw_key(w, name);
	jsonw_null(w);
}

void jsonw_member_gb(struct json_writer *w, const char *name, int64_t bytes)
{
	jsonw_key(w, name);
	jsonw_gb(w, bytes);
}

void jsonw_member_sum_gb(struct json_writer *w, const char *name,
                         const struct byte_sum *sum)
{
	jsonw_key(w, name);
	jsonw_sum_gb(w, sum);
}
