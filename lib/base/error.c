#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/*
 * A text may quote input. One line of readable text is a promise to everyone
 * who prints or logs it, so what could break a line or steer a terminal stops
 * here, and half a character where the text was cut.
 */
static void make_printable(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0, used; i < len; i += used) {
		used = utf8_printable_sequence(text + i, len - i);
		if (used == 0) {
			text[i] = '?';
			used = 1;
		}
	}
}

static void set_text(struct dum_error *err, enum dum_status status,
                     const char *field, const char *fmt, va_list args)
{
	if (err == NULL || err->status != DUM_OK)
		return;
	err->status = status;
	if (field != NULL)
		snprintf(err->field, sizeof(err->field), "%s", field);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	make_printable(err->text);
}

enum dum_status error_set(struct dum_error *err, enum dum_status status,
                          const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_text(err, status, NULL, fmt, args);
	va_end(args);
	return status;
}

enum dum_status error_field(struct dum_error *err, enum dum_status status,
                            const char *field, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_text(err, status, field, fmt, args);
	va_end(args);
	return status;
}

void error_at(struct dum_error *err, int line)
{
	if (err != NULL && err->status != DUM_OK && err->line == 0)
		err->line = line;
}

void error_clear(struct dum_error *err)
{
	if (err != NULL)
		memset(err, 0, sizeof(*err));
}
