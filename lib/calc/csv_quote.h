#ifndef DUM_CALC_CSV_QUOTE_H
#define DUM_CALC_CSV_QUOTE_H
/* csv_quote - a cell as it may stand in a message: short, and one line. */
#include <stddef.h>

#define CSV_QUOTE_MAX 48

/*
 * Write text into out. What is long is cut between characters and ends in
 * "..."; characters that control a terminal or turn the direction of writing
 * become '?'. Returns out.
 */
const char *csv_quote(char out[static CSV_QUOTE_MAX], const char *text,
                      size_t len);

#endif
