#ifndef DUM_BASE_INSTANT_H
#define DUM_BASE_INSTANT_H
/*
 * instant - a moment as people and programs write it.
 *
 *	2026-11-02 14:00	of the time zone of the process; seconds may follow
 *	2026-11-02T14:00:00Z	of UTC
 */
#include <stdint.h>

#include "base/error.h"

/*
 * Seconds since 1970. DUM_EINVAL: it is neither form, or a moment that the
 * clocks of the zone do not show, or show twice.
 */
DUM_MUST_CHECK enum dum_status instant_read(int64_t *out, const char *text,
                                            struct dum_error *err);

/* What clock_format_utc() wrote; 0: it did not. */
int64_t instant_read_utc(const char *text);

#endif
