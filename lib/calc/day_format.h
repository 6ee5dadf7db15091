#ifndef DUM_CALC_DAY_FORMAT_H
#define DUM_CALC_DAY_FORMAT_H
/*
 * day_format - which way are the dates of a file written?
 *
 *	iso	2024-03-13
 *	dmy	13/03/2024, 13.3.2024 or 13-03-2024
 *	mdy	03/13/2024, the same with the month first
 *	dd-mmm	13-Mar, 13 March; no year (calc/day_years.h finds it)
 *
 * One format holds for a whole file: the one that all its dates fit. Dates
 * that fit two formats with different days ("03/04/2024" and nothing that
 * tells) are refused: a guess would put every number on a wrong day.
 *
 * Pure functions: no allocation, no I/O, no globals.
 */
#include <stdbool.h>
#include <stddef.h>

#include "calc/csv_quote.h"
#include "calc/date.h"

enum day_format { DAY_ISO, DAY_DMY, DAY_MDY, DAY_DD_MMM, DAY_FORMAT__MAX };

/* By its name ("iso", "dmy", "mdy", "dd-mmm"); -1: no such format. */
int day_format_find(const char *name);
const char *day_format_name(enum day_format format);
/* "YYYY-MM-DD", "DD/MM/YYYY" ... for people. */
const char *day_format_shape(enum day_format format);

enum day_shape {
	DAY_SHAPE_NONE,
	DAY_SHAPE_ISO,
	DAY_SHAPE_SLASH,
	DAY_SHAPE_MONTH
};

/* A date as it is written, taken apart. */
struct day_text {
	unsigned char shape;  /* enum day_shape */
	unsigned char first;  /* slash: the first number; else the day */
	unsigned char second; /* slash: the second; else the month */
	short year;           /* 0: none was written */
};

/* Never fails: what is no date at all has shape DAY_SHAPE_NONE. */
struct day_text day_text_read(const char *text, size_t len);

/*
 * The date that it is in a format. Without a year in it, year is taken; 0
 * then asks only whether the day can exist (29-Feb can) and out->year is 0.
 */
bool day_text_date(struct date *out, struct day_text text,
                   enum day_format format, int year);

/* A date that proves something. line 0: none. */
struct day_proof {
	int line;
	char text[CSV_QUOTE_MAX];
};

/* What the dates seen so far fit; starts as {0}. */
struct day_guess {
	struct day_proof first;                    /* of the file */
	struct day_proof against[DAY_FORMAT__MAX]; /* first that does not fit */
	struct day_proof differs; /* first with another day as dmy and mdy */
};

/* Take note of one more date; text is the cell that date was read from. */
void day_guess_add(struct day_guess *guess, struct day_text date,
                   const char *text, size_t len, int line);

/*
 * Decide, after the last date. wanted -1: find out; else all dates must fit
 * that one. DUM_EINVAL, with the line: none fits, or two that differ do.
 */
DUM_MUST_CHECK enum dum_status day_guess_decide(enum day_format *out,
                                                const struct day_guess *guess,
                                                int wanted,
                                                struct dum_error *err);

#endif
