/*
 * What vnstat --json prints. The first byte chooses the options; the rest is
 * the dump. What is taken has counts that add up.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "exchange/vnstat.h"
#include "store/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_report report = {.complaints = 0};
	struct vnstat_options options = {.interface = NULL};
	struct import_options take = {.max_bytes = USAGE_BYTES_MAX,
	                              .today = {2026, 11, 24}};
	struct dum_error err = {0};
	struct vnstat *vnstat = NULL;
	uint8_t choice = size > 0 ? data[0] : 0;

	options.interface = (choice & 1) != 0 ? "eth0" : NULL;
	options.location = (choice & 2) != 0 ? "office" : NULL;
	take.skip_rejected = (choice & 4) != 0;
	if (size > 0 && vnstat_read(&vnstat, &report, data + 1, size - 1,
	                            &options, &take, &err) == DUM_OK) {
		const struct import_counts *c = &report.counts;

		if (c->cells < 1 || c->rejected < 0 ||
		    c->cells + c->rejected > c->rows)
			abort();
	}
	vnstat_free(vnstat);
	return 0;
}
