/* Unit tests of exchange/wide_csv.h: counts, complaints, all or nothing. */
#include "fixture.h"

#include <string.h>

#include "calc/csv_quote.h"
#include "exchange/wide_csv.h"
#include "store/location.h"

static const struct csv_options standard = {
    .date_format = -1,
    .empty = CSV_ZERO,
    .unit = UNIT_GB,
};

static const struct import_options standard_take = {
    .max_bytes = 10000 * BYTES_PER_GB,
    .today = {2026, 3, 20},
};

static struct import_report report;

static enum dum_status load(struct fixture *f, const char *text,
                            const struct csv_options *options,
                            const struct import_options *take,
                            struct dum_error *err)
{
	struct wide_csv *csv = NULL;
	enum dum_status status;

	import_report_release(&report);
	report = (struct import_report){.complaints = 0};
	status = wide_csv_read(&csv, &report, text, strlen(text), options, take,
	                       err);
	if (status == DUM_OK)
		status = wide_csv_apply(csv, &report, f->db, &f->who, "t.csv",
		                        err);
	wide_csv_free(csv);
	return status;
}

static const struct {
	const char *why, *text;
	enum csv_empty empty;
	bool skip_rejected;
	/* rows cells empty skipped rejected new changed same locations */
	struct import_counts counts;
} files[] = {
    {"a plain one",
     "D,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n",
     CSV_ZERO,
     false,
     {2, 4, 0, 0, 0, 4, 0, 0, 2}},
    {"short rows and texts",
     "D,A,B,C\n2024-01-01,1\n2024-01-02,x,,4\n",
     CSV_ZERO,
     false,
     {2, 2, 3, 1, 0, 5, 0, 0, 3}},
    {"unknown days stay so",
     "D,A,B,C\n2024-01-01,1\n2024-01-02,x,,4\n",
     CSV_SKIP,
     false,
     {2, 2, 3, 1, 0, 2, 0, 0, 2}},
    {"equal repeats count once",
     "D,A,B\n2024-01-01,1,\n2024-01-01,1,\n",
     CSV_ZERO,
     false,
     {2, 1, 1, 0, 0, 2, 0, 0, 2}},
    {"a known cell goes before an empty one",
     "D,A,B\n2024-01-01,,2\n2024-01-01,1,\n2024-01-01,,\n",
     CSV_ZERO,
     false,
     {3, 2, 4, 0, 0, 2, 0, 0, 2}},
    {"overwriting, an empty cell is a zero",
     "D,A\n2024-01-01,\n2024-01-01,0\n2024-01-01,\n",
     CSV_OVERWRITE,
     false,
     {3, 0, 1, 0, 0, 1, 0, 0, 1}},
    {"the first of different ones is kept",
     "D,A\n2024-01-01,1\n2024-01-01,2\n2024-01-01,1\n",
     CSV_ZERO,
     true,
     {3, 1, 0, 0, 1, 1, 0, 0, 1}},
    {"a rejected cell says nothing against a good one",
     "D,A\n2024-01-01,-1\n2024-01-01,2\n",
     CSV_ZERO,
     true,
     {2, 1, 0, 0, 1, 1, 0, 0, 1}},
    {"a column of notes makes no location",
     "D,A,Notes\n2024-01-01,1,x\n",
     CSV_ZERO,
     false,
     {1, 1, 0, 1, 0, 1, 0, 0, 1}},
    {"a row past tomorrow is left out whole",
     "D,A,B,C\n2026-03-22,1,,x\n2026-03-21,1,2,3\n",
     CSV_ZERO,
     true,
     {2, 3, 1, 1, 1, 3, 0, 0, 3}},
};

static void every_cell_is_counted_once(void **state)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct csv_options options = standard;
		struct import_options take = standard_take;
		struct dum_error err = {0};
		struct fixture *f;

		fixture_setup(state);
		f = *state;
		options.empty = files[i].empty;
		take.skip_rejected = files[i].skip_rejected;
		if (load(f, files[i].text, &options, &take, &err) != DUM_OK)
			fail_msg("%s: %s", files[i].why, err.text);
		if (memcmp(&report.counts, &files[i].counts,
		           sizeof(report.counts)) != 0)
			fail_msg("%s: cells %d empty %d skipped %d rejected %d "
			         "new %d",
			         files[i].why, (int)report.counts.cells,
			         (int)report.counts.empty,
			         (int)report.counts.skipped,
			         (int)report.counts.rejected,
			         (int)report.counts.new);
		assert_int_equal(fixture_number(f, "SELECT count(*) FROM "
		                                   "daily_usage"),
		                 report.counts.new);
		fixture_teardown(state);
	}
	*state = NULL;
}

