/* Sealing and opening one piece: ChaCha20-Poly1305 (RFC 8439). */
#include "crypto/container_header.h"

#include <string.h>

enum { NONCE_BYTES = 12 };

enum dum_status container_cipher_open(
    gcry_cipher_hd_t *out, const unsigned char key[static CONTAINER_KEY_BYTES],
    struct dum_error *err)
{
	gcry_cipher_hd_t cipher = NULL;
	gcry_error_t rc;

	rc = gcry_cipher_open(&cipher, GCRY_CIPHER_CHACHA20,
	                      GCRY_CIPHER_MODE_POLY1305, 0);
	if (rc == 0)
		rc = gcry_cipher_setkey(cipher, key, CONTAINER_KEY_BYTES);
	if (rc != 0) {
		gcry_cipher_close(cipher);
		return error_set(err, DUM_ESYS, "no cipher: %s",
		                 gcry_strerror(rc));
	}
	*out = cipher;
	return DUM_OK;
}

enum dum_status container_seal_piece(gcry_cipher_hd_t cipher,
                                     unsigned char *out, const void *data,
                                     size_t len,
                                     const unsigned char nonce[static 12],
                                     const void *aad, size_t aad_len,
                                     struct dum_error *err)
{
	gcry_error_t rc = gcry_cipher_setiv(cipher, nonce, NONCE_BYTES);

	if (rc == 0)
		rc = gcry_cipher_authenticate(cipher, aad, aad_len);
	if (rc == 0)
		rc = gcry_cipher_encrypt(cipher, out, len, data, len);
	if (rc == 0)
		rc = gcry_cipher_gettag(cipher, out + len, CONTAINER_TAG_BYTES);
	if (rc != 0)
		return error_set(err, DUM_ESYS, "encryption failed: %s",
		                 gcry_strerror(rc));
	return DUM_OK;
}

bool container_open_piece(gcry_cipher_hd_t cipher, unsigned char *out,
                          const unsigned char *data, size_t len,
                          const unsigned char nonce[static 12], const void *aad,
                          size_t aad_len)
{
	gcry_error_t rc = gcry_cipher_setiv(cipher, nonce, NONCE_BYTES);

	if (rc == 0)
		rc = gcry_cipher_authenticate(cipher, aad, aad_len);
	if (rc == 0)
		rc = gcry_cipher_decrypt(cipher, out, len, data, len);
	if (rc == 0)
		rc = gcry_cipher_checktag(cipher, data + len,
		                          CONTAINER_TAG_BYTES);
	return rc == 0;
}

void container_nonce(unsigned char out[static 12],
                     const struct container_header *header, uint32_t n,
                     bool last)
{
	memcpy(out, header->prefix, CONTAINER_PREFIX_BYTES);
	for (int i = 0; i < 4; i++)
		out[CONTAINER_PREFIX_BYTES + i] = (unsigned char)(n >>
		                                                  (24 - 8 * i));
	out[NONCE_BYTES - 1] = last;
}

/* A file of no bytes has one chunk of no bytes, which is the last. */
size_t container_chunk_length(int64_t length, uint64_t n, bool *last)
{
	uint64_t left = (uint64_t)length - n * CONTAINER_CHUNK_BYTES;

	*last = left <= CONTAINER_CHUNK_BYTES;
	return *last ? (size_t)left : CONTAINER_CHUNK_BYTES;
}
