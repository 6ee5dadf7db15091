#include "calc/date.h"

#include <string.h>

bool date_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int date_days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
	                           31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && date_leap_year(year));
}

bool date_valid(struct date d)
{
	return d.year >= DATE_YEAR_MIN && d.year <= DATE_YEAR_MAX &&
	       d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= date_days_in_month(d.year, d.month);
}

/* Days from 1 March of year 0 to 1970-01-01. */
#define EPOCH_DAYS 719468

/*
 * The year is taken to start on 1 March, so that the leap day is its last and
 * the months before it have the lengths 31 30 31 30 31, which (153 m + 2) / 5
 * adds up.
 */
int date_to_days(struct date d)
{
	int year = d.month > 2 ? d.year : d.year - 1;
	int month = d.month > 2 ? d.month - 3 : d.month + 9;

	return year * 365 + year / 4 - year / 100 + year / 400 +
	       (153 * month + 2) / 5 + d.day - 1 - EPOCH_DAYS;
}

struct date date_from_days(int days)
{
	int left = days + EPOCH_DAYS;
	int era = left / 146097; /* 400 years have 146,097 days */
	int of_era = left % 146097;
	int year_of_era =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era -
	              (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month = (5 * of_year + 2) / 153;
	struct date d = {
	    .year = era * 400 + year_of_era + (month >= 10),
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = of_year - (153 * month + 2) / 5 + 1,
	};

	return d;
}

struct date date_add(struct date d, int days)
{
	return date_from_days(date_to_days(d) + days);
}

int date_diff(struct date a, struct date b)
{
	return date_to_days(b) - date_to_days(a);
}

int date_cmp(struct date a, struct date b)
{
	int days = date_diff(b, a);

	return (days > 0) - (days < 0);
}

static bool digits(int *out, const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*out = value;
	return true;
}

bool date_parse(struct date *out, const char *text, size_t len)
{
	struct date d;

	if (len != DATE_TEXT_MAX - 1 || text[4] != '-' || text[7] != '-' ||
	    !digits(&d.year, text, 4) || !digits(&d.month, text + 5, 2) ||
	    !digits(&d.day, text + 8, 2) || !date_valid(d))
		return false;
	*out = d;
	return true;
}

static void put_digits(char *out, int value, int n)
{
	while (n > 0) {
		out[--n] = (char)('0' + value % 10);
		value /= 10;
	}
}

void date_format(char out[static DATE_TEXT_MAX], struct date d)
{
	memcpy(out, "0000-00-00", DATE_TEXT_MAX);
	put_digits(out, d.year, 4);
	put_digits(out + 5, d.month, 2);
	put_digits(out + 8, d.day, 2);
}
