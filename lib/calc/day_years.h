#ifndef DUM_CALC_DAY_YEARS_H
#define DUM_CALC_DAY_YEARS_H
/*
 * day_years - the years of dates that are written without one ("13-Mar").
 *
 * The rows of a file stand in ascending or in descending order; whichever
 * makes the file span fewer days, ascending if equal. Where the order breaks,
 * a year turns; but over a turn two rows lie at most DAY_YEARS_TURN_MAX days
 * apart, and within a year DAY_YEARS_STEP_MAX. A longer way means that rows
 * were swapped ("12-Nov", "11-Nov"; "1-Jan", "31-Dec"), and would move days
 * into another year. The newest row is the latest day it can
 * be that is not in the future. A 29-Feb must come to lie in a leap year.
 *
 * Pure functions: no allocation, no I/O, no globals.
 */
#include "calc/day_format.h"

enum {
	DAY_YEARS_TURN_MAX = 184, /* half a year: what is farther ahead over
	                             the turn is nearer behind */
	DAY_YEARS_STEP_MAX = 335  /* behind by less than a month */
};

/* The dates of a file in its order; the caller keeps them. */
struct day_years_row {
	struct day_text text; /* of shape DAY_SHAPE_MONTH, and can exist */
	int line;
	int day; /* days since 1970-01-01: the result */
};

/*
 * Give each row its day. year: of the first row, whatever the order; 0: found
 * out from today. DUM_EINVAL, with the line: no order fits.
 */
DUM_MUST_CHECK enum dum_status day_years_find(bool *descending_out,
                                              struct day_years_row *rows,
                                              size_t count, int year,
                                              struct date today,
                                              struct dum_error *err);

#endif
