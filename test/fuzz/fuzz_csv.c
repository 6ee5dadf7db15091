/*
 * A wide CSV file. The first byte chooses the options; the rest is the file.
 * What is taken has counts that add up.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "exchange/wide_csv.h"
#include "store/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wide_csv_report report;
	struct wide_csv_options options = {.date_format = -1,
	                                   .unit = UNIT_GB,
	                                   .max_bytes = USAGE_BYTES_MAX,
	                                   .today = {2026, 11, 24}};
	struct dum_error err = {0};
	struct wide_csv *csv = NULL;
	uint8_t choice = size > 0 ? data[0] : 0;

	options.empty = (enum wide_csv_empty)(choice % 3);
	options.unit = (enum byte_unit)(choice / 3 % 4);
	options.decimal = (enum csv_decimal)(choice / 12 % 3);
	options.skip_rejected = (choice & 0x80) != 0;
	options.year = (choice & 0x40) != 0 ? 2026 : 0;
	if (size > 0 && wide_csv_read(&csv, &report, data + 1, size - 1,
	                              &options, &err) == DUM_OK) {
		const struct import_counts *c = &report.counts;

		if (c->cells < 0 || c->empty < 0 || c->skipped < 0 ||
		    c->rejected < 0 ||
		    c->cells + c->empty + c->skipped + c->rejected >
		        c->rows * report.locations)
			abort();
	}
	wide_csv_free(csv);
	return 0;
}
