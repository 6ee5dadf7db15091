#ifndef DUM_CRYPTO_RANDOM_H
#define DUM_CRYPTO_RANDOM_H
/* random - bytes and names that nobody can guess. */
#include <stddef.h>

#include "base/error.h"

/* Fill out with bytes of the system's generator, fit for keys. */
DUM_MUST_CHECK enum dum_status random_bytes(void *out, size_t len,
                                            struct dum_error *err);

/* 2 * bytes lower-case hexadecimal digits and a NUL; bytes is 1..64. */
DUM_MUST_CHECK enum dum_status random_hex(char *out, size_t bytes,
                                          struct dum_error *err);

#endif
