/*
 * The header, whose layout docs/backup-format.md shows. Its check sum tells
 * damage from a wrong key; the tag of the wrapped key tells what was changed
 * on purpose.
 */
#include "crypto/container_header.h"

#include <string.h>

#include "crypto/gcrypt.h"
#include "crypto/hash.h"
#include "crypto/random.h"

enum { VERSION = 1, CIPHER_CHACHA20_POLY1305 = 1, CHUNK_LOG2 = 16 };

/* Where the fields stand. */
enum {
	AT_VERSION = 8,
	AT_CIPHER = 9,
	AT_CHUNK = 10,
	AT_FLAGS = 11,
	AT_DATABASE = 12,
	AT_BACKUP = 28,
	AT_PREFIX = 44,
	AT_LENGTH = 52,
	AT_KDF = 60,
	AT_ROUNDS = 64,
	AT_MEMORY = 68,
	AT_LANES = 72,
	AT_SALT = 76,
	AT_CHECK = 92,
	AT_WRAPPED = 100,
	AT_SUM = 148
};

enum { SALT_BYTES = 16, CHECK_BYTES = 8, SUM_BYTES = 16, NONCE_BYTES = 12 };

/* What a file may ask for, whoever wrote it: 1 GiB, some seconds. */
enum { ROUNDS_MAX = 16, MEMORY_KIB_MAX = 1048576, LANES_MAX = 4 };

/* RFC 9106's second choice: 64 MiB, three rounds. */
enum { ROUNDS = 3, MEMORY_KIB = 65536, LANES = 1 };

/* As many chunks as their counter can number. */
#define LENGTH_MAX (INT64_C(65536) << 32)

static const unsigned char magic[8] = {0x89, 'D',  'U',  'M',
                                       'B',  '\r', '\n', 0x1a};

/* What comes of a key: one value to tell it by, one to wrap with. */
struct derived {
	unsigned char check[HASH_BYTES];
	unsigned char wrap[HASH_BYTES];
};

static void put32(unsigned char *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> (24 - 8 * i));
}

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static enum dum_status argon2id(unsigned char out[static CONTAINER_KEY_BYTES],
                                const char *passphrase,
                                const unsigned char *bytes,
                                struct dum_error *err)
{
	const unsigned long params[] = {
	    CONTAINER_KEY_BYTES, get32(bytes + AT_ROUNDS),
	    get32(bytes + AT_MEMORY), get32(bytes + AT_LANES)};
	gcry_kdf_hd_t handle;
	gcry_error_t rc;

	rc = gcry_kdf_open(&handle, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, params,
	                   4, passphrase, strlen(passphrase), bytes + AT_SALT,
	                   SALT_BYTES, NULL, 0, NULL, 0);
	if (rc == 0) {
		rc = gcry_kdf_compute(handle, NULL);
		if (rc == 0)
			rc = gcry_kdf_final(handle, CONTAINER_KEY_BYTES, out);
		gcry_kdf_close(handle);
	}
	if (rc != 0)
		return error_set(err, DUM_ESYS, "Argon2: %s",
		                 gcry_strerror(rc));
	return DUM_OK;
}

static enum dum_status hmac_once(unsigned char out[static HASH_BYTES],
                                 const void *key, size_t key_len,
                                 const void *data, size_t len,
                                 struct dum_error *err)
{
	struct hmac *hmac = NULL;
	enum dum_status status = hmac_new(&hmac, key, key_len, err);

	if (status == DUM_OK) {
		hmac_write(hmac, data, len);
		status = hmac_finish(hmac, out, err);
	}
	hmac_free(hmac);
	return status;
}

/* HKDF-SHA256 (RFC 5869); one block of it is all that is needed. */
static enum dum_status derive(struct derived *out,
                              const struct container_key *key,
                              const unsigned char *bytes, struct dum_error *err)
{
	static const char check[] = "dum container v1 check\1";
	static const char wrap[] = "dum container v1 wrap\1";
	unsigned char secret[CONTAINER_KEY_BYTES], prk[HASH_BYTES];
	enum dum_status status = gcrypt_start(err);

	memcpy(secret, key->bytes, sizeof(secret));
	if (status == DUM_OK && key->kind == CONTAINER_KEY_PASSPHRASE)
		status = argon2id(secret, key->passphrase, bytes, err);
	if (status == DUM_OK)
		status = hmac_once(prk, bytes + AT_SALT, SALT_BYTES, secret,
		                   sizeof(secret), err);
	if (status == DUM_OK)
		status = hmac_once(out->check, prk, sizeof(prk), check,
		                   sizeof(check) - 1, err);
	if (status == DUM_OK)
		status = hmac_once(out->wrap, prk, sizeof(prk), wrap,
		                   sizeof(wrap) - 1, err);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(prk, sizeof(prk));
	return status;
}

