#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char *const alphabets[] = {
    [BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "abcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "abcdefghijklmnopqrstuvwxyz0123456789-_",
};

size_t base64_encode(char *out, const void *data, size_t len,
                     enum base64_alphabet alphabet)
{
	const char *letters = alphabets[alphabet];
	const unsigned char *p = data;
	size_t used = 0;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | p[i];
		have += 8;
		while (have >= 6) {
			have -= 6;
			out[used++] = letters[bits >> have & 63];
		}
	}
	if (have > 0)
		out[used++] = letters[bits << (6 - have) & 63];
	out[used] = '\0';
	return used;
}

bool base64_decode(void *out, size_t len, const char *text, size_t text_len,
                   enum base64_alphabet alphabet)
{
	unsigned char *p = out;
	uint32_t bits = 0;
	size_t used = 0;
	int have = 0;

	if (text_len != BASE64_MAX(len) - 1)
		return false;
	for (size_t i = 0; i < text_len; i++) {
		const char *at = text[i] != '\0'
		                     ? strchr(alphabets[alphabet], text[i])
		                     : NULL;

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - alphabets[alphabet]);
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[used++] = (unsigned char)(bits >> have);
		}
	}
	return used == len && (bits & ((1U << have) - 1)) == 0;
}
