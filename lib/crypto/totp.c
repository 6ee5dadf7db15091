#include "crypto/totp.h"

#include <gcrypt.h>
#include <stdio.h>
#include <string.h>

#include "crypto/gcrypt.h"
#include "crypto/hash.h"

enum { SHA1_BYTES = 20 };

void totp_seed_text(char out[static TOTP_SEED_TEXT_MAX],
                    const unsigned char seed[static TOTP_SEED_BYTES])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	int have = 0;

	for (int i = 0; i < TOTP_SEED_BYTES; i++) {
		bits = bits << 8 | seed[i];
		have += 8;
		while (have >= 5) {
			have -= 5;
			*out++ = letters[bits >> have & 31];
		}
	}
	*out = '\0';
}

static enum dum_status hmac_sha1(unsigned char out[static SHA1_BYTES],
                                 const unsigned char *key, size_t key_len,
                                 const unsigned char *data, size_t len,
                                 struct dum_error *err)
{
	enum dum_status status = gcrypt_start(err);
	size_t out_len = SHA1_BYTES;
	gcry_mac_hd_t handle;
	gcry_error_t rc;

	if (status != DUM_OK)
		return status;
	rc = gcry_mac_open(&handle, GCRY_MAC_HMAC_SHA1, 0, NULL);
	if (rc == 0) {
		rc = gcry_mac_setkey(handle, key, key_len);
		if (rc == 0)
			rc = gcry_mac_write(handle, data, len);
		if (rc == 0)
			rc = gcry_mac_read(handle, out, &out_len);
		gcry_mac_close(handle);
	}
	if (rc != 0)
		return error_set(err, DUM_ESYS, "HMAC-SHA1: %s",
		                 gcry_strerror(rc));
	return DUM_OK;
}

enum dum_status totp_code(char out[static TOTP_DIGITS + 1],
                          const unsigned char seed[static TOTP_SEED_BYTES],
                          int64_t step, struct dum_error *err)
{
	unsigned char counter[8], mac[SHA1_BYTES];
	enum dum_status status;
	uint32_t number;
	int at;

	for (int i = 0; i < 8; i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	status = hmac_sha1(mac, seed, TOTP_SEED_BYTES, counter, 8, err);
	if (status != DUM_OK)
		return status;
	/* RFC 4226, 5.3: the last four bits say where the number stands. */
	at = mac[SHA1_BYTES - 1] & 15;
	number = (uint32_t)(mac[at] & 0x7f) << 24 |
	         (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 |
	         mac[at + 3];
	snprintf(out, TOTP_DIGITS + 1, "%06u", number % 1000000U);
	return DUM_OK;
}

enum dum_status totp_check(int64_t *step_out,
                           const unsigned char seed[static TOTP_SEED_BYTES],
                           const char *code, int64_t now, int64_t last_step,
                           struct dum_error *err)
{
	int64_t present = now / TOTP_STEP_S, found = 0;
	char expected[TOTP_DIGITS + 1];

	if (strlen(code) != TOTP_DIGITS) {
		*step_out = 0;
		return DUM_OK;
	}
	for (int64_t step = present - 1; step <= present + 1; step++) {
		enum dum_status status = totp_code(expected, seed, step, err);

		if (status != DUM_OK)
			return status;
		if (hash_equal(expected, code, TOTP_DIGITS) &&
		    step > last_step && found == 0)
			found = step;
	}
	*step_out = found;
	return DUM_OK;
}
