/*
 * Amounts and dates as text: the first byte chooses the unit. What is read and
 * written again says the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "calc/csv_number.h"
#include "calc/date.h"
#include "calc/day_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void try_bytes(const char *text, size_t len, enum byte_unit unit)
{
	char again[BYTES_GB_MAX];
	int64_t bytes = -1, twice = -1;
	size_t again_len;

	if (bytes_parse(&bytes, text, len, unit) != BYTES_OK)
		return;
	must(bytes >= 0);
	again_len = bytes_format_gb(again, bytes);
	must(again_len < sizeof(again));
	must(bytes_parse(&twice, again, again_len, UNIT_GB) == BYTES_OK);
	must(twice == bytes);
}

static void try_date(const char *text, size_t len)
{
	char again[DATE_TEXT_MAX];
	struct date date;

	if (!date_parse(&date, text, len))
		return;
	date_format(again, date);
	must(strlen(again) == len && memcmp(again, text, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	int64_t bytes;

	if (size < 1)
		return 0;
	size--;
	try_bytes(text, size, (enum byte_unit)(data[0] % 4));
	try_date(text, size);
	(void)csv_number_read(&bytes, text, size, CSV_DECIMAL_COMMA, UNIT_GB);
	(void)csv_number_read(&bytes, text, size, CSV_DECIMAL_POINT, UNIT_GIB);
	if (utf8_valid(text, size))
		must(utf8_count(text, size) <= size);
	return 0;
}
