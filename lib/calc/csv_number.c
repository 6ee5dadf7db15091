#include "calc/csv_number.h"

#include <stdbool.h>
#include <string.h>

/* Longest number that is looked at; one that is longer is a text. */
enum { NUMBER_MAX = 64 };

static const char *const names[] = {
    [CSV_DECIMAL_UNKNOWN] = "unknown",
    [CSV_DECIMAL_POINT] = "point",
    [CSV_DECIMAL_COMMA] = "comma",
};

enum csv_decimal csv_decimal_find(const char *name)
{
	if (strcmp(name, "point") == 0)
		return CSV_DECIMAL_POINT;
	if (strcmp(name, "comma") == 0)
		return CSV_DECIMAL_COMMA;
	return CSV_DECIMAL_UNKNOWN;
}

const char *csv_decimal_name(enum csv_decimal decimal)
{
	return names[decimal];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit(text[n]))
		n++;
	return n;
}

/* What may stand between thousands beside a point or a comma. */
static const char *const marks[] = {
    " ",
    "'",
    "\xc2\xa0",     /* blank that does not break */
    "\xe2\x80\x89", /* thin blank */
    "\xe2\x80\xaf", /* thin blank that does not break */
    "\xe2\x80\x99", /* apostrophe as typeset */
};

/* Does the text start with one of them? Its length; 0: no. */
static size_t starts_with(const char *text, size_t len, const char *const *list,
                          size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(list[i]);

		if (len >= n && memcmp(text, list[i], n) == 0)
			return n;
	}
	return 0;
}

/* Length of the mark between thousands that text starts with; 0: none. */
static size_t group_mark(const char *text, size_t len, char decimal)
{
	if (len > 0 && text[0] == (decimal == '.' ? ',' : '.'))
		return 1;
	return starts_with(text, len, marks, sizeof(marks) / sizeof(marks[0]));
}

/*
 * The whole part, without the marks between its thousands. Returns how much
 * of the text it took. Groups are those of the book: one to three digits that
 * do not start with 0, then three each, always behind the same mark; "0,123"
 * therefore has none and its comma is a decimal comma.
 */
static size_t whole_part(char *out, size_t *out_len, const char *text,
                         size_t len, char decimal)
{
	size_t at = digits(text, len);
	const char *mark = text + at;
	size_t mark_len = group_mark(mark, len - at, decimal);

	memcpy(out, text, at);
	*out_len = at;
	if (at < 1 || at > 3 || text[0] == '0' || mark_len == 0)
		return at;
	while (len - at >= mark_len + 3 &&
	       memcmp(text + at, mark, mark_len) == 0 &&
	       digits(text + at + mark_len, len - at - mark_len) == 3) {
		memcpy(out + *out_len, text + at + mark_len, 3);
		*out_len += 3;
		at += mark_len + 3;
	}
	return at;
}

static size_t minus(const char *text, size_t len)
{
	static const char *const signs[] = {
	    "-", "\xe2\x88\x92", /* the minus of typesetters */
	    "\xe2\x80\x93",      /* the dash that word processors make of it */
	};

	return starts_with(text, len, signs, sizeof(signs) / sizeof(signs[0]));
}

/* Blanks of any kind that the text starts with. */
static size_t blanks(const char *text, size_t len)
{
	static const char *const signs[] = {" ", "\xc2\xa0", "\xe2\x80\x89",
	                                    "\xe2\x80\xaf"};
	size_t at = 0, n;

	while ((n = starts_with(text + at, len - at, signs,
	                        sizeof(signs) / sizeof(signs[0]))) > 0)
		at += n;
	return at;
}

/*
 * Is the number negative? Then what says so is cut off: a minus before it, a
 * blank behind that or not, or one behind it, or the brackets of a book.
 */
static bool cut_minus(const char **text, size_t *len)
{
	bool brackets = *len > 2 && **text == '(' && (*text)[*len - 1] == ')';
	const char *end = *text + *len - brackets, *at = *text + brackets;
	size_t sign;

	if (brackets)
		at += blanks(at, (size_t)(end - at));
	sign = minus(at, (size_t)(end - at));
	if (sign == 0 && !brackets) {
		if (*len < 2 || !is_digit(end[-2]) || end[-1] != '-')
			return false;
		*len -= 1;
		return true;
	}
	at += sign;
	at += blanks(at, (size_t)(end - at));
	while (brackets && end > at && end[-1] == ' ')
		end--;
	*text = at;
	*len = (size_t)(end - at);
	return true;
}

/*
 * Write the number as bytes_parse() reads it. Returns the length, 0 when the
 * text is no number with this decimal sign.
 */
static size_t normalize(char out[static NUMBER_MAX + 1], const char *text,
                        size_t len, char decimal)
{
	size_t used = 0, whole, n;
	int64_t ignored;

	if (len == 0 || len > NUMBER_MAX)
		return 0;
	if (cut_minus(&text, &len)) {
		out[used++] = '-';
	} else if (*text == '+') {
		text++;
		len--;
	}
	n = whole_part(out + used, &whole, text, len, decimal);
	used += whole;
	text += n;
	len -= n;
	if (len > 0 && *text == decimal) {
		n = 1 + digits(text + 1, len - 1);
		out[used++] = '.';
		memcpy(out + used, text + 1, n - 1);
		used += n - 1;
		text += n;
		len -= n;
	}
	if (len > 0 && *text != 'e' && *text != 'E')
		return 0;
	memcpy(out + used, text, len);
	used += len;
	if (bytes_parse(&ignored, out, used, UNIT_BYTES) == BYTES_NO_NUMBER)
		return 0;
	return used;
}

