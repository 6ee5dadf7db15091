#ifndef DUM_BASE_BASE64_H
#define DUM_BASE_BASE64_H
/*
 * base64 - bytes as text without padding: RFC 4648 in its usual alphabet (as
 * password hashes use it) and in the one for addresses and cookies.
 */
#include <stdbool.h>
#include <stddef.h>

enum base64_alphabet { BASE64_STANDARD, BASE64_URL };

/* Characters of len bytes, and the NUL. */
#define BASE64_MAX(len) (((len)*4 + 2) / 3 + 1)

/* out has BASE64_MAX(len) bytes; returns the number of characters. */
size_t base64_encode(char *out, const void *data, size_t len,
                     enum base64_alphabet alphabet);

/*
 * Read text that holds exactly len bytes. False: another length, a character
 * that is none of the alphabet, or bits left over that are not zero, so each
 * value has one spelling.
 */
bool base64_decode(void *out, size_t len, const char *text, size_t text_len,
                   enum base64_alphabet alphabet);

#endif
