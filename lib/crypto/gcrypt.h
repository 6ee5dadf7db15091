#ifndef DUM_CRYPTO_GCRYPT_H
#define DUM_CRYPTO_GCRYPT_H
/* gcrypt - start libgcrypt; for the other files of this folder. */
#include "base/error.h"

/* Does its work once; cheap after. DUM_ESYS: the library is too old. */
DUM_MUST_CHECK enum dum_status gcrypt_start(struct dum_error *err);

#endif