static void note(struct csv_proof *proof, const char *text, size_t len,
                 int line)
{
	if (proof->line != 0)
		return;
	proof->line = line;
	csv_quote(proof->text, text, len);
}

/* Digits with at most one sign among them; the sign, '0' for none. */
static char only_sign(const char *text, size_t len)
{
	size_t at = digits(text, len);
	char sign;

	if (at == len)
		return '0';
	sign = text[at];
	at += 1 + digits(text + at + 1, len - at - 1);
	return at == len ? sign : '\0';
}

void csv_decimal_add(struct csv_decimal_guess *guess, const char *text,
                     size_t len, int line)
{
	char point[NUMBER_MAX + 1], comma[NUMBER_MAX + 1];
	size_t point_len, comma_len;
	char sign = only_sign(text, len);

	/* Nearly every cell ends here: it can tell nothing new. */
	if (sign == '0' || (sign == '.' && guess->point.line != 0) ||
	    (sign == ',' && guess->comma.line != 0))
		return;
	point_len = normalize(point, text, len, '.');
	comma_len = normalize(comma, text, len, ',');
	if (point_len > 0 && comma_len == 0)
		note(&guess->point, text, len, line);
	else if (point_len == 0 && comma_len > 0)
		note(&guess->comma, text, len, line);
	else if (point_len > 0 && (point_len != comma_len ||
	                           memcmp(point, comma, point_len) != 0))
		note(memchr(text, ',', len) != NULL ? &guess->unclear
		                                    : &guess->dotted,
		     text, len, line);
}

static enum dum_status unclear(const struct csv_proof *cell, const char *sign,
                               struct dum_error *err)
{
	enum dum_status status;

	status = error_field(err, DUM_EINVAL, "decimal",
	                     "'%s' may have a decimal %s or one between "
	                     "thousands, and no other cell tells",
	                     cell->text, sign);
	error_at(err, cell->line);
	return status;
}

enum dum_status csv_decimal_decide(enum csv_decimal *out,
                                   const struct csv_decimal_guess *guess,
                                   char separator, struct dum_error *err)
{
	const struct csv_proof *point = &guess->point, *comma = &guess->comma;
	enum dum_status status;

	if (point->line != 0 && comma->line != 0) {
		status = error_field(
		    err, DUM_EINVAL, "decimal",
		    "'%s' (line %d) has a decimal point, '%s' (line %d) a "
		    "decimal comma",
		    point->text, point->line, comma->text, comma->line);
		error_at(err,
		         point->line > comma->line ? point->line : comma->line);
		return status;
	}
	if (point->line == 0 && comma->line == 0) {
		if (guess->unclear.line != 0)
			return unclear(&guess->unclear, "comma", err);
		/* Who writes a comma between cells has a decimal point. */
		if (guess->dotted.line != 0 && separator != ',')
			return unclear(&guess->dotted, "point", err);
	}
	*out = comma->line != 0 ? CSV_DECIMAL_COMMA : CSV_DECIMAL_POINT;
	return DUM_OK;
}

static int power_of_ten(enum byte_unit unit)
{
	switch (unit) {
	case UNIT_BYTES:
		return 0;
	case UNIT_MB:
		return 6;
	case UNIT_GB:
		return 9;
	case UNIT_GIB:
		break;
	}
	return -1;
}

/*
 * Digits and a decimal sign, with no more than 18 digits to come out: nearly
 * all cells. Exact, and ten times as fast as the long way.
 */
static bool read_short(int64_t *out, const char *text, size_t len, char decimal,
                       enum byte_unit unit)
{
	int shift = power_of_ten(unit);
	int64_t value = 0;
	bool behind = false;
	size_t seen = 0;

	if (len > 15 || shift < 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == decimal && !behind) {
			behind = true;
		} else if (is_digit(text[i])) {
			value = value * 10 + (text[i] - '0');
			seen++;
			shift -= behind;
		} else {
			return false;
		}
	}
	if (seen == 0 || shift < 0 || (int)seen + shift > 18)
		return false;
	while (shift-- > 0)
		value *= 10;
	*out = value;
	return true;
}

enum bytes_parsed csv_number_read(int64_t *out, const char *text, size_t len,
                                  enum csv_decimal decimal, enum byte_unit unit)
{
	char sign = decimal == CSV_DECIMAL_COMMA ? ',' : '.';
	char number[NUMBER_MAX + 1];
	size_t used;

	if (read_short(out, text, len, sign, unit))
		return BYTES_OK;
	used = normalize(number, text, len, sign);
	if (used == 0)
		return BYTES_NO_NUMBER;
	return bytes_parse(out, number, used, unit);
}
