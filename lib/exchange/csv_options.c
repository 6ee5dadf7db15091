#include "exchange/csv_options.h"

#include <string.h>

static const char *const empty_names[] = {
    [CSV_ZERO] = "zero",
    [CSV_SKIP] = "skip",
    [CSV_OVERWRITE] = "overwrite",
};

int csv_empty_find(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(name, empty_names[i]) == 0)
			return i;
	return -1;
}

const char *csv_empty_name(enum csv_empty empty)
{
	return empty_names[empty];
}

void csv_options_write(struct strbuf *out, const struct csv_options *options,
                       const struct import_options *take,
                       const struct csv_reading *reading)
{
	struct json_writer w = {.out = out};
	char separator[2] = {reading->separator, '\0'};

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "encoding", reading->encoding);
	jsonw_member_string(&w, "separator", separator);
	jsonw_member_string(&w, "date_format",
	                    day_format_name(reading->date_format));
	if (options->year != 0)
		jsonw_member_int(&w, "year", options->year);
	jsonw_member_string(&w, "decimal", csv_decimal_name(reading->decimal));
	jsonw_member_string(&w, "unit", byte_unit_name(options->unit));
	jsonw_member_string(&w, "empty", csv_empty_name(options->empty));
	import_options_members(&w, take);
	jsonw_object_end(&w);
}
