#ifndef DUM_BASE_BYTES_H
#define DUM_BASE_BYTES_H
/*
 * bytes - amounts of data: exact integers inside, decimal text at the edges.
 *
 * 1 GB is 10^9 bytes (SI, as providers bill); GiB (2^30) is only read from
 * files that say so. No floating point touches an amount.
 */
#include <stddef.h>
#include <stdint.h>

#define BYTES_PER_GB INT64_C(1000000000)

/* Most characters of a formatted amount, its NUL included. */
#define BYTES_GB_MAX 24

enum byte_unit {
	UNIT_BYTES,
	UNIT_MB, /* 10^6 */
	UNIT_GB, /* 10^9 */
	UNIT_GIB /* 2^30 */
};

/* Find a unit by its name: "bytes", "MB", "GB" or "GiB". -1: no such unit. */
int byte_unit_find(const char *name);
const char *byte_unit_name(enum byte_unit unit);

enum bytes_parsed {
	BYTES_OK,
	BYTES_NO_NUMBER, /* the text is no plain decimal number */
	BYTES_NEGATIVE,  /* a number below zero */
	BYTES_TOO_LARGE  /* a number of more than INT64_MAX bytes */
};

/*
 * Read a decimal number with '.' as its decimal point ("130", "9.9", "+1.5",
 * "1.2E3") as an amount in unit; no blanks around it. Below one byte it is
 * rounded to the nearest, halves up. *out is written on BYTES_OK only.
 */
enum bytes_parsed bytes_parse(int64_t *out, const char *text, size_t len,
                              enum byte_unit unit);

/*
 * Write bytes as gigabytes, exact and as short as possible: 9900000000 is
 * "9.9", 1 is "0.000000001". A difference may be below zero. Returns the
 * length.
 */
size_t bytes_format_gb(char out[static BYTES_GB_MAX], int64_t bytes);

/*
 * A sum of amounts, wide enough for 2^63 of them: the largest amount times a
 * thousand locations times a month is past int64_t. All amounts are >= 0.
 */
struct byte_sum {
	int64_t gb;   /* whole gigabytes */
	int64_t rest; /* bytes, 0..BYTES_PER_GB - 1 */
};

/* Add gb gigabytes and bytes bytes; bytes may be any non-negative number. */
void byte_sum_add(struct byte_sum *sum, int64_t gb, int64_t bytes);

/* -1, 0 or 1: a is less than, equal to or more than b. */
int byte_sum_cmp(const struct byte_sum *a, const struct byte_sum *b);

/* As bytes_format_gb; room for one more character is not needed. */
size_t byte_sum_format_gb(char out[static BYTES_GB_MAX + 8],
                          const struct byte_sum *sum);

#endif
