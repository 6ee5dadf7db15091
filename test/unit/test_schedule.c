/* Unit tests of ops/schedule.h; test/it/test_schedule.py has the calendar. */
#include "fixture.h"

#include <string.h>

#include "base/clock.h"
#include "ops/schedule.h"

static const struct schedule_job job = {
    .user = "datamonitor", .program = "/usr/lib/data-usage-monitor/dum-cron"};

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	for (int i = 0; i < SCHEDULE__MAX; i++) {
		enum schedule_period period = (enum schedule_period)i, got;
		struct strbuf text = STRBUF_INIT;
		struct dum_error err = {0};
		bool as_written = false;

		assert_ok(schedule_write(&text, period, &job, &err), &err);
		assert_ok(schedule_read(&got, &as_written, text.buf, &err),
		          &err);
		assert_int_equal(got, period);
		assert_true(as_written);
		assert_true(schedule_parse(&got, schedule_name(period)));
		assert_int_equal(got, period);
		strbuf_release(&text);
	}
}

static void what_is_no_entry_of_ours_is_refused(void **state)
{
	static const char *const texts[] = {"",
	                                    "0 2 * * * root x\n",
	                                    "# schedule: ",
	                                    "# schedule: dail\n",
	                                    "# schedule: dailyy (x)\n",
	                                    "#schedule: daily\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum schedule_period got = SCHEDULE__MAX;
		struct dum_error err = {0};
		bool as_written;

		assert_status(schedule_read(&got, &as_written, texts[i], &err),
		              DUM_EINVAL, &err);
		assert_int_equal(got, SCHEDULE__MAX);
	}
}

static void a_line_that_cron_would_take_apart_is_not_written(void **state)
{
	static const struct schedule_job jobs[] = {
	    {"", "/x", NULL},       {"a b", "/x", NULL},
	    {"a\nb", "/x", NULL},   {"-a", "/x", NULL},
	    {"root", "x", NULL},    {"root", "", NULL},
	    {"root", "/a b", NULL}, {"root", "/a%b", NULL},
	    {"root", "/;", NULL},   {"root", "/a\n", NULL},
	    {"root", "/x", ""},     {"root", "/x", "/a b"},
	    {"root", "/x", "/a;b"}};

	(void)state;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		struct strbuf text = STRBUF_INIT;
		struct dum_error err = {0};

		assert_status(
		    schedule_write(&text, SCHEDULE_DAILY, &jobs[i], &err),
		    DUM_EINVAL, &err);
		assert_int_equal(text.len, 0);
		strbuf_release(&text);
	}
}

static void the_run_that_begins_now_is_not_the_next_one(void **state)
{
	const int64_t sunday = 1792893600; /* 2026-10-25T02:00:00Z */
	struct dum_error err = {0};

	(void)state;
	assert_ok(clock_set_zone("UTC", &err), &err);
	assert_int_equal(schedule_next(SCHEDULE_DAILY, sunday - 1), sunday);
	assert_int_equal(schedule_next(SCHEDULE_DAILY, sunday), sunday + 86400);
	assert_int_equal(schedule_next(SCHEDULE_WEEKLY, sunday - 1), sunday);
	assert_int_equal(schedule_next(SCHEDULE_WEEKLY, sunday),
	                 sunday + 7 * 86400);
	assert_int_equal(schedule_next(SCHEDULE_HOURLY, sunday), sunday + 3600);
	assert_int_equal(schedule_next(SCHEDULE_MONTHLY, sunday),
	                 sunday + 7 * 86400); /* 1 November */
	assert_int_equal(schedule_next(SCHEDULE_OFF, sunday), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(what_is_no_entry_of_ours_is_refused),
	    cmocka_unit_test(a_line_that_cron_would_take_apart_is_not_written),
	    cmocka_unit_test(the_run_that_begins_now_is_not_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
