#include "calc/csv_quote.h"

#include <string.h>

#include "base/utf8.h"

const char *csv_quote(char out[static CSV_QUOTE_MAX], const char *text,
                      size_t len)
{
	static const char more[] = "...";
	size_t used = 0, fits = 0, n;

	for (size_t i = 0; i < len; i += n) {
		size_t put;

		n = utf8_sequence(text + i, len - i);
		put = n;
		if (n == 0)
			n = put = 1;
		if (!utf8_printable(text + i, n))
			put = 1;
		if (used + put + 1 > CSV_QUOTE_MAX) {
			/* back to where the dots still fit */
			memcpy(out + fits, more, sizeof(more));
			return out;
		}
		if (utf8_printable(text + i, n))
			memcpy(out + used, text + i, n);
		else
			out[used] = '?';
		used += put;
		if (used + sizeof(more) <= CSV_QUOTE_MAX)
			fits = used;
	}
	out[used] = '\0';
	return out;
}
