#ifndef DUM_ACCESS_PASSWORD_POLICY_H
#define DUM_ACCESS_PASSWORD_POLICY_H
/*
 * password_policy - which new passwords are taken: 12 to 128 characters of
 * UTF-8, any of them. Not taken is what guessing tries first: one or two of
 * the commonest passwords put together (in any case of letters, with digits
 * and signs around and between), the user's own name, runs like 123456789012
 * and fewer than five different characters.
 */
#include "base/error.h"

enum { PASSWORD_CHARS_MIN = 12, PASSWORD_CHARS_MAX = 128 };

/* DUM_EINVAL with the field and a sentence that says what to do. */
DUM_MUST_CHECK enum dum_status password_policy_check(const char *username,
                                                     const char *password,
                                                     const char *field,
                                                     struct dum_error *err);

#endif
