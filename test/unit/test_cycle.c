/*
 * Unit tests of calc/cycle.h. The reference is another algorithm: it walks the
 * calendar day by day and asks of each day whether a cycle starts on it.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "calc/cycle.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define PLAN(day) (&(struct cycle_plan){.first_day = (day)})

static void assert_cycle(const char *why, struct cycle c, struct date start,
                         struct date end)
{
	if (date_cmp(c.start, start) != 0 || date_cmp(c.end, end) != 0)
		fail_msg("%s: got %d-%02d-%02d to %d-%02d-%02d", why,
		         c.start.year, c.start.month, c.start.day, c.end.year,
		         c.end.month, c.end.day);
}

static const struct {
	const char *why;
	struct date day;
	int cycle_day;
	struct date start, end;
} cases[] = {
    /* clang-format off */
    {"day 1 is the calendar month", {2024, 5, 31}, 1, {2024, 5, 1}, {2024, 6, 1}},
    {"the cycle day itself starts it", {2026, 2, 13}, 13, {2026, 2, 13}, {2026, 3, 13}},
    {"the day before is in the old one", {2026, 2, 12}, 13, {2026, 1, 13}, {2026, 2, 13}},
    {"January goes back to last year", {2024, 1, 3}, 20, {2023, 12, 20}, {2024, 1, 20}},
    {"December goes on to next year", {2024, 12, 31}, 13, {2024, 12, 13}, {2025, 1, 13}},
    {"31 starts on a leap 29 February", {2024, 2, 29}, 31, {2024, 2, 29}, {2024, 3, 31}},
    {"31 in a leap year: the 28th is January's", {2024, 2, 28}, 31, {2024, 1, 31}, {2024, 2, 29}},
    {"31 in a common year starts on the 28th", {2026, 2, 28}, 31, {2026, 2, 28}, {2026, 3, 31}},
    {"31 does not drift to the 28th", {2026, 3, 30}, 31, {2026, 2, 28}, {2026, 3, 31}},
    {"31 is back on the 31st", {2026, 3, 31}, 31, {2026, 3, 31}, {2026, 4, 30}},
    {"30 starts on 28 February too", {2026, 3, 1}, 30, {2026, 2, 28}, {2026, 3, 30}},
    {"29 starts on 28 February in common years", {2026, 2, 28}, 29, {2026, 2, 28}, {2026, 3, 29}},
    {"29 starts on the leap day", {2024, 2, 29}, 29, {2024, 2, 29}, {2024, 3, 29}},
    {"the first day of all", {1970, 1, 1}, 1, {1970, 1, 1}, {1970, 2, 1}},
    /* clang-format on */
};

static void a_day_falls_into_the_cycle_that_bills_have(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_cycle(cases[i].why,
		             cycle_of(PLAN(cases[i].cycle_day), cases[i].day),
		             cases[i].start, cases[i].end);
}

/* Does a cycle of this day start on d? Asked of the calendar alone. */
static bool starts_on(struct date d, int cycle_day)
{
	bool last = date_add(d, 1).month != d.month;

	return d.day == cycle_day || (last && d.day < cycle_day);
}

/* Every date of 400 years lies in the cycle that the walk is in. */
static void walk(int cycle_day)
{
	struct date d = {2000, 1, 1}, end = {2400, 1, 1};
	struct cycle c = {{0, 0, 0}, {0, 0, 0}};
	int cycles = 0;

	while (!starts_on(d, cycle_day))
		d = date_add(d, 1);
	for (; date_cmp(d, end) < 0; d = date_add(d, 1)) {
		struct cycle now = cycle_of(PLAN(cycle_day), d);

		if (starts_on(d, cycle_day)) {
			/* the one before ends here: no gap, no overlap */
			if (cycles > 0)
				assert_int_equal(date_cmp(c.end, d), 0);
			assert_int_equal(date_cmp(now.start, d), 0);
			assert_in_range(cycle_days(now), 28, 31);
			c = now;
			cycles++;
		}
		assert_cycle("each of its days gives the same cycle", now,
		             c.start, c.end);
	}
	assert_in_range(cycles, 4799, 4800); /* one for each month */
}

