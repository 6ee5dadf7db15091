#ifndef DUM_EXCHANGE_CSV_OPTIONS_H
#define DUM_EXCHANGE_CSV_OPTIONS_H
/* csv_options - how a text of separated values is to be read. */
#include "exchange/import_report.h"

/* What to do with an empty cell. */
enum csv_empty {
	CSV_ZERO,     /* zero use, but only where nothing is known */
	CSV_SKIP,     /* it stays unknown */
	CSV_OVERWRITE /* zero use, whatever is there */
};

struct csv_options {
	int date_format; /* enum day_format; -1: found out */
	int year;        /* of the first row; 0: found out */
	enum csv_decimal decimal;
	enum csv_empty empty;
	enum byte_unit unit;
};

/* "zero", "skip" or "overwrite"; -1: no such mode. */
int csv_empty_find(const char *name);
const char *csv_empty_name(enum csv_empty empty);

/* Append a JSON object: how it was understood, for the list of imports. */
void csv_options_write(struct strbuf *out, const struct csv_options *options,
                       const struct import_options *take,
                       const struct csv_reading *reading);

#endif
