#ifndef DUM_CALC_DATE_H
#define DUM_CALC_DATE_H
/*
 * date - a civil date of the Gregorian calendar: a name of a day, not an
 * instant. Days are counted; no time zone and no 86,400 seconds are here.
 *
 * Pure functions: no allocation, no I/O, no globals.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define DATE_YEAR_MIN 1970
#define DATE_YEAR_MAX 9999
#define DATE_TEXT_MAX sizeof("9999-12-31")

struct date {
	int year;  /* DATE_YEAR_MIN..DATE_YEAR_MAX */
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

/* The day exists and its year is in range. */
bool date_valid(struct date d);

bool date_leap_year(int year);

/* Days of a month, 28..31; month is 1..12. */
int date_days_in_month(int year, int month);

/* Days since 1970-01-01, which is 0; and back. d must be valid. */
int date_to_days(struct date d);
struct date date_from_days(int days);

/* days later than d, or earlier when negative. */
struct date date_add(struct date d, int days);

/* Days from a to b; negative when b is earlier. */
int date_diff(struct date a, struct date b);

/* -1, 0 or 1: a is before, the same as or after b. */
int date_cmp(struct date a, struct date b);

/* Read "YYYY-MM-DD", nothing before or after it. */
bool date_parse(struct date *out, const char *text, size_t len);

/* Write "YYYY-MM-DD". */
void date_format(char out[static DATE_TEXT_MAX], struct date d);

#endif
