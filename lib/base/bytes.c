#include "base/bytes.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t size;
} units[] = {
    [UNIT_BYTES] = {"bytes", 1},
    [UNIT_MB] = {"MB", 1000000},
    [UNIT_GB] = {"GB", BYTES_PER_GB},
    [UNIT_GIB] = {"GiB", INT64_C(1) << 30},
};

int byte_unit_find(const char *name)
{
	for (int i = 0; i < (int)(sizeof(units) / sizeof(units[0])); i++)
		if (strcmp(name, units[i].name) == 0)
			return i;
	return -1;
}

const char *byte_unit_name(enum byte_unit unit)
{
	return units[unit].name;
}

/*
 * A decimal number taken apart: digits without point, times 10^exponent. An
 * amount has at most 10 digits of GiB and 31 more to half a byte, so there is
 * room for every digit that can tell; what comes after is dropped.
 */
struct decimal {
	char digits[48];
	int ndigits;
	int exponent;
	bool negative;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "e3", "E-05": at most three digits. Returns false on anything else. */
static bool read_exponent(int *out, const char *text, size_t len)
{
	bool negative = false;
	size_t i = 0;
	int value = 0;

	if (i < len && (text[i] == '+' || text[i] == '-'))
		negative = text[i++] == '-';
	if (i == len || len - i > 3)
		return false;
	for (; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*out = negative ? -value : value;
	return true;
}

static void push_digit(struct decimal *d, char c, bool behind_point)
{
	if (d->ndigits == (int)sizeof(d->digits)) {
		d->exponent += !behind_point;
		return;
	}
	d->exponent -= behind_point;
	if (d->ndigits > 0 || c != '0') /* leading zeros carry nothing */
		d->digits[d->ndigits++] = c;
}

static bool decimal_parse(struct decimal *d, const char *text, size_t len)
{
	bool seen = false, point = false;
	size_t i = 0;
	int exponent = 0;

	*d = (struct decimal){.ndigits = 0};
	if (i < len && (text[i] == '+' || text[i] == '-'))
		d->negative = text[i++] == '-';
	for (; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(text[i]))
			break;
		seen = true;
		push_digit(d, text[i], point);
	}
	if (!seen)
		return false;
	if (i < len) {
		if (text[i] != 'e' && text[i] != 'E')
			return false;
		if (!read_exponent(&exponent, text + i + 1, len - i - 1))
			return false;
	}
	d->exponent += exponent;
	return true;
}

/*
 * digits * 10^exponent * size, rounded to a whole number: by long division
 * with a carry, so that no step needs more than 64 bits.
 */
static bool scale(int64_t *out, const struct decimal *d, int64_t size)
{
	/* digits * size as decimal digits, least first */
	unsigned char product[64] = {0}; /* 48 and the 10 of size */
	int used = (int)sizeof(product);
	uint64_t carry = 0;
	int64_t value = 0;
	int first = -d->exponent; /* index of the units digit */

	for (int i = 0; i < used; i++) {
		if (i < d->ndigits)
			carry += (uint64_t)(d->digits[d->ndigits - 1 - i] -
			                    '0') *
			         (uint64_t)size;
		product[i] = (unsigned char)(carry % 10);
		carry /= 10;
	}
	for (int i = used - 1; i >= first; i--) {
		int digit = i >= 0 ? product[i] : 0;

		if (value > (INT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (first > 0 && first <= used && product[first - 1] >= 5) {
		if (value == INT64_MAX)
			return false;
		value++;
	}
	*out = value;
	return true;
}

enum bytes_parsed bytes_parse(int64_t *out, const char *text, size_t len,
                              enum byte_unit unit)
{
	struct decimal d;
	int64_t value;

	if (!decimal_parse(&d, text, len))
		return BYTES_NO_NUMBER;
	if (d.ndigits == 0) { /* zero, whatever its sign */
		*out = 0;
		return BYTES_OK;
	}
	if (d.negative)
		return BYTES_NEGATIVE;
	if (!scale(&value, &d, units[unit].size))
		return BYTES_TOO_LARGE;
	*out = value;
	return BYTES_OK;
}

size_t byte_sum_format_gb(char out[static BYTES_GB_MAX + 8],
                          const struct byte_sum *sum)
{
	char whole[24];
	size_t at = sizeof(whole), len;
	int64_t gb = sum->gb, rest = sum->rest;

	do {
		whole[--at] = (char)('0' + gb % 10);
		gb /= 10;
	} while (gb > 0);
	len = sizeof(whole) - at;
	memcpy(out, whole + at, len);
	if (rest > 0)
		out[len++] = '.';
	for (int64_t unit = BYTES_PER_GB / 10; rest > 0; unit /= 10) {
		out[len++] = (char)('0' + rest / unit);
		rest %= unit;
	}
	out[len] = '\0';
	return len;
}

size_t bytes_format_gb(char out[static BYTES_GB_MAX], int64_t bytes)
{
	struct byte_sum sum = {bytes / BYTES_PER_GB, bytes % BYTES_PER_GB};
	char text[BYTES_GB_MAX + 8];
	size_t sign = bytes < 0, len;

	if (sign == 1) {
		sum = (struct byte_sum){-sum.gb, -sum.rest};
		out[0] = '-';
	}
	len = byte_sum_format_gb(text, &sum);
	memcpy(out + sign, text, len + 1);
	return sign + len;
}

void byte_sum_add(struct byte_sum *sum, int64_t gb, int64_t bytes)
{
	sum->gb += gb + bytes / BYTES_PER_GB;
	sum->rest += bytes % BYTES_PER_GB;
	if (sum->rest >= BYTES_PER_GB) {
		sum->rest -= BYTES_PER_GB;
		sum->gb++;
	}
}

int byte_sum_cmp(const struct byte_sum *a, const struct byte_sum *b)
{
	if (a->gb != b->gb)
		return a->gb < b->gb ? -1 : 1;
	if (a->rest != b->rest)
		return a->rest < b->rest ? -1 : 1;
	return 0;
}
