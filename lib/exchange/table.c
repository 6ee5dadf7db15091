#include "exchange/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/long_table.h"
#include "exchange/wide_csv.h"

struct table {
	struct wide_csv *wide;
	struct long_table *list;
};

static const char *const names[] = {
    [TABLE_WIDE] = "wide",
    [TABLE_LONG] = "long",
    [TABLE_JSON] = "json",
};

int table_kind_find(const char *name)
{
	for (int i = TABLE_WIDE; i <= TABLE_JSON; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

static bool ends_line(char c)
{
	return c == '\r' || c == '\n';
}

/*
 * Is the line the header of a long table, in any case? *end_out is where it
 * ends; *exact_out: in small letters, as dum-export writes it.
 */
static bool is_long_header(size_t *end_out, bool *exact_out, const char *text,
                           size_t len, size_t at)
{
	static const char header[] = "date,location,usage_gb";
	size_t seen = 0;

	*exact_out = true;
	for (; at < len && !ends_line(text[at]); at++) {
		char c = text[at], small = (char)tolower((unsigned char)c);

		if (c == '"' || c == ' ')
			continue;
		if (c == ';' || c == '\t')
			c = small = ',';
		if (seen == sizeof(header) - 1 || small != header[seen++])
			return false;
		*exact_out = *exact_out && c == small;
	}
	*end_out = at;
	return seen == sizeof(header) - 1;
}

/* The second cell of the next line: is it a text, and no amount? */
static bool second_is_text(const char *text, size_t len, size_t at)
{
	while (at < len && ends_line(text[at]))
		at++;
	while (at < len && !ends_line(text[at]) &&
	       strchr(",;\t", text[at]) == NULL)
		at++;
	at += at < len && !ends_line(text[at]);
	while (at < len && strchr(" \"", text[at]) != NULL)
		at++;
	return at < len && strchr("0123456789+-.,;\t\r\n", text[at]) == NULL;
}

enum table_kind table_kind_of(const void *data, size_t len)
{
	const char *text = data;
	size_t at = 0, end = 0;
	bool exact = false;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < len && strchr(" \t\r\n", text[at]) != NULL)
		at++;
	if (at < len && text[at] == '[')
		return TABLE_JSON;
	if (!is_long_header(&end, &exact, text, len, at))
		return TABLE_WIDE;
	/*
	 * "Date,Location,Usage_GB" may be a long table, and a wide one of two
	 * locations with such names: what stands below them tells.
	 */
	return exact || second_is_text(text, len, end) ? TABLE_LONG
	                                               : TABLE_WIDE;
}

enum dum_status table_read(struct table **out, struct import_report *report,
                           enum table_kind kind, const void *data, size_t len,
                           const struct csv_options *options,
                           const struct import_options *take,
                           struct dum_error *err)
{
	struct table *table = calloc(1, sizeof(*table));
	enum dum_status status;

	if (table == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (kind == TABLE_FIND)
		kind = table_kind_of(data, len);
	if (kind == TABLE_LONG)
		status = long_csv_read(&table->list, report, data, len, options,
		                       take, err);
	else if (kind == TABLE_JSON)
		status = long_json_read(&table->list, report, data, len,
		                        options, take, err);
	else
		status = wide_csv_read(&table->wide, report, data, len, options,
		                       take, err);
	if (status == DUM_OK)
		*out = table;
	else
		free(table);
	return status;
}

enum dum_status table_apply(struct table *table, struct import_report *report,
                            struct db *db, const struct origin *who,
                            const char *file_name, struct dum_error *err)
{
	if (table->wide != NULL)
		return wide_csv_apply(table->wide, report, db, who, file_name,
		                      err);
	return long_table_apply(table->list, report, db, who, file_name, err);
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	wide_csv_free(table->wide);
	long_table_free(table->list);
	free(table);
}
