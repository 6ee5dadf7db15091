#ifndef DUM_CALC_CSV_NUMBER_H
#define DUM_CALC_CSV_NUMBER_H
/*
 * csv_number - numbers as people and programs write them into tables: with a
 * decimal point or a decimal comma, with or without marks between thousands.
 *
 * Which of the two a file uses is decided once for all of it. "1,5" can only
 * be a decimal comma, "1,234.5" and "1.5" only a decimal point; "1,234" may
 * be either, so it decides nothing, and nor does "1.234" where cells end with
 * a semicolon or a tab, as in the countries of the decimal comma. A blank or an
 * apostrophe between thousands ("1 234,5", "1'234.5") goes with both.
 *
 * A negative number is one in every spelling: "-5", "- 5", "5-", "(5)", and
 * with the minus of typesetters. It must not pass for a text.
 *
 * Pure functions: no allocation, no I/O, no globals.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "calc/csv_quote.h"

enum csv_decimal { CSV_DECIMAL_UNKNOWN, CSV_DECIMAL_POINT, CSV_DECIMAL_COMMA };

/* "point" or "comma"; CSV_DECIMAL_UNKNOWN: no such name. */
enum csv_decimal csv_decimal_find(const char *name);
const char *csv_decimal_name(enum csv_decimal decimal);

/* A cell that says something about the file; line 0: none was seen. */
struct csv_proof {
	int line;
	char text[CSV_QUOTE_MAX];
};

/* What was seen so far; starts as {0}. */
struct csv_decimal_guess {
	struct csv_proof point, comma; /* can only be this */
	struct csv_proof unclear;      /* has a comma, may be either */
	struct csv_proof dotted;       /* has a point, may be either */
};

/* Take note of a cell, whatever it holds. */
void csv_decimal_add(struct csv_decimal_guess *guess, const char *text,
                     size_t len, int line);

/*
 * Decide, after the last cell; separator: what stands between cells.
 * DUM_EINVAL, with the line: two cells contradict each other, or only cells
 * that may be either have a comma or, where it may part thousands, a point.
 */
DUM_MUST_CHECK enum dum_status csv_decimal_decide(
    enum csv_decimal *out, const struct csv_decimal_guess *guess,
    char separator, struct dum_error *err);

/*
 * Read a cell without blanks around it, as bytes_parse() does, in a file of
 * this decimal sign. *out is written on BYTES_OK only.
 */
enum bytes_parsed csv_number_read(int64_t *out, const char *text, size_t len,
                                  enum csv_decimal decimal,
                                  enum byte_unit unit);

#endif
