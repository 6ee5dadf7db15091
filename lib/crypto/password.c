#include "crypto/password.h"

#include <gcrypt.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/gcrypt.h"
#include "crypto/hash.h"
#include "crypto/random.h"

enum { SALT_BYTES = 16, TAG_BYTES = 32 };

/* Of the stored text, which may come from a database that was tampered with. */
enum { MEMORY_KIB_MAX = 1024 * 1024, ROUNDS_MAX = 16, LANES_MAX = 4 };

struct argon2 {
	unsigned long memory_kib;
	unsigned long rounds;
	unsigned long lanes;
	unsigned char salt[SALT_BYTES];
	unsigned char tag[TAG_BYTES];
};

/* OWASP's choice for interactive logins; 38 ms where it was measured. */
static const struct argon2 present = {
    .memory_kib = 19456, .rounds = 2, .lanes = 1};

static enum dum_status compute(unsigned char tag[static TAG_BYTES],
                               const struct argon2 *a, const char *password,
                               struct dum_error *err)
{
	const unsigned long params[] = {TAG_BYTES, a->rounds, a->memory_kib,
	                                a->lanes};
	enum dum_status status = gcrypt_start(err);
	gcry_kdf_hd_t handle;
	gcry_error_t rc;

	if (status != DUM_OK)
		return status;
	rc = gcry_kdf_open(&handle, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, params,
	                   4, password, strlen(password), a->salt, SALT_BYTES,
	                   NULL, 0, NULL, 0);
	if (rc == 0) {
		rc = gcry_kdf_compute(handle, NULL);
		if (rc == 0)
			rc = gcry_kdf_final(handle, TAG_BYTES, tag);
		gcry_kdf_close(handle);
	}
	if (rc != 0)
		return error_set(err, DUM_ESYS, "Argon2: %s",
		                 gcry_strerror(rc));
	return DUM_OK;
}

enum dum_status password_hash(char out[static PASSWORD_PHC_MAX],
                              const char *password, struct dum_error *err)
{
	char salt[BASE64_MAX(SALT_BYTES)], tag[BASE64_MAX(TAG_BYTES)];
	struct argon2 a = present;
	enum dum_status status;

	status = random_bytes(a.salt, SALT_BYTES, err);
	if (status == DUM_OK)
		status = compute(a.tag, &a, password, err);
	if (status != DUM_OK)
		return status;
	base64_encode(salt, a.salt, SALT_BYTES, BASE64_STANDARD);
	base64_encode(tag, a.tag, TAG_BYTES, BASE64_STANDARD);
	snprintf(out, PASSWORD_PHC_MAX,
	         "$argon2id$v=19$m=%lu,t=%lu,p=%lu$%s$%s", a.memory_kib,
	         a.rounds, a.lanes, salt, tag);
	return DUM_OK;
}

static bool parse(struct argon2 *out, const char *phc)
{
	char salt[64], tag[64];
	int end = 0;

	if (sscanf(phc, "$argon2id$v=19$m=%7lu,t=%3lu,p=%3lu$%63[^$]$%63[^$]%n",
	           &out->memory_kib, &out->rounds, &out->lanes, salt, tag,
	           &end) != 5 ||
	    phc[end] != '\0')
		return false;
	return out->memory_kib >= 8 && out->memory_kib <= MEMORY_KIB_MAX &&
	       out->rounds >= 1 && out->rounds <= ROUNDS_MAX &&
	       out->lanes >= 1 && out->lanes <= LANES_MAX &&
	       base64_decode(out->salt, SALT_BYTES, salt, strlen(salt),
	                     BASE64_STANDARD) &&
	       base64_decode(out->tag, TAG_BYTES, tag, strlen(tag),
	                     BASE64_STANDARD);
}

bool password_phc_valid(const char *phc)
{
	struct argon2 a;

	return parse(&a, phc);
}

enum dum_status password_verify(bool *matches, bool *outdated, const char *phc,
                                const char *password, struct dum_error *err)
{
	bool empty = *password == '\0';
	unsigned char tag[TAG_BYTES];
	enum dum_status status;
	struct argon2 stored;

	if (!parse(&stored, phc))
		return error_set(err, DUM_EDAMAGED,
		                 "a stored password hash can not be read");
	/* libgcrypt refuses an empty one; it has to take as long as others. */
	status = compute(tag, &stored, empty ? "-" : password, err);
	if (status != DUM_OK)
		return status;
	*matches = !empty && hash_equal(tag, stored.tag, TAG_BYTES);
	*outdated = stored.memory_kib < present.memory_kib ||
	            stored.rounds < present.rounds;
	explicit_bzero(tag, sizeof(tag));
	return DUM_OK;
}

enum dum_status password_verify_nobody(const char *password,
                                       struct dum_error *err)
{
	unsigned char tag[TAG_BYTES];

	return compute(tag, &present, *password == '\0' ? "-" : password, err);
}
