#include "calc/day_years.h"

#include <stdlib.h>

/* Later in the year is larger. */
static int in_year(const struct day_years_row *row)
{
	return row->text.second * 32 + row->text.first;
}

/* How the year moves from one row to the next. */
static int turn(const struct day_years_row *prev,
                const struct day_years_row *row, bool descending)
{
	if (descending)
		return in_year(row) > in_year(prev) ? -1 : 0;
	return in_year(row) < in_year(prev) ? 1 : 0;
}

static struct date date_of(const struct day_years_row *row, int year)
{
	return (struct date){year, row->text.second, row->text.first};
}

/*
 * Is no way from row to row too long? By years that have all days: a day more
 * or less makes no difference. Otherwise the row after it is in bad_out.
 */
static bool steps_are_short(size_t *bad_out, const struct day_years_row *rows,
                            size_t count, bool descending)
{
	enum { LEAP = 2000 };

	for (size_t i = 1; i < count; i++) {
		int way = turn(&rows[i - 1], &rows[i], descending);
		int gap = date_diff(date_of(&rows[i - 1], LEAP),
		                    date_of(&rows[i], LEAP)) +
		          way * 366;

		if (abs(gap) >
		    (way != 0 ? DAY_YEARS_TURN_MAX : DAY_YEARS_STEP_MAX)) {
			*bad_out = i;
			return false;
		}
	}
	return true;
}

/*
 * Does every row exist when the first one lies in this year? Otherwise the
 * row that does not is in bad_out.
 */
static bool fits(size_t *bad_out, const struct day_years_row *rows,
                 size_t count, int year, bool descending)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			year += turn(&rows[i - 1], &rows[i], descending);
		if (!date_valid(date_of(&rows[i], year))) {
			*bad_out = i;
			return false;
		}
	}
	return true;
}

/* Years from the first row to the last one; negative when descending. */
static int years_between(const struct day_years_row *rows, size_t count,
                         bool descending)
{
	int years = 0;

	for (size_t i = 1; i < count; i++)
		years += turn(&rows[i - 1], &rows[i], descending);
	return years;
}

/* One order of the rows, tried. */
struct attempt {
	bool descending;
	bool in_order; /* false: some way from row to row is too long */
	bool fits;
	int first_year;
	int span;   /* days from first row to last */
	size_t bad; /* row that does not fit, if any is to blame */
};

static void attempt_make(struct attempt *a, const struct day_years_row *rows,
                         size_t count, int year, struct date today)
{
	int years = years_between(rows, count, a->descending);
	const struct day_years_row *last = &rows[count - 1];
	const struct day_years_row *newest = a->descending ? rows : last;
	int ahead = a->descending ? 0 : years; /* newest minus first */
	struct date at;

	a->in_order = steps_are_short(&a->bad, rows, count, a->descending);
	if (!a->in_order)
		return;
	if (year != 0) {
		a->first_year = year;
		a->fits = fits(&a->bad, rows, count, year, a->descending);
	} else {
		/* A day of this year that is still to come was last year. */
		a->first_year = today.year - ahead;
		if (in_year(newest) > today.month * 32 + today.day)
			a->first_year--;
		for (; a->first_year >= DATE_YEAR_MIN; a->first_year--) {
			a->fits = fits(&a->bad, rows, count, a->first_year,
			               a->descending);
			if (a->fits)
				break;
		}
	}
	if (!a->fits)
		return;
	at = date_of(&rows[0], a->first_year);
	a->span = date_diff(at, date_of(last, a->first_year + years));
	if (a->span < 0)
		a->span = -a->span;
}

static void assign(struct day_years_row *rows, size_t count,
                   const struct attempt *a)
{
	int year = a->first_year;

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			year += turn(&rows[i - 1], &rows[i], a->descending);
		rows[i].day = date_to_days(date_of(&rows[i], year));
	}
}

static enum dum_status no_order(const struct day_years_row *rows, size_t bad,
                                int year, struct dum_error *err)
{
	enum dum_status status;

	if (year != 0 && in_year(&rows[bad]) == 2 * 32 + 29)
		status = error_field(err, DUM_EINVAL, "year",
		                     "29-Feb falls into a year without that "
		                     "day when the first row is of %d",
		                     year);
	else if (year != 0)
		status = error_field(err, DUM_EINVAL, "year",
		                     "the dates leave the years 1970 to 9999 "
		                     "when the first row is of %d",
		                     year);
	else
		status = error_field(
		    err, DUM_EINVAL, "year",
		    "the dates have no year and fit neither ascending nor "
		    "descending order with 29-Feb in a leap year, from 1970 to "
		    "today");
	error_at(err, rows[bad].line);
	return status;
}

/* The order that holds for longer is the one that was meant. */
static enum dum_status not_in_order(const struct day_years_row *rows,
                                    const struct attempt *up,
                                    const struct attempt *down,
                                    struct dum_error *err)
{
	size_t bad = up->bad >= down->bad ? up->bad : down->bad;
	const struct day_years_row *prev = &rows[bad - 1], *row = &rows[bad];
	enum dum_status status;

	status = error_set(err, DUM_EINVAL,
	                   "the dates have no year, and the day %02d of month "
	                   "%d comes after the day %02d of month %d of line "
	                   "%d: neither ascending nor descending; sort the "
	                   "rows, or write the dates with their years",
	                   row->text.first, row->text.second, prev->text.first,
	                   prev->text.second, prev->line);
	error_at(err, row->line);
	return status;
}

enum dum_status day_years_find(bool *descending_out, struct day_years_row *rows,
                               size_t count, int year, struct date today,
                               struct dum_error *err)
{
	struct attempt up = {.descending = false};
	struct attempt down = {.descending = true};
	const struct attempt *best;

	if (count == 0)
		return error_set(err, DUM_EINVAL, "there are no dates");
	attempt_make(&up, rows, count, year, today);
	attempt_make(&down, rows, count, year, today);
	if (!up.in_order && !down.in_order)
		return not_in_order(rows, &up, &down, err);
	if (!up.fits && !down.fits)
		return no_order(rows, up.in_order ? up.bad : down.bad, year,
		                err);
	best = !down.fits || (up.fits && up.span <= down.span) ? &up : &down;
	assign(rows, count, best);
	*descending_out = best->descending;
	return DUM_OK;
}
