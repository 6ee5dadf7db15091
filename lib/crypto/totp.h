#ifndef DUM_CRYPTO_TOTP_H
#define DUM_CRYPTO_TOTP_H
/*
 * totp - codes of an authenticator app: RFC 6238 with SHA-1, 30 seconds and 6
 * digits, which is what all of them understand.
 */
#include <stdint.h>

#include "base/error.h"

enum { TOTP_SEED_BYTES = 20, TOTP_STEP_S = 30, TOTP_DIGITS = 6 };

/* Characters of a seed in base 32, and the NUL. */
#define TOTP_SEED_TEXT_MAX 33

/* The seed as people type it into an app: base 32 (RFC 4648), no padding. */
void totp_seed_text(char out[static TOTP_SEED_TEXT_MAX],
                    const unsigned char seed[static TOTP_SEED_BYTES]);

/* The code of a step (seconds since 1970 / 30), six digits and a NUL. */
DUM_MUST_CHECK enum dum_status totp_code(
    char out[static TOTP_DIGITS + 1],
    const unsigned char seed[static TOTP_SEED_BYTES], int64_t step,
    struct dum_error *err);

/*
 * Which step a code belongs to: that of now, the one before or the one after,
 * and later than last_step, so that none is used twice. *step_out is 0 where
 * it belongs to none of them.
 */
DUM_MUST_CHECK enum dum_status totp_check(
    int64_t *step_out, const unsigned char seed[static TOTP_SEED_BYTES],
    const char *code, int64_t now, int64_t last_step, struct dum_error *err);

#endif
