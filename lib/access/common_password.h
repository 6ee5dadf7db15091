#ifndef DUM_ACCESS_COMMON_PASSWORD_H
#define DUM_ACCESS_COMMON_PASSWORD_H
/*
 * common_password - the embedded list of the commonest passwords, which the
 * build makes from common_passwords.txt beside this file.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const size_t common_password_count;
extern const char common_password_text[];   /* each with its NUL */
extern const uint16_t common_password_at[]; /* where each begins, sorted */

/* Is it one of them? text is in lower case. */
bool common_password_has(const char *text, size_t len);

#endif
