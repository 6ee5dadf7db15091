#include "calc/cycle.h"

/* The start that cycle day `cycle_day` gives in a month. */
static struct date start_in(int year, int month, int cycle_day)
{
	int days = date_days_in_month(year, month);

	return (struct date){year, month, cycle_day < days ? cycle_day : days};
}

static struct date start_in_next(struct date d, int cycle_day)
{
	if (d.month == 12)
		return start_in(d.year + 1, 1, cycle_day);
	return start_in(d.year, d.month + 1, cycle_day);
}

/* Last start of the cycle day on or before d. */
static struct date start_until(struct date d, int cycle_day)
{
	struct date start = start_in(d.year, d.month, cycle_day);

	if (date_cmp(start, d) <= 0)
		return start;
	if (d.month == 1)
		return start_in(d.year - 1, 12, cycle_day);
	return start_in(d.year, d.month - 1, cycle_day);
}

/* First start of the cycle day on or after d. */
static struct date start_from(struct date d, int cycle_day)
{
	struct date start = start_in(d.year, d.month, cycle_day);

	return date_cmp(start, d) >= 0 ? start : start_in_next(d, cycle_day);
}

/* Where setting i takes over. */
static struct date takes_over(const struct cycle_plan *plan, size_t i)
{
	return start_from(plan->settings[i].valid_from,
	                  plan->settings[i].cycle_day);
}

/*
 * A later setting may take over before an earlier one does (both within one
 * month). The earlier one then never held; so look from the end for the last
 * setting that has taken over by d, and cut at the first that takes over
 * after d.
 */
struct cycle cycle_of(const struct cycle_plan *plan, struct date d)
{
	struct date began = {0, 0, 0}, start, end;
	int cycle_day = plan->first_day;
	size_t i = plan->count;

	while (i > 0 && date_cmp(takes_over(plan, i - 1), d) > 0)
		i--;
	if (i > 0) {
		began = takes_over(plan, i - 1);
		cycle_day = plan->settings[i - 1].cycle_day;
	}
	start = start_until(d, cycle_day);
	if (i > 0 && date_cmp(start, began) < 0)
		start = began;
	end = start_in_next(start_until(d, cycle_day), cycle_day);
	for (; i < plan->count; i++) {
		struct date next = takes_over(plan, i);

		if (date_cmp(next, end) < 0)
			end = next;
	}
	return (struct cycle){start, end};
}

struct cycle cycle_before(const struct cycle_plan *plan, struct cycle c)
{
	return cycle_of(plan, date_add(c.start, -1));
}

struct cycle cycle_after(const struct cycle_plan *plan, struct cycle c)
{
	return cycle_of(plan, c.end);
}

bool cycle_setting_holds(const struct cycle_plan *plan, size_t i)
{
	struct date own = takes_over(plan, i);

	for (size_t later = i + 1; later < plan->count; later++)
		if (date_cmp(takes_over(plan, later), own) <= 0)
			return false;
	return true;
}

bool cycle_is_stub(const struct cycle_plan *plan, struct cycle c)
{
	int cycle_day = plan->first_day;

	for (size_t i = 0; i < plan->count; i++)
		if (date_cmp(takes_over(plan, i), c.start) <= 0)
			cycle_day = plan->settings[i].cycle_day;
	return date_cmp(start_in_next(c.start, cycle_day), c.end) != 0;
}

int cycle_days(struct cycle c)
{
	return date_diff(c.start, c.end);
}