static void cycles_tile_400_years_for_each_cycle_day(void **state)
{
	(void)state;
	for (int day = CYCLE_DAY_MIN; day <= CYCLE_DAY_MAX; day++)
		walk(day);
}

static void before_and_after_step_through_the_same_cycles(void **state)
{
	(void)state;
	for (int day = CYCLE_DAY_MIN; day <= CYCLE_DAY_MAX; day++) {
		struct cycle c = cycle_of(PLAN(day), (struct date){2023, 6, 1});

		for (int i = 0; i < 60; i++) {
			struct cycle next = cycle_after(PLAN(day), c);

			assert_int_equal(date_cmp(next.start, c.end), 0);
			assert_cycle("back again",
			             cycle_before(PLAN(day), next), c.start,
			             c.end);
			c = next;
		}
	}
}

static void a_new_cycle_day_makes_one_stub(void **state)
{
	const struct cycle_setting to_20[] = {{{2026, 3, 1}, 20}};
	const struct cycle_plan plan = {13, to_20, 1};

	(void)state;
	assert_cycle("before it nothing moves",
	             cycle_of(&plan, (struct date){2026, 2, 12}),
	             (struct date){2026, 1, 13}, (struct date){2026, 2, 13});
	assert_cycle("the old day goes on until the new one starts",
	             cycle_of(&plan, (struct date){2026, 3, 5}),
	             (struct date){2026, 2, 13}, (struct date){2026, 3, 13});
	assert_cycle("the stub", cycle_of(&plan, (struct date){2026, 3, 13}),
	             (struct date){2026, 3, 13}, (struct date){2026, 3, 20});
	assert_cycle("the new day", cycle_of(&plan, (struct date){2026, 3, 20}),
	             (struct date){2026, 3, 20}, (struct date){2026, 4, 20});
}

static void a_setting_on_its_own_start_takes_over_that_day(void **state)
{
	const struct cycle_setting to_1[] = {{{2026, 3, 1}, 1}};
	const struct cycle_plan plan = {13, to_1, 1};

	(void)state;
	assert_cycle("cut short", cycle_of(&plan, (struct date){2026, 2, 20}),
	             (struct date){2026, 2, 13}, (struct date){2026, 3, 1});
	assert_cycle("from the first",
	             cycle_of(&plan, (struct date){2026, 3, 1}),
	             (struct date){2026, 3, 1}, (struct date){2026, 4, 1});
}

static void the_same_day_again_changes_nothing(void **state)
{
	const struct cycle_setting same[] = {{{2026, 3, 1}, 13},
	                                     {{2026, 7, 31}, 13}};
	const struct cycle_plan plan = {13, same, 2};
	struct date d = {2026, 1, 1};

	(void)state;
	for (int i = 0; i < 400; i++, d = date_add(d, 1)) {
		struct cycle c = cycle_of(PLAN(13), d);

		assert_cycle("as without", cycle_of(&plan, d), c.start, c.end);
	}
}

static void a_setting_overtaken_within_the_month_never_holds(void **state)
{
	/* 28 would start on 28 January, but 10 starts on the 10th already. */
	const struct cycle_setting both[] = {{{2026, 1, 5}, 28},
	                                     {{2026, 1, 6}, 10}};
	const struct cycle_plan plan = {1, both, 2};

	(void)state;
	assert_cycle("the stub", cycle_of(&plan, (struct date){2026, 1, 9}),
	             (struct date){2026, 1, 1}, (struct date){2026, 1, 10});
	assert_cycle("10 holds", cycle_of(&plan, (struct date){2026, 1, 28}),
	             (struct date){2026, 1, 10}, (struct date){2026, 2, 10});
}

