/*
 * The array is taken apart here, its elements by jansson, one after the other:
 * a tree of a million rows would take a gigabyte.
 *
 * jansson reads numbers as doubles. One of gigabytes with up to 9 decimals and
 * at most 16 digits, as amounts are, gives the exact byte again.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calc/csv_quote.h"
#include "exchange/import_place.h"
#include "exchange/long_table_plan.h"

struct reader {
	struct long_table *table;
	struct import_report *report;
	const char *text;
	size_t len, at;
	int line;
};

static enum dum_status refuse(struct reader *r, const char *what,
                              struct dum_error *err)
{
	return import_refuse(r->report, r->line, 0, err, "%s", what);
}

static void pass_blanks(struct reader *r)
{
	for (; r->at < r->len && strchr(" \t\r\n", r->text[r->at]) != NULL &&
	       r->text[r->at] != '\0';
	     r->at++)
		r->line += r->text[r->at] == '\n';
}

/* The next character that says something, passed over; '\0' at the end. */
static char next_sign(struct reader *r)
{
	pass_blanks(r);
	return r->at < r->len ? r->text[r->at++] : '\0';
}

/* An element, from where it stands. The caller owns it. */
static enum dum_status read_element(json_t **out, struct reader *r,
                                    struct dum_error *err)
{
	struct dum_error shown = {0};
	json_error_t why;

	*out = json_loadb(r->text + r->at, r->len - r->at,
	                  JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL |
	                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	                  &why);
	if (*out != NULL) {
		for (int i = 0; i < why.position; i++, r->at++)
			r->line += r->text[r->at] == '\n';
		return DUM_OK;
	}
	if (json_error_code(&why) == json_error_out_of_memory)
		return error_set(err, DUM_ENOMEM, "out of memory");
	error_set(&shown, DUM_EINVAL, "no valid JSON: %s", why.text);
	return import_refuse(r->report, r->line + why.line - 1,
	                     why.line == 1 ? 0 : why.column, err, "%s",
	                     shown.text);
}

/* The amount, DAY_EMPTY for null; *good false when it is left out. */
static int64_t read_amount(struct reader *r, const json_t *row,
                           struct import_place *at, bool future, bool *good)
{
	const json_t *value = json_object_get(row, "usage_gb");
	struct import_counts *counts = &r->report->counts;
	double bytes = json_real_value(value) * (double)BYTES_PER_GB;

	*good = false;
	if (json_is_null(value)) {
		counts->empty++;
		*good = !future;
		return DAY_EMPTY;
	}
	at->text = json_is_string(value) ? json_string_value(value)
	                                 : "usage_gb";
	at->len = strlen(at->text);
	if (!json_is_real(value))
		import_reject(r->report, at, "no number");
	else if (bytes < 0)
		import_reject(r->report, at, "below zero");
	else if (bytes > (double)r->table->take.max_bytes + 0.5 ||
	         llround(bytes) > r->table->take.max_bytes)
		import_reject_large(r->report, &r->table->take, at, UNIT_GB);
	else if (future)
		counts->rejected++;
	else
		*good = true;
	if (!*good)
		return DAY_EMPTY;
	counts->cells++;
	return llround(bytes);
}

static enum dum_status take_row(struct reader *r, const json_t *row, int line,
                                struct dum_error *err)
{
	const char *day = json_string_value(json_object_get(row, "date"));
	const char *name = json_string_value(json_object_get(row, "location"));
	struct import_place at = {.line = line};
	enum dum_status status;
	bool future, good;
	struct date date;
	int64_t bytes;
	int index;

	r->report->counts.rows++;
	if (day == NULL || name == NULL)
		return import_refuse(r->report, line, 0, err,
		                     "an object has no date or no location, "
		                     "which are texts");
	if (!date_parse(&date, day, strlen(day)))
		return import_refuse(r->report, line, 0, err,
		                     "its date is no YYYY-MM-DD");
	status = long_table_name(&index, r->table, r->report, name,
	                         strlen(name), line, 0, err);
	if (status != DUM_OK)
		return status;
	at.day = date_to_days(date);
	at.name = r->table->list.names[index]->name;
	future = !import_check_day(r->report, &r->table->take, at.day, line, 0);
	bytes = read_amount(r, row, &at, future, &good);
	if (!good)
		return DUM_OK;
	return day_list_add(&r->table->list, at.day, index, bytes, line, err);
}

static enum dum_status read_array(struct reader *r, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char sign = '[';

	if (next_sign(r) != '[')
		return refuse(r, "it is no JSON array", err);
	pass_blanks(r);
	if (r->at < r->len && r->text[r->at] == ']')
		return refuse(r, "the array is empty", err);
	while (status == DUM_OK && sign != ']') {
		json_t *row = NULL;
		int line;

		pass_blanks(r);
		line = r->line;
		status = read_element(&row, r, err);
		if (status == DUM_OK)
			status = take_row(r, row, line, err);
		json_decref(row);
		sign = next_sign(r);
		if (status == DUM_OK && sign != ',' && sign != ']')
			status = refuse(
			    r, "no valid JSON: ',' or ']' is missing", err);
	}
	pass_blanks(r);
	if (status == DUM_OK && r->at < r->len)
		status = refuse(r, "something stands behind the array", err);
	return status;
}

enum dum_status long_json_read(struct long_table **out,
                               struct import_report *report, const void *data,
                               size_t len, const struct csv_options *options,
                               const struct import_options *take,
                               struct dum_error *err)
{
	struct reader r = {
	    .report = report, .text = data, .len = len, .line = 1};
	struct dum_error own = {0};
	enum dum_status status;

	if (err == NULL)
		err = &own;
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		r.at = 3;
	r.table = long_table_new("json", options, take);
	if (r.table == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = read_array(&r, err);
	if (status == DUM_OK)
		status = long_table_settle(r.table, report, data, len, err);
	if (status == DUM_OK) {
		*out = r.table;
		return DUM_OK;
	}
	if (status == DUM_EINVAL)
		import_blame(report, 0, err);
	long_table_free(r.table);
	return status;
}