static void a_failure_half_way_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};

	/* What the product would never write stops the third record. */
	fixture_exec(f, "CREATE TRIGGER stop BEFORE INSERT ON daily_usage WHEN "
	                "new.usage_bytes = 3000000000 BEGIN SELECT "
	                "raise(ABORT, 'stop'); END");
	assert_int_not_equal(load(f, "D,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n",
	                          &standard, &standard_take, &err),
	                     DUM_OK);
	assert_int_equal(report.counts.new, 0);
	assert_int_equal(report.counts.locations_created, 0);
	assert_int_equal(report.import_id, 0);
	assert_int_equal(
	    fixture_number(f, "SELECT (SELECT count(*) FROM daily_usage) + "
	                      "(SELECT count(*) FROM locations) + "
	                      "(SELECT count(*) FROM imports)"),
	    0);
	fixture_exec(f, "DROP TRIGGER stop");
	error_clear(&err);
	assert_ok(load(f, "D,A,B\n2024-01-01,1,2\n2024-01-02,3,4\n", &standard,
	               &standard_take, &err),
	          &err);
	assert_int_equal(report.counts.new, 4);
}

static void rows_in_any_order_reach_the_right_days(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};

	assert_ok(load(f,
	               "D,B,A\n2024-01-03,3,30\n2024-01-01,1,10\n"
	               "2024-01-02,2,20\n",
	               &standard, &standard_take, &err),
	          &err);
	assert_int_equal(
	    fixture_number(f, "SELECT sum(usage_bytes = 1000000000 * "
	                      "substr(date, 10) * iif(name = 'A', 10, 1)) "
	                      "FROM daily_usage JOIN locations l ON "
	                      "l.id = location_id"),
	    6);
}

static void a_text_for_a_message_is_short_and_harmless(void **state)
{
	char out[CSV_QUOTE_MAX];
	char text[200];

	(void)state;
	assert_string_equal(csv_quote(out, "North", 5), "North");
	assert_string_equal(csv_quote(out, "a\x1b[1m\xff\n", 7), "a?[1m??");
	assert_string_equal(csv_quote(out,
	                              "\xe2\x80\xae"
	                              "a\xc2\x9b",
	                              6),
	                    "?a?");
	for (size_t len = 1; len < 120; len++) {
		memset(text, 'x', sizeof(text));
		for (size_t i = len % 3; i + 2 <= len; i += 2)
			memcpy(text + i, "\xc3\xbc", 2);
		csv_quote(out, text, len);
		assert_true(strlen(out) < CSV_QUOTE_MAX);
		if (len < CSV_QUOTE_MAX && (len - len % 3) % 2 == 0)
			assert_memory_equal(out, text, len);
		if (len >= CSV_QUOTE_MAX)
			assert_string_equal(out + strlen(out) - 3, "...");
	}
}

static void a_table_that_is_too_large_for_now_is_put_off(void **state)
{
	struct import_options take = standard_take;
	const char text[] = "D,A,B\n2024-01-01,,\n2024-01-02,,\n";
	struct wide_csv *csv = NULL;
	struct dum_error err = {0};

	(void)state;
	for (take.cells_now = 3; take.cells_now <= 4; take.cells_now++) {
		enum dum_status wanted = take.cells_now < 4 ? DUM_EBUSY
		                                            : DUM_OK;

		import_report_release(&report);
		report = (struct import_report){.complaints = 0};
		assert_status(wide_csv_read(&csv, &report, text, strlen(text),
		                            &standard, &take, &err),
		              wanted, &err);
		assert_int_equal(report.put_off, wanted == DUM_EBUSY);
		assert_int_equal(report.complaints, 0);
	}
	wide_csv_free(csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_cell_is_counted_once),
	    cmocka_unit_test_setup_teardown(a_failure_half_way_leaves_nothing,
	                                    fixture_setup, fixture_teardown),
	    cmocka_unit_test_setup_teardown(
	        rows_in_any_order_reach_the_right_days, fixture_setup,
	        fixture_teardown),
	    cmocka_unit_test(a_table_that_is_too_large_for_now_is_put_off),
	    cmocka_unit_test(a_text_for_a_message_is_short_and_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
