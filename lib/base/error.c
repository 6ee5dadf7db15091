#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_text(struct dum_error *err, enum dum_status status,
                     const char *field, const char *fmt, va_list args)
{
	if (err == NULL || err->status != DUM_OK)
		return;
	err->status = status;
	if (field != NULL)
		snprintf(err->field, sizeof(err->field), "%s", field);
	vsnprintf(err->text, sizeof(err->text), fmt, args);

	/*
	 * A text may quote input. One line is a promise to everyone who
	 * prints or logs it, so control characters stop here.
	 */
	for (char *c = err->text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
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
