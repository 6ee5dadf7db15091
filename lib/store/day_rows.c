#include "store/day_rows.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Open the list of a day, unless it is open; then a comma. */
static void start(struct day_rows *rows, const char *day)
{
	if (rows->text.len == 0)
		strbuf_adds(&rows->text, "{\"days\":[");
	if (strcmp(rows->day, day) == 0) {
		strbuf_addc(&rows->text, ',');
		return;
	}
	strbuf_adds(&rows->text, rows->day[0] != '\0' ? "]],[\"" : "[\"");
	strbuf_adds(&rows->text, day);
	strbuf_adds(&rows->text, "\",[");
	memcpy(rows->day, day, sizeof(rows->day));
}

void day_rows_add(struct day_rows *rows, const struct day_row *row)
{
	start(rows, row->day);
	strbuf_addc(&rows->text, '[');
	strbuf_addi(&rows->text, row->id);
	strbuf_addc(&rows->text, ',');
	strbuf_addi(&rows->text, row->location_id);
	strbuf_addc(&rows->text, ',');
	strbuf_addi(&rows->text, row->bytes);
	if (row->updated_at[0] != '\0') {
		strbuf_adds(&rows->text, ",\"");
		strbuf_adds(&rows->text, row->updated_at);
		strbuf_addc(&rows->text, '"');
	}
	strbuf_addc(&rows->text, ']');
}

const char *day_rows_finish(struct day_rows *rows)
{
	if (rows->text.len == 0)
		return NULL;
	strbuf_adds(&rows->text, "]]]}");
	return rows->text.buf;
}

void day_rows_reset(struct day_rows *rows)
{
	strbuf_reset(&rows->text);
	rows->day[0] = '\0';
}

static enum dum_status damaged(struct dum_error *err)
{
	return error_set(err, DUM_EDAMAGED,
	                 "an entry of the journal does not have the form that "
	                 "this program knows");
}

static json_t *days_of(const struct day_rows_reader *reader)
{
	return json_object_get(reader->root, "days");
}

static json_t *list_of(const struct day_rows_reader *reader, size_t day)
{
	return json_array_get(json_array_get(days_of(reader), day), 1);
}

bool day_rows_count(int64_t *days_out, int64_t *rows_out, const char *text)
{
	static const char start[] = "{\"days\":[";
	int64_t brackets = 0, days = 0;

	if (strncmp(text, start, sizeof(start) - 1) != 0)
		return false;
	/* Of no text in it a bracket is part: dates and times are all. */
	for (text += sizeof(start) - 1; *text != '\0'; text++) {
		brackets += *text == '[';
		days += *text == '[' && text[1] == '"';
	}
	*days_out = days;
	*rows_out = brackets - 2 * days; /* a day has its own and its list's */
	return true;
}

enum dum_status day_rows_open(struct day_rows_reader *out, const char *text,
                              struct dum_error *err)
{
	struct day_rows_reader found = {.root = NULL};
	json_error_t why;

	if (text != NULL) {
		found.root = json_loads(text, 0, &why);
		if (found.root == NULL)
			return json_error_code(&why) == json_error_out_of_memory
			           ? error_set(err, DUM_ENOMEM, "out of memory")
			           : damaged(err);
		found.day = json_array_size(days_of(&found));
		if (found.day == 0) {
			json_decref(found.root);
			return damaged(err);
		}
		found.row = json_array_size(list_of(&found, found.day - 1));
	}
	*out = found;
	return DUM_OK;
}

static bool read_row(struct day_row *out, const json_t *day, const json_t *row)
{
	const char *text = json_string_value(json_array_get(day, 0));
	const char *at = json_string_value(json_array_get(row, 3));
	struct date date;

	for (size_t i = 0; i < 3; i++)
		if (!json_is_integer(json_array_get(row, i)))
			return false;
	if (text == NULL || !date_parse(&date, text, strlen(text)))
		return false;
	*out = (struct day_row){
	    .id = json_integer_value(json_array_get(row, 0)),
	    .location_id = json_integer_value(json_array_get(row, 1)),
	    .bytes = json_integer_value(json_array_get(row, 2))};
	snprintf(out->day, sizeof(out->day), "%s", text);
	snprintf(out->updated_at, sizeof(out->updated_at), "%s",
	         at != NULL ? at : "");
	return true;
}

enum dum_status day_rows_previous(struct day_row *out, bool *any_out,
                                  struct day_rows_reader *reader,
                                  struct dum_error *err)
{
	const json_t *day;

	*any_out = false;
	while (reader->day > 0 && reader->row == 0)
		if (--reader->day > 0)
			reader->row = json_array_size(
			    list_of(reader, reader->day - 1));
	if (reader->day == 0)
		return DUM_OK;
	day = json_array_get(days_of(reader), reader->day - 1);
	if (!read_row(out, day,
	              json_array_get(list_of(reader, reader->day - 1),
	                             --reader->row)))
		return damaged(err);
	*any_out = true;
	return DUM_OK;
}

void day_rows_close(struct day_rows_reader *reader)
{
	json_decref(reader->root);
	reader->root = NULL;
}
