#ifndef DUM_CRYPTO_HASH_H
#define DUM_CRYPTO_HASH_H
/* hash - SHA-256, HMAC-SHA256 and their hexadecimal form. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HASH_BYTES   32
#define HASH_HEX_MAX (2 * HASH_BYTES + 1)

/* What a hexadecimal digit says, in either case; -1: it is none. */
int hex_digit(char c);

/* out gets 2 * len digits and a NUL. */
void hex_write(char *out, const void *data, size_t len);

/* Read 2 * len hexadecimal digits; false when text is anything else. */
bool hex_read(void *out, size_t len, const char *text, size_t text_len);

DUM_MUST_CHECK enum dum_status hash_sha256(unsigned char out[static HASH_BYTES],
                                           const void *data, size_t len,
                                           struct dum_error *err);
DUM_MUST_CHECK enum dum_status hash_sha256_hex(char out[static HASH_HEX_MAX],
                                               const void *data, size_t len,
                                               struct dum_error *err);

/* A SHA-256 of what comes piece by piece. */
struct hasher;

DUM_MUST_CHECK enum dum_status hasher_new(struct hasher **out,
                                          struct dum_error *err);
void hasher_free(struct hasher *hasher);
void hasher_write(struct hasher *hasher, const void *data, size_t len);

/* The hash of all that was written since it was made or last finished. */
void hasher_finish(struct hasher *hasher, unsigned char out[static HASH_BYTES]);

/* Same bytes? Takes as long for any two inputs of one length. */
bool hash_equal(const void *a, const void *b, size_t len);

/* An HMAC with one key, for many messages. */
struct hmac;

DUM_MUST_CHECK enum dum_status hmac_new(struct hmac **out, const void *key,
                                        size_t key_len, struct dum_error *err);
void hmac_free(struct hmac *hmac);

/* A message is written piece by piece; hmac_finish() makes it ready again. */
void hmac_write(struct hmac *hmac, const void *data, size_t len);
DUM_MUST_CHECK enum dum_status hmac_finish(struct hmac *hmac,
                                           unsigned char out[static HASH_BYTES],
                                           struct dum_error *err);

#endif
