#ifndef DUM_BASE_UTF8_H
#define DUM_BASE_UTF8_H
/*
 * utf8 - is it, and text that people may type as a name.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/*
 * Length (1..4) of the valid UTF-8 sequence that text starts with; 0 when it
 * starts with none: overlong forms, surrogates and values past U+10FFFF are
 * invalid. len is at least 1.
 */
size_t utf8_sequence(const char *text, size_t len);

/*
 * As utf8_sequence, and 0 as well for a character that utf8_printable would
 * not let pass.
 */
size_t utf8_printable_sequence(const char *text, size_t len);

bool utf8_valid(const char *text, size_t len);

/*
 * A text fit to be shown as one line: valid UTF-8 without control characters
 * (C0, DEL, C1), line separators or characters that turn the direction of
 * what follows.
 */
bool utf8_printable(const char *text, size_t len);

/* Number of characters (code points) of valid UTF-8. */
size_t utf8_count(const char *text, size_t len);

/* Append Latin-1 (ISO 8859-1, with the Windows-1252 signs) as UTF-8. */
void utf8_add_latin1(struct strbuf *out, const char *text, size_t len);

#endif
