#include "ops/finding.h"

#include <stdarg.h>
#include <stdio.h>

void finding_ok(const struct finder *to, const char *check, const char *fmt,
                ...)
{
	struct finding f = {.level = FINDING_OK, .check = check};
	va_list args;

	va_start(args, fmt);
	vsnprintf(f.text, sizeof(f.text), fmt, args);
	va_end(args);
	to->fn(to->arg, &f);
}

void finding_set(struct finding *out, enum finding_level level,
                 const char *check, const char *fmt, ...)
{
	va_list args;

	out->level = level;
	out->check = check;
	out->advice[0] = '\0';
	va_start(args, fmt);
	vsnprintf(out->text, sizeof(out->text), fmt, args);
	va_end(args);
}

void finding_advise(const struct finder *to, struct finding *finding,
                    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(finding->advice, sizeof(finding->advice), fmt, args);
	va_end(args);
	to->fn(to->arg, finding);
}

void finding_error(const struct finder *to, const char *check,
                   const struct dum_error *err, const char *advice)
{
	struct finding f;

	finding_set(&f, FINDING_PROBLEM, check, "%s", err->text);
	finding_advise(to, &f, "%s", advice);
}

const char *finding_level_name(enum finding_level level)
{
	switch (level) {
	case FINDING_OK:
		return "ok";
	case FINDING_WARNING:
		return "warning";
	case FINDING_PROBLEM:
		break;
	}
	return "problem";
}
