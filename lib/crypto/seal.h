#ifndef DUM_CRYPTO_SEAL_H
#define DUM_CRYPTO_SEAL_H
/*
 * seal - small secrets that have to be stored and read again, such as the seed
 * of an authenticator app: AES-256-GCM with a key that is derived from the
 * secret key of the installation and used for nothing else.
 *
 * A sealed text is one byte that says how it was made, 12 random ones, the
 * encrypted secret and a tag of 16. It opens only at the place that it was
 * sealed for ("users/3/totp_seed"), so one that was moved to another row of
 * the database is worth nothing there.
 */
#include <stddef.h>

#include "base/error.h"
#include "crypto/secret_key.h"

/* A sealed text is so much longer than its secret. */
enum { SEAL_EXTRA = 1 + 12 + 16 };

/* out has len + SEAL_EXTRA bytes. */
DUM_MUST_CHECK enum dum_status seal_make(unsigned char *out,
                                         const struct secret_key *key,
                                         const char *place, const void *secret,
                                         size_t len, struct dum_error *err);

/*
 * out gets exactly len bytes. DUM_EDAMAGED: it was not sealed with this key,
 * for this place and of this length, or was changed since.
 */
DUM_MUST_CHECK enum dum_status seal_open(
    void *out, size_t len, const struct secret_key *key, const char *place,
    const unsigned char *sealed, size_t sealed_len, struct dum_error *err);

#endif
