#ifndef DUM_ACCESS_PASSWORD_POLICY_H
#define DUM_ACCESS_PASSWORD_POLICY_H
/*
 * password_policy - which new passwords are taken: 12 to 128 characters of
 * UTF-8, any of them, none of the commonest ones (in any case of letters, also
 * with digits put behind), and not made of the user's own name.
 */
#include "base/error.h"

enum { PASSWORD_CHARS_MIN = 12, PASSWORD_CHARS_MAX = 128 };

/* DUM_EINVAL with the field and a sentence that says what to do. */
DUM_MUST_CHECK enum dum_status password_policy_check(const char *username,
                                                     const char *password,
                                                     const char *field,
                                                     struct dum_error *err);

#endif