/*
 * Which day's cycles hold on d, by the words of the header: go through the
 * calendar, and at each date let the last setting that may start there start.
 */
struct reference {
	struct cycle_plan plan;
	size_t holds; /* settings up to this one have been taken over */
};

static int day_that_holds(const struct reference *r)
{
	return r->holds == 0 ? r->plan.first_day
	                     : r->plan.settings[r->holds - 1].cycle_day;
}

static bool reference_starts(struct reference *r, struct date d)
{
	int day = day_that_holds(r);

	for (size_t i = r->plan.count; i > r->holds; i--) {
		const struct cycle_setting *s = &r->plan.settings[i - 1];

		if (date_cmp(s->valid_from, d) <= 0 &&
		    starts_on(d, s->cycle_day)) {
			r->holds = i;
			return true;
		}
	}
	return starts_on(d, day);
}

/* Would its own day have let a cycle go on? Asked of the calendar alone. */
static bool was_cut(struct cycle c, int cycle_day)
{
	struct date d = date_add(c.start, 1);

	while (!starts_on(d, cycle_day))
		d = date_add(d, 1);
	return date_cmp(d, c.end) != 0;
}

static void check_plan(const struct cycle_plan *plan)
{
	struct reference r = {*plan, 0};
	int day = plan->first_day;
	struct date d = {2023, 12, 1}, end = {2027, 1, 1};
	struct cycle c = cycle_of(plan, d);
	int cycles = 0, stubs = 0;

	for (; date_cmp(d, end) < 0; d = date_add(d, 1)) {
		struct cycle now = cycle_of(plan, d);

		if (reference_starts(&r, d)) {
			if (cycles++ > 0) {
				assert_int_equal(date_cmp(c.end, d), 0);
				assert_int_equal(cycle_is_stub(plan, c),
				                 was_cut(c, day));
			}
			day = day_that_holds(&r);
			assert_int_equal(date_cmp(now.start, d), 0);
			assert_in_range(cycle_days(now), 1, 31);
			stubs += cycle_days(now) < 28;
			c = now;
		}
		assert_true(date_cmp(now.start, d) <= 0);
		assert_true(date_cmp(d, now.end) < 0);
		if (cycles > 0)
			assert_cycle("the cycle of the walk", now, c.start,
			             c.end);
	}
	assert_true(stubs <= (int)plan->count);
}

static int by_date(const void *a, const void *b)
{
	const struct cycle_setting *x = a, *y = b;

	return date_cmp(x->valid_from, y->valid_from);
}

static void changing_plans_tile_the_calendar_with_a_stub_each(void **state)
{
	(void)state;
	srandom(4);
	for (int round = 0; round < 3000; round++) {
		struct cycle_setting settings[4];
		struct cycle_plan plan = {(int)(random() % 31) + 1, settings,
		                          (size_t)(random() % 5)};
		/* far apart, or several within a month */
		int span = round % 2 == 0 ? 900 : 40;

		for (size_t i = 0; i < plan.count; i++)
			settings[i] = (struct cycle_setting){
			    date_add((struct date){2024, 1, 1},
			             (int)(random() % span)),
			    (int)(random() % 31) + 1};
		qsort(settings, plan.count, sizeof(settings[0]), by_date);
		check_plan(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_day_falls_into_the_cycle_that_bills_have),
	    cmocka_unit_test(cycles_tile_400_years_for_each_cycle_day),
	    cmocka_unit_test(before_and_after_step_through_the_same_cycles),
	    cmocka_unit_test(a_new_cycle_day_makes_one_stub),
	    cmocka_unit_test(a_setting_on_its_own_start_takes_over_that_day),
	    cmocka_unit_test(the_same_day_again_changes_nothing),
	    cmocka_unit_test(a_setting_overtaken_within_the_month_never_holds),
	    cmocka_unit_test(changing_plans_tile_the_calendar_with_a_stub_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
