#include "crypto/hash.h"

#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/gcrypt.h"

struct hmac {
	gcry_mac_hd_t handle;
	gcry_error_t failed; /* the first error of a write */
};

struct hasher {
	gcry_md_hd_t handle;
};

void hex_write(char *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_read(void *out, size_t len, const char *text, size_t text_len)
{
	unsigned char *p = out;

	if (text_len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

enum dum_status hash_sha256(unsigned char out[static HASH_BYTES],
                            const void *data, size_t len, struct dum_error *err)
{
	enum dum_status status = gcrypt_start(err);

	if (status == DUM_OK)
		gcry_md_hash_buffer(GCRY_MD_SHA256, out, data, len);
	return status;
}

enum dum_status hash_sha256_hex(char out[static HASH_HEX_MAX], const void *data,
                                size_t len, struct dum_error *err)
{
	unsigned char raw[HASH_BYTES];
	enum dum_status status = hash_sha256(raw, data, len, err);

	if (status == DUM_OK)
		hex_write(out, raw, sizeof(raw));
	return status;
}

enum dum_status hasher_new(struct hasher **out, struct dum_error *err)
{
	struct hasher *hasher = NULL;
	enum dum_status status;
	gcry_error_t rc;

	status = gcrypt_start(err);
	if (status != DUM_OK)
		return status;
	hasher = calloc(1, sizeof(*hasher));
	if (hasher == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	rc = gcry_md_open(&hasher->handle, GCRY_MD_SHA256, 0);
	if (rc != 0) {
		free(hasher);
		return error_set(err, DUM_ESYS, "no SHA-256: %s",
		                 gcry_strerror(rc));
	}
	*out = hasher;
	return DUM_OK;
}

void hasher_free(struct hasher *hasher)
{
	if (hasher == NULL)
		return;
	gcry_md_close(hasher->handle);
	free(hasher);
}

void hasher_write(struct hasher *hasher, const void *data, size_t len)
{
	gcry_md_write(hasher->handle, data, len);
}

void hasher_finish(struct hasher *hasher, unsigned char out[static HASH_BYTES])
{
	memcpy(out, gcry_md_read(hasher->handle, GCRY_MD_SHA256), HASH_BYTES);
	gcry_md_reset(hasher->handle);
}

bool hash_equal(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;
	unsigned char differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (unsigned char)(p[i] ^ q[i]);
	return differ == 0;
}

enum dum_status hmac_new(struct hmac **out, const void *key, size_t key_len,
                         struct dum_error *err)
{
	struct hmac *hmac = NULL;
	enum dum_status status;
	gcry_error_t rc;

	status = gcrypt_start(err);
	if (status != DUM_OK)
		return status;
	hmac = calloc(1, sizeof(*hmac));
	if (hmac == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	rc = gcry_mac_open(&hmac->handle, GCRY_MAC_HMAC_SHA256, 0, NULL);
	if (rc == 0)
		rc = gcry_mac_setkey(hmac->handle, key, key_len);
	if (rc != 0) {
		hmac_free(hmac);
		return error_set(err, DUM_ESYS, "no HMAC: %s",
		                 gcry_strerror(rc));
	}
	*out = hmac;
	return DUM_OK;
}

void hmac_free(struct hmac *hmac)
{
	if (hmac == NULL)
		return;
	gcry_mac_close(hmac->handle);
	free(hmac);
}

void hmac_write(struct hmac *hmac, const void *data, size_t len)
{
	if (hmac->failed == 0)
		hmac->failed = gcry_mac_write(hmac->handle, data, len);
}

enum dum_status hmac_finish(struct hmac *hmac,
                            unsigned char out[static HASH_BYTES],
                            struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	size_t len = sizeof(mac);
	gcry_error_t rc = hmac->failed;

	if (rc == 0)
		rc = gcry_mac_read(hmac->handle, mac, &len);
	hmac->failed = gcry_mac_reset(hmac->handle);
	if (rc != 0 || len != HASH_BYTES)
		return error_set(err, DUM_ESYS, "no HMAC: %s",
		                 gcry_strerror(rc));
	for (size_t i = 0; i < HASH_BYTES; i++)
		out[i] = mac[i];
	return DUM_OK;
}
