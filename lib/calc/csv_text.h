#ifndef DUM_CALC_CSV_TEXT_H
#define DUM_CALC_CSV_TEXT_H
/*
 * csv_text - what a file of comma-separated values is written in: its
 * encoding and its separator, both found out.
 *
 * UTF-8 with or without a byte-order mark; a file that is not UTF-8 is taken
 * as Latin-1 with the signs of Windows-1252. The separator is a comma, a
 * semicolon or a tab: the one that ends the first cell of the first row below
 * the header, since the header's own first cell may hold any of them.
 *
 * Pure: works on memory, no I/O.
 */
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"

struct csv_text {
	const char *text; /* UTF-8 without a mark */
	size_t len;
	char separator;          /* ',', ';' or '\t' */
	const char *encoding;    /* "UTF-8" or "Latin-1" */
	struct strbuf converted; /* owns the text when it was Latin-1 */
};

/*
 * Look at the bytes of a whole file. They are borrowed and must live as long
 * as out, which ends with csv_text_release(). DUM_EINVAL: nothing in it, or
 * no text (NUL bytes, UTF-16). DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status csv_text_open(struct csv_text *out,
                                             const void *data, size_t len,
                                             struct dum_error *err);
void csv_text_release(struct csv_text *text);

#endif
