#ifndef DUM_OPS_FINDING_H
#define DUM_OPS_FINDING_H
/*
 * finding - what one look at an installation came to: that it is well, or what
 * is not and what to do about it.
 */
#include "base/error.h"

enum finding_level {
	FINDING_OK,
	FINDING_WARNING, /* it works, and could be better */
	FINDING_PROBLEM  /* it is open, broken, or will be soon */
};

struct finding {
	enum finding_level level;
	const char *check; /* what was looked at: "secret_key", "disk" ... */
	char text[640];    /* one sentence, no full stop */
	char advice[640];  /* what to do; "" when it is well */
};

/* Gets each finding; it is gone when this returns. */
typedef void (*finding_fn)(void *arg, const struct finding *finding);

/* Where findings go. */
struct finder {
	finding_fn fn;
	void *arg;
};

/* All is well with it. */
void finding_ok(const struct finder *to, const char *check, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

/* Begin one that is not well; then advise, then tell. */
void finding_set(struct finding *out, enum finding_level level,
                 const char *check, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void finding_advise(const struct finder *to, struct finding *finding,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* An error that a look ended with, as a problem. */
void finding_error(const struct finder *to, const char *check,
                   const struct dum_error *err, const char *advice);

/* "ok", "warning" or "problem" */
const char *finding_level_name(enum finding_level level);

#endif
