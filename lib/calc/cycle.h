#ifndef DUM_CALC_CYCLE_H
#define DUM_CALC_CYCLE_H
/*
 * cycle - which billing cycle does a day belong to?
 *
 * A cycle starts on the cycle day of a month and ends just before the next
 * start. A month too short for the cycle day starts one on its last day, so
 * cycle day 31 gives 31 Jan, 28 Feb, 31 Mar: always computed from the day,
 * never from the start before, and so it never drifts.
 *
 * The cycle day may change. Each setting holds from a date on: cycles of the
 * old day go on until the first start that the new day gives on or after that
 * date, which cuts the old cycle running then into one stub. Cycles before it
 * stay as they were.
 *
 * Cycles tile the calendar: each day is in exactly one of them.
 *
 * Pure functions: no allocation, no I/O, no globals.
 */
#include <stdbool.h>
#include <stddef.h>

#include "calc/date.h"

#define CYCLE_DAY_MIN     1
#define CYCLE_DAY_MAX     31
#define CYCLE_DAY_DEFAULT 13

/* A cycle. Invariant: start < end; 28 to 31 days, 1 to 31 for a stub. */
struct cycle {
	struct date start; /* first day, included */
	struct date end;   /* first day of the next cycle, excluded */
};

/* From valid_from on, cycles start on cycle_day. */
struct cycle_setting {
	struct date valid_from;
	int cycle_day; /* CYCLE_DAY_MIN..CYCLE_DAY_MAX */
};

/*
 * The cycle day over time: first_day from the beginning, then the settings,
 * which must be in ascending order of valid_from. Borrows the settings.
 */
struct cycle_plan {
	int first_day;
	const struct cycle_setting *settings;
	size_t count;
};

/* The cycle that holds day. Cannot fail: every valid day is in one. */
struct cycle cycle_of(const struct cycle_plan *plan, struct date day);

/* The cycle before one, and the one after it. */
struct cycle cycle_before(const struct cycle_plan *plan, struct cycle c);
struct cycle cycle_after(const struct cycle_plan *plan, struct cycle c);

/* Days of a cycle. */
int cycle_days(struct cycle c);

/*
 * Does setting i of the plan ever hold? Not where a later one takes over on the
 * day on which this one would, or before.
 */
bool cycle_setting_holds(const struct cycle_plan *plan, size_t i);

/*
 * Was a cycle of the plan cut short by the cycle day that took over after it?
 */
bool cycle_is_stub(const struct cycle_plan *plan, struct cycle c);

#endif
