#include "calc/csv_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static bool starts_with(const char *text, size_t len, const char *with,
                        size_t with_len)
{
	return len >= with_len && memcmp(text, with, with_len) == 0;
}

static bool blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r\n\v\f", text[i]) == NULL)
			return false;
	return true;
}

/* Most files are ASCII from end to end: look there byte by byte, and fast. */
static bool is_utf8(const char *text, size_t len)
{
	size_t ascii = 0;

	while (ascii < len && (unsigned char)text[ascii] < 0x80)
		ascii++;
	return utf8_valid(text + ascii, len - ascii);
}

static bool is_separator(char c)
{
	return c == ',' || c == ';' || c == '\t';
}

/*
 * The first separator outside quotes of the first row below the header that
 * has one. A date holds none of the three, so that one stands behind it. A
 * file of a header alone is judged by the header.
 */
static char find_separator(const char *text, size_t len)
{
	char in_header = '\0', found = '\0';
	bool quoted = false, filled = false, header = true;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (is_separator(c) && found == '\0')
			found = c;
		if (c == '\n' || c == '\r') {
			if (!header && found != '\0')
				return found;
			if (header && filled) {
				header = false;
				in_header = found;
			}
			found = '\0';
		} else if (c != ' ') {
			filled = true;
		}
	}
	if (found == '\0')
		found = in_header;
	return found != '\0' ? found : ',';
}

static enum dum_status convert(struct csv_text *out, const char *text,
                               size_t len, struct dum_error *err)
{
	/* Each byte becomes one or two, three only for a few signs. */
	if (strbuf_reserve(&out->converted, len + len / 8))
		utf8_add_latin1(&out->converted, text, len);
	if (!strbuf_ok(&out->converted)) {
		csv_text_release(out);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	out->text = out->converted.buf;
	out->len = out->converted.len;
	out->encoding = "Latin-1";
	return DUM_OK;
}

enum dum_status csv_text_open(struct csv_text *out, const void *data,
                              size_t len, struct dum_error *err)
{
	struct csv_text found = {.encoding = "UTF-8"};
	const char *text = data;
	enum dum_status status;

	strbuf_init(&found.converted);
	if (starts_with(text, len, "\xff\xfe", 2) ||
	    starts_with(text, len, "\xfe\xff", 2))
		return error_set(err, DUM_EINVAL,
		                 "the file is UTF-16 text: save it as CSV in "
		                 "UTF-8");
	if (starts_with(text, len, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	if (blank(text, len))
		return error_set(err, DUM_EINVAL, "the file is empty");
	if (memchr(text, '\0', len) != NULL)
		return error_set(err, DUM_EINVAL,
		                 "the file is not a text file (it has NUL "
		                 "bytes): save the table as CSV");
	found.text = text;
	found.len = len;
	if (!is_utf8(text, len)) {
		status = convert(&found, text, len, err);
		if (status != DUM_OK)
			return status;
	}
	found.separator = find_separator(found.text, found.len);
	*out = found;
	return DUM_OK;
}

void csv_text_release(struct csv_text *text)
{
	strbuf_release(&text->converted);
}
