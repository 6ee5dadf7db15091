#ifndef DUM_CRYPTO_CONTAINER_HEADER_H
#define DUM_CRYPTO_CONTAINER_HEADER_H
/*
 * container_header - the first bytes of a container, and the sealing of one
 * piece; for container_read.c and container_write.c alone.
 */
#include <gcrypt.h>

#include "crypto/container.h"

enum {
	CONTAINER_TAG_BYTES = 16,
	CONTAINER_PREFIX_BYTES = 7,
	/* The part that rekeying leaves alone; sealed with each chunk. */
	CONTAINER_FIXED_BYTES = 52
};

struct container_header {
	unsigned char fixed[CONTAINER_FIXED_BYTES];
	unsigned char prefix[CONTAINER_PREFIX_BYTES];
	struct container_ids ids;
	int64_t length; /* of the plaintext */
	unsigned char file_key[CONTAINER_KEY_BYTES];
};

/* A header for a new file, with a key and a nonce prefix of its own. */
DUM_MUST_CHECK enum dum_status container_header_make(
    struct container_header *out, const struct container_ids *ids,
    struct dum_error *err);

/*
 * Turn it into bytes, the file key wrapped with key. For a passphrase this
 * takes as long as it takes to check one.
 */
DUM_MUST_CHECK enum dum_status container_header_seal(
    unsigned char out[static CONTAINER_HEADER_BYTES],
    const struct container_header *header, const struct container_key *key,
    struct dum_error *err);

DUM_MUST_CHECK enum dum_status container_header_open(
    struct container_header *out,
    const unsigned char bytes[static CONTAINER_HEADER_BYTES],
    const struct container_key *key, struct dum_error *err);

/* The cipher, with a key set. End with gcry_cipher_close(). */
DUM_MUST_CHECK enum dum_status container_cipher_open(
    gcry_cipher_hd_t *out, const unsigned char key[static CONTAINER_KEY_BYTES],
    struct dum_error *err);

/* One piece; out has room for len and, when sealing, the tag after it. */
DUM_MUST_CHECK enum dum_status container_seal_piece(
    gcry_cipher_hd_t cipher, unsigned char *out, const void *data, size_t len,
    const unsigned char nonce[static 12], const void *aad, size_t aad_len,
    struct dum_error *err);

/* len without the tag. False: it is not what was sealed. */
bool container_open_piece(gcry_cipher_hd_t cipher, unsigned char *out,
                          const unsigned char *data, size_t len,
                          const unsigned char nonce[static 12], const void *aad,
                          size_t aad_len);

/* The nonce of chunk number n. */
void container_nonce(unsigned char out[static 12],
                     const struct container_header *header, uint32_t n,
                     bool last);

/*
 * Bytes of plaintext that chunk n has, of so many in all; *last: it is the
 * last.
 */
size_t container_chunk_length(int64_t length, uint64_t n, bool *last);

#endif
