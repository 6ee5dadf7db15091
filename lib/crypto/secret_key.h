#ifndef DUM_CRYPTO_SECRET_KEY_H
#define DUM_CRYPTO_SECRET_KEY_H
/*
 * secret_key - the key of an installation (SECRET_KEY_FILE): 32 random bytes,
 * kept as 64 hexadecimal digits in a file that only its owner can read.
 */
#include <stdbool.h>

#include "base/error.h"
#include "crypto/hash.h"

#define SECRET_KEY_BYTES  32
#define SECRET_KEY_ID_MAX sizeof("0123456789abcdef")

struct secret_key {
	unsigned char bytes[SECRET_KEY_BYTES];
	char id[SECRET_KEY_ID_MAX]; /* tells keys apart; says nothing of them */
};

/*
 * Make the file, 0600. DUM_ECONFLICT: there is one, which is left alone.
 */
DUM_MUST_CHECK enum dum_status secret_key_make(const char *path,
                                               struct dum_error *err);

/*
 * setting: what names the file, for the error: "SECRET_KEY_FILE".
 * DUM_ESYS: there is no such file, or others than its owner can get at it.
 * DUM_EDAMAGED: it holds no key. Never a status that could be meant for whoever
 * asked a service for something. Wipe it after use: secret_key_wipe().
 */
DUM_MUST_CHECK enum dum_status secret_key_read(struct secret_key *out,
                                               const char *path,
                                               const char *setting,
                                               struct dum_error *err);
void secret_key_wipe(struct secret_key *key);

#endif
