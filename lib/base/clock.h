#ifndef DUM_BASE_CLOCK_H
#define DUM_BASE_CLOCK_H
/*
 * clock - the time of day, for programs; the calculations take it as an
 * argument.
 *
 * Instants are int64_t seconds of UTC since 1970. A civil day belongs to the
 * time zone of the configuration, set once at start for the whole process.
 */
#include <stdint.h>

#include "base/error.h"

#define CLOCK_TEXT_MAX sizeof("9999-12-31T23:59:59Z")

int64_t clock_now(void);

/* Milliseconds that only go forward, for measuring and time-outs. */
int64_t clock_monotonic_ms(void);

/* "2026-11-02T14:00:00Z"; at is in the years 1970 to 9999. */
void clock_format_utc(char out[static CLOCK_TEXT_MAX], int64_t at);

/*
 * Make zone (an IANA name such as "Europe/Vienna", or "UTC") the time zone of
 * this process. DUM_EINVAL: the system knows no such zone.
 */
DUM_MUST_CHECK enum dum_status clock_set_zone(const char *zone,
                                              struct dum_error *err);

/* The first instant of a civil date in the time zone of the process. */
int64_t clock_midnight(int year, int month, int day);

/* The civil date of an instant in the time zone of the process. */
void clock_civil(int64_t at, int *year, int *month, int *day);

#endif
