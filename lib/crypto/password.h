#ifndef DUM_CRYPTO_PASSWORD_H
#define DUM_CRYPTO_PASSWORD_H
/*
 * password - what is stored instead of a password: Argon2id (RFC 9106) in the
 * PHC format, "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH".
 *
 * One hash takes some 40 ms of a processor and 19 MiB, on purpose.
 */
#include <stdbool.h>

#include "base/error.h"

#define PASSWORD_PHC_MAX 128

/* Hash with a fresh salt and the present parameters. */
DUM_MUST_CHECK enum dum_status password_hash(char out[static PASSWORD_PHC_MAX],
                                             const char *password,
                                             struct dum_error *err);

/* Is it a text that password_verify() takes? */
bool password_phc_valid(const char *phc);

/*
 * *matches: it is the password. *outdated: the stored hash has weaker
 * parameters than the present ones; hash again while the password is at hand.
 * DUM_EDAMAGED: phc is no such text, or asks for more than 1 GiB or 16 rounds.
 */
DUM_MUST_CHECK enum dum_status password_verify(bool *matches, bool *outdated,
                                               const char *phc,
                                               const char *password,
                                               struct dum_error *err);

/*
 * Spend the time that one verification takes, for a user that does not exist:
 * so the answer's delay does not tell who does.
 */
DUM_MUST_CHECK enum dum_status password_verify_nobody(const char *password,
                                                      struct dum_error *err);

#endif