enum dum_status container_header_make(struct container_header *out,
                                      const struct container_ids *ids,
                                      struct dum_error *err)
{
	struct container_header h = {.ids = *ids};
	enum dum_status status;

	status = random_bytes(h.file_key, sizeof(h.file_key), err);
	if (status == DUM_OK)
		status = random_bytes(h.prefix, sizeof(h.prefix), err);
	if (status != DUM_OK)
		return status;
	memcpy(h.fixed, magic, sizeof(magic));
	h.fixed[AT_VERSION] = VERSION;
	h.fixed[AT_CIPHER] = CIPHER_CHACHA20_POLY1305;
	h.fixed[AT_CHUNK] = CHUNK_LOG2;
	memcpy(h.fixed + AT_DATABASE, ids->database, CONTAINER_ID_BYTES);
	memcpy(h.fixed + AT_BACKUP, ids->backup, CONTAINER_ID_BYTES);
	memcpy(h.fixed + AT_PREFIX, h.prefix, sizeof(h.prefix));
	*out = h;
	explicit_bzero(&h, sizeof(h));
	return DUM_OK;
}

/* The file key, under the derived one; a nonce of zeros, as it is used once. */
static enum dum_status wrap_file_key(unsigned char *bytes,
                                     const struct container_header *header,
                                     const struct derived *derived,
                                     struct dum_error *err)
{
	static const unsigned char nonce[NONCE_BYTES];
	gcry_cipher_hd_t cipher = NULL;
	enum dum_status status;

	status = container_cipher_open(&cipher, derived->wrap, err);
	if (status == DUM_OK)
		status = container_seal_piece(
		    cipher, bytes + AT_WRAPPED, header->file_key,
		    CONTAINER_KEY_BYTES, nonce, bytes, AT_WRAPPED, err);
	gcry_cipher_close(cipher);
	return status;
}

enum dum_status container_header_seal(
    unsigned char out[static CONTAINER_HEADER_BYTES],
    const struct container_header *header, const struct container_key *key,
    struct dum_error *err)
{
	unsigned char bytes[CONTAINER_HEADER_BYTES] = {0}, sum[HASH_BYTES];
	struct derived derived = {0};
	enum dum_status status;

	memcpy(bytes, header->fixed, CONTAINER_FIXED_BYTES);
	put32(bytes + AT_LENGTH, (uint32_t)((uint64_t)header->length >> 32));
	put32(bytes + AT_LENGTH + 4, (uint32_t)header->length);
	bytes[AT_KDF] = (unsigned char)key->kind;
	if (key->kind == CONTAINER_KEY_PASSPHRASE) {
		put32(bytes + AT_ROUNDS, ROUNDS);
		put32(bytes + AT_MEMORY, MEMORY_KIB);
		put32(bytes + AT_LANES, LANES);
	}
	status = random_bytes(bytes + AT_SALT, SALT_BYTES, err);
	if (status == DUM_OK)
		status = derive(&derived, key, bytes, err);
	memcpy(bytes + AT_CHECK, derived.check, CHECK_BYTES);
	if (status == DUM_OK)
		status = wrap_file_key(bytes, header, &derived, err);
	if (status == DUM_OK)
		status = hash_sha256(sum, bytes, AT_SUM, err);
	if (status == DUM_OK) {
		memcpy(bytes + AT_SUM, sum, SUM_BYTES);
		memcpy(out, bytes, sizeof(bytes));
	}
	explicit_bzero(&derived, sizeof(derived));
	return status;
}

/*
 * What needs no key. The parameters first: nothing is worked out by them yet.
 */
static enum dum_status check_plain(const unsigned char *bytes,
                                   struct dum_error *err)
{
	uint32_t rounds = get32(bytes + AT_ROUNDS);
	uint32_t memory = get32(bytes + AT_MEMORY);
	uint32_t lanes = get32(bytes + AT_LANES);
	unsigned char sum[HASH_BYTES];
	enum dum_status status;

