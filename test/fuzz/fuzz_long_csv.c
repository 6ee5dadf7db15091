/*
 * A table of long rows, or the same as JSON. The first byte chooses which, and
 * the options; the rest is the file. What is taken has counts that add up.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "exchange/table.h"
#include "store/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_report report = {.complaints = 0};
	struct csv_options options = {.date_format = -1};
	struct import_options take = {.max_bytes = USAGE_BYTES_MAX,
	                              .today = {2026, 11, 24}};
	struct dum_error err = {0};
	struct table *table = NULL;
	uint8_t choice = size > 0 ? data[0] : 0;
	enum table_kind kind = choice & 0x40 ? TABLE_JSON : TABLE_LONG;

	options.empty = (enum csv_empty)(choice % 3);
	options.unit = (enum byte_unit)(choice / 3 % 4);
	options.decimal = (enum csv_decimal)(choice / 12 % 3);
	take.skip_rejected = (choice & 0x80) != 0;
	if (size > 0 && table_read(&table, &report, kind, data + 1, size - 1,
	                           &options, &take, &err) == DUM_OK) {
		const struct import_counts *c = &report.counts;

		if (c->cells < 0 || c->empty < 0 || c->skipped < 0 ||
		    c->rejected < 0 ||
		    c->cells + c->empty + c->skipped + c->rejected > c->rows)
			abort();
	}
	table_free(table);
	return 0;
}
