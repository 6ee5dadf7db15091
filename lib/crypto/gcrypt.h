#ifndef DUM_CRYPTO_GCRYPT_H
#define DUM_CRYPTO_GCRYPT_H
/* gcrypt - start libgcrypt; for the other files of this folder. */
#include "base/error.h"

/*
 * libgcrypt has no way to tell that it found no memory for a seal: it ends the
 * process by a signal. A program says here how it wants to end instead; end()
 * does not return. What was not committed is rolled back by whoever comes next.
 */
void gcrypt_end_by(void (*end)(void));

/* Does its work once; cheap after. DUM_ESYS: the library is too old. */
DUM_MUST_CHECK enum dum_status gcrypt_start(struct dum_error *err);

#endif