	if (memcmp(bytes, magic, sizeof(magic)) != 0)
		return error_set(err, DUM_EDAMAGED,
		                 "this is no encrypted backup, or its first "
		                 "bytes are damaged");
	if (bytes[AT_VERSION] != VERSION ||
	    bytes[AT_CIPHER] != CIPHER_CHACHA20_POLY1305 ||
	    bytes[AT_CHUNK] != CHUNK_LOG2 || bytes[AT_FLAGS] != 0)
		return error_set(err, DUM_EDAMAGED,
		                 "the header is damaged, or made by a newer "
		                 "program");
	if (rounds > ROUNDS_MAX || memory > MEMORY_KIB_MAX || lanes > LANES_MAX)
		return error_set(err, DUM_EKEY,
		                 "the header asks for %u rounds of Argon2 over "
		                 "%u KiB in %u lanes to make the key; at most "
		                 "%d, %d and %d are done",
		                 rounds, memory, lanes, ROUNDS_MAX,
		                 MEMORY_KIB_MAX, LANES_MAX);
	status = hash_sha256(sum, bytes, AT_SUM, err);
	if (status == DUM_OK && memcmp(sum, bytes + AT_SUM, SUM_BYTES) != 0)
		status = error_set(err, DUM_EDAMAGED, "the header is damaged");
	if (status != DUM_OK)
		return status;
	if (bytes[AT_KDF] > CONTAINER_KEY_PASSPHRASE ||
	    (bytes[AT_KDF] == CONTAINER_KEY_PASSPHRASE &&
	     (rounds < 1 || lanes < 1 || memory < 8 * lanes)))
		return error_set(err, DUM_EDAMAGED,
		                 "the header names no way to make the key");
	return DUM_OK;
}

static enum dum_status unwrap_file_key(struct container_header *header,
                                       const unsigned char *bytes,
                                       const struct derived *derived,
                                       struct dum_error *err)
{
	static const unsigned char nonce[NONCE_BYTES];
	gcry_cipher_hd_t cipher = NULL;
	enum dum_status status;

	status = container_cipher_open(&cipher, derived->wrap, err);
	if (status == DUM_OK &&
	    !container_open_piece(cipher, header->file_key, bytes + AT_WRAPPED,
	                          CONTAINER_KEY_BYTES, nonce, bytes,
	                          AT_WRAPPED))
		status = error_set(err, DUM_EDAMAGED, "the header was changed");
	gcry_cipher_close(cipher);
	return status;
}

enum dum_status container_header_open(
    struct container_header *out,
    const unsigned char bytes[static CONTAINER_HEADER_BYTES],
    const struct container_key *key, struct dum_error *err)
{
	struct container_header h = {.length = 0};
	struct derived derived = {0};
	enum dum_status status;

	status = check_plain(bytes, err);
	if (status != DUM_OK)
		return status;
	if (bytes[AT_KDF] != key->kind)
		return error_set(
		    err, DUM_EKEY, "it opens with a %s, not with a %s",
		    key->kind == CONTAINER_KEY_FILE ? "passphrase" : "key file",
		    key->kind == CONTAINER_KEY_FILE ? "key file"
		                                    : "passphrase");
	status = derive(&derived, key, bytes, err);
	if (status == DUM_OK &&
	    !hash_equal(derived.check, bytes + AT_CHECK, CHECK_BYTES))
		status = error_set(err, DUM_EKEY, "the key is another one");
	memcpy(h.fixed, bytes, sizeof(h.fixed));
	memcpy(h.prefix, bytes + AT_PREFIX, sizeof(h.prefix));
	memcpy(h.ids.database, bytes + AT_DATABASE, CONTAINER_ID_BYTES);
	memcpy(h.ids.backup, bytes + AT_BACKUP, CONTAINER_ID_BYTES);
	h.length = (int64_t)((uint64_t)get32(bytes + AT_LENGTH) << 32 |
	                     get32(bytes + AT_LENGTH + 4));
	if (status == DUM_OK)
		status = unwrap_file_key(&h, bytes, &derived, err);
	if (status == DUM_OK && (h.length < 0 || h.length > LENGTH_MAX))
		status = error_set(err, DUM_EDAMAGED,
		                   "the header tells an impossible length");
	if (status == DUM_OK)
		*out = h;
	explicit_bzero(&derived, sizeof(derived));
	explicit_bzero(&h, sizeof(h));
	return status;
}

enum dum_status container_rekey(
    unsigned char header[static CONTAINER_HEADER_BYTES],
    const struct container_key *from, const struct container_key *to,
    struct dum_error *err)
{
	struct container_header h = {.length = 0};
	enum dum_status status = container_header_open(&h, header, from, err);

	if (status == DUM_OK)
		status = container_header_seal(header, &h, to, err);
	explicit_bzero(&h, sizeof(h));
	return status;
}
