/*
 * The days of an entry of the journal, as an undo reads them from its end.
 * What is read and written again holds the same rows.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_app.h"
#include "store/day_rows.h"

enum { ROWS_MAX = 2048 }; /* more than an input can have */

/* How many there are; -1: one is damaged. */
static int read_all(struct day_row *out, const char *text)
{
	struct day_rows_reader reader;
	struct dum_error err = {0};
	enum dum_status status;
	bool any = true;
	int count = 0;

	if (day_rows_open(&reader, text, &err) != DUM_OK) {
		fuzz_check_error(&err);
		return -1;
	}
	for (;;) {
		status = day_rows_previous(&out[count], &any, &reader, &err);
		if (status != DUM_OK || !any)
			break;
		FUZZ_CHECK(++count < ROWS_MAX);
	}
	day_rows_close(&reader);
	return status == DUM_OK ? count : -1;
}

static void check_again(const struct day_row *rows, int count)
{
	static struct day_row again[ROWS_MAX];
	struct day_rows written = {.day = ""};
	int64_t days = 0, counted = 0;
	const char *text;

	strbuf_init(&written.text);
	for (int i = count - 1; i >= 0; i--)
		day_rows_add(&written, &rows[i]);
	text = day_rows_finish(&written);
	FUZZ_CHECK((text == NULL) == (count == 0));
	if (text != NULL) {
		FUZZ_CHECK(day_rows_count(&days, &counted, text));
		FUZZ_CHECK(counted == count && days <= count);
		FUZZ_CHECK(read_all(again, text) == count);
	}
	for (int i = 0; i < count; i++)
		FUZZ_CHECK(strcmp(rows[i].day, again[i].day) == 0 &&
		           rows[i].id == again[i].id &&
		           rows[i].location_id == again[i].location_id &&
		           rows[i].bytes == again[i].bytes);
	strbuf_release(&written.text);
}

/* The times are ours, and of no other letters than those of a time. */
static bool has_plain_times(const struct day_row *rows, int count)
{
	for (int i = 0; i < count; i++)
		if (rows[i].updated_at[strspn(rows[i].updated_at,
		                              "0123456789-:TZ")] != '\0')
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct day_row rows[ROWS_MAX];
	int64_t days, counted;
	char *text = malloc(size + 1);
	int count;

	FUZZ_CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	(void)day_rows_count(&days, &counted, text);
	count = read_all(rows, text);
	if (count >= 0 && has_plain_times(rows, count))
		check_again(rows, count);
	free(text);
	return 0;
}
