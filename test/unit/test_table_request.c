/* Unit tests of lib/exchange/table_request.h. */
#include "fixture.h"

#include <string.h>

#include "exchange/table_request.h"

static void a_request_is_read_as_it_was_written(void **state)
{
	struct table_request plain, full, read;
	const struct table_request *const all[] = {&plain, &full};

	(void)state;
	table_request_init(&plain);
	full = (struct table_request){.kind = TABLE_LONG,
	                              .csv = {.date_format = 2,
	                                      .year = 2024,
	                                      .decimal = CSV_DECIMAL_COMMA,
	                                      .empty = CSV_OVERWRITE,
	                                      .unit = UNIT_GIB},
	                              .take = {.max_bytes = 17,
	                                       .allow_future = true,
	                                       .skip_rejected = true,
	                                       .dry_run = true},
	                              .file_name = "Stra\xc3\x9f"
	                                           "e \"2\".csv"};
	for (int i = 0; i < 2; i++) {
		struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
		struct dum_error err = {0};

		table_request_write(&text, all[i]);
		assert_ok(table_request_read(&read, text.buf, &err), &err);
		assert_string_equal(read.file_name, all[i]->file_name);
		assert_int_equal(read.csv.date_format, all[i]->csv.date_format);
		assert_int_equal(read.take.dry_run, all[i]->take.dry_run);
		table_request_write(&again, &read);
		assert_string_equal(again.buf, text.buf);
		strbuf_release(&again);
		strbuf_release(&text);
	}
}

static void an_undo_is_of_an_import_that_there_can_be(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"import_id\":0}",
	    "{\"import_id\":-7}",
	    "{\"import_id\":1.0}",
	    "{\"import_id\":1,\"more\":2}",
	    "{\"import_id\":1,\"import_id\":2}",
	    "{\"import_id\":9223372036854775808}",
	};
	struct strbuf text = STRBUF_INIT;
	struct dum_error err = {0};
	int64_t id = 3;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		error_clear(&err);
		if (undo_request_read(&id, wrong[i], &err) != DUM_EDAMAGED)
			fail_msg("taken: %s", wrong[i]);
		assert_int_equal(id, 3);
	}
	error_clear(&err);
	undo_request_write(&text, 17);
	assert_ok(undo_request_read(&id, text.buf, &err), &err);
	assert_int_equal(id, 17);
	strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_is_read_as_it_was_written),
	    cmocka_unit_test(an_undo_is_of_an_import_that_there_can_be),
	};

	return cmocka_run_group_tests_name("table_request", tests, NULL, NULL);
}
