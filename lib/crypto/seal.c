#include "crypto/seal.h"

#include <gcrypt.h>
#include <string.h>

#include "crypto/gcrypt.h"
#include "crypto/hash.h"
#include "crypto/random.h"

enum { VERSION = 1, NONCE_BYTES = 12, TAG_BYTES = 16 };

/* Also what the derived key is good for; another use needs another name. */
static const char purpose[] = "dum seal 1";

static enum dum_status derive(unsigned char out[static HASH_BYTES],
                              const struct secret_key *key,
                              struct dum_error *err)
{
	struct hmac *hmac = NULL;
	enum dum_status status;

	status = hmac_new(&hmac, key->bytes, sizeof(key->bytes), err);
	if (status == DUM_OK) {
		hmac_write(hmac, purpose, strlen(purpose));
		status = hmac_finish(hmac, out, err);
	}
	hmac_free(hmac);
	return status;
}

/* A cipher that has key, nonce and place, and waits for the text. */
static enum dum_status start(gcry_cipher_hd_t *out,
                             const struct secret_key *key,
                             const unsigned char nonce[static NONCE_BYTES],
                             const char *place, struct dum_error *err)
{
	unsigned char derived[HASH_BYTES];
	gcry_cipher_hd_t cipher = NULL;
	enum dum_status status;
	gcry_error_t rc;

	status = gcrypt_start(err);
	if (status == DUM_OK)
		status = derive(derived, key, err);
	if (status != DUM_OK)
		return status;
	rc = gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM,
	                      0);
	if (rc == 0)
		rc = gcry_cipher_setkey(cipher, derived, sizeof(derived));
	explicit_bzero(derived, sizeof(derived));
	if (rc == 0)
		rc = gcry_cipher_setiv(cipher, nonce, NONCE_BYTES);
	if (rc == 0)
		rc = gcry_cipher_authenticate(cipher, place, strlen(place));
	if (rc != 0) {
		gcry_cipher_close(cipher);
		return error_set(err, DUM_ESYS, "AES-GCM: %s",
		                 gcry_strerror(rc));
	}
	*out = cipher;
	return DUM_OK;
}

enum dum_status seal_make(unsigned char *out, const struct secret_key *key,
                          const char *place, const void *secret, size_t len,
                          struct dum_error *err)
{
	unsigned char *nonce = out + 1, *text = nonce + NONCE_BYTES;
	gcry_cipher_hd_t cipher = NULL;
	enum dum_status status;
	gcry_error_t rc;

	status = random_bytes(nonce, NONCE_BYTES, err);
	if (status == DUM_OK)
		status = start(&cipher, key, nonce, place, err);
	if (status != DUM_OK)
		return status;
	out[0] = VERSION;
	rc = gcry_cipher_encrypt(cipher, text, len, secret, len);
	if (rc == 0)
		rc = gcry_cipher_gettag(cipher, text + len, TAG_BYTES);
	gcry_cipher_close(cipher);
	if (rc != 0)
		return error_set(err, DUM_ESYS, "AES-GCM: %s",
		                 gcry_strerror(rc));
	return DUM_OK;
}

enum dum_status seal_open(void *out, size_t len, const struct secret_key *key,
                          const char *place, const unsigned char *sealed,
                          size_t sealed_len, struct dum_error *err)
{
	const unsigned char *nonce = sealed + 1, *text = nonce + NONCE_BYTES;
	gcry_cipher_hd_t cipher = NULL;
	enum dum_status status;
	gcry_error_t rc;

	if (sealed_len != len + SEAL_EXTRA || sealed[0] != VERSION)
		return error_set(err, DUM_EDAMAGED,
		                 "%s is not a sealed text of ours", place);
	status = start(&cipher, key, nonce, place, err);
	if (status != DUM_OK)
		return status;
	rc = gcry_cipher_decrypt(cipher, out, len, text, len);
	if (rc == 0)
		rc = gcry_cipher_checktag(cipher, text + len, TAG_BYTES);
	gcry_cipher_close(cipher);
	if (rc != 0) {
		explicit_bzero(out, len);
		return error_set(err, DUM_EDAMAGED,
		                 "%s was changed, or sealed with another key",
		                 place);
	}
	return DUM_OK;
}
