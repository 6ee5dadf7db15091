/*
 * What a job is to do, as the worker hands it to dum-import: the first byte
 * says which kind. What is taken says the same when it is written again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/table_request.h"
#include "fuzz_app.h"
#include "store/usage.h"

static void check_ranges(const struct table_request *r)
{
	FUZZ_CHECK(r->kind >= TABLE_FIND && r->kind <= TABLE_JSON);
	FUZZ_CHECK(r->csv.date_format >= -1 &&
	           r->csv.date_format < DAY_FORMAT__MAX);
	FUZZ_CHECK(r->csv.year >= 0 && r->csv.year <= DATE_YEAR_MAX);
	FUZZ_CHECK(r->csv.empty <= CSV_OVERWRITE);
	FUZZ_CHECK(r->csv.unit <= UNIT_GIB);
	FUZZ_CHECK(r->take.max_bytes >= 0 &&
	           r->take.max_bytes <= USAGE_BYTES_MAX);
}

static void check_same(const struct table_request *a,
                       const struct table_request *b)
{
	FUZZ_CHECK(strcmp(a->file_name, b->file_name) == 0);
	FUZZ_CHECK(a->kind == b->kind);
	FUZZ_CHECK(a->csv.date_format == b->csv.date_format);
	FUZZ_CHECK(a->csv.year == b->csv.year);
	FUZZ_CHECK(a->csv.decimal == b->csv.decimal);
	FUZZ_CHECK(a->csv.empty == b->csv.empty);
	FUZZ_CHECK(a->csv.unit == b->csv.unit);
	FUZZ_CHECK(a->take.max_bytes == b->take.max_bytes);
	FUZZ_CHECK(a->take.allow_future == b->take.allow_future);
	FUZZ_CHECK(a->take.skip_rejected == b->take.skip_rejected);
	FUZZ_CHECK(a->take.dry_run == b->take.dry_run);
}

static void check_table(const char *text)
{
	struct table_request first, second;
	struct strbuf written = STRBUF_INIT;
	struct dum_error err = {0};

	if (table_request_read(&first, text, &err) != DUM_OK) {
		fuzz_check_error(&err);
		return;
	}
	check_ranges(&first);
	table_request_write(&written, &first);
	FUZZ_CHECK(strbuf_ok(&written));
	FUZZ_CHECK(table_request_read(&second, written.buf, &err) == DUM_OK);
	check_same(&first, &second);
	strbuf_release(&written);
}

static void check_undo(const char *text)
{
	struct strbuf written = STRBUF_INIT;
	struct dum_error err = {0};
	int64_t first = 0, second = 0;

	if (undo_request_read(&first, text, &err) != DUM_OK) {
		fuzz_check_error(&err);
		return;
	}
	FUZZ_CHECK(first > 0);
	undo_request_write(&written, first);
	FUZZ_CHECK(strbuf_ok(&written));
	FUZZ_CHECK(undo_request_read(&second, written.buf, &err) == DUM_OK);
	FUZZ_CHECK(first == second);
	strbuf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	FUZZ_CHECK(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'U')
		check_undo(text);
	else
		check_table(text);
	free(text);
	return 0;
}
