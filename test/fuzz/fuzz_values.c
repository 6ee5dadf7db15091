/*
 * Amounts, dates and moments as text: the first byte chooses the unit. What is
 * read and written again says the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/instant.h"
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

/* One of UTC is told alike by both readers, and back. */
static void try_instant(const char *data, size_t len)
{
	struct dum_error err = {0};
	char again[CLOCK_TEXT_MAX];
	char *text = malloc(len + 1);
	int64_t at = 0;

	must(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	if (instant_read(&at, text, &err) == DUM_OK) {
		clock_format_utc(again, at);
		must(instant_read_utc(again) == at);
		must(strchr(text, 'Z') == NULL || instant_read_utc(text) == at);
	} else {
		must(err.status == DUM_EINVAL);
	}
	free(text);
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
	try_instant(text, size);
	(void)csv_number_read(&bytes, text, size, CSV_DECIMAL_COMMA, UNIT_GB);
	(void)csv_number_read(&bytes, text, size, CSV_DECIMAL_POINT, UNIT_GIB);
	if (utf8_valid(text, size))
		must(utf8_count(text, size) <= size);
	return 0;
}
