#ifndef DUM_TOOLS_PASSWORD_PROMPT_H
#define DUM_TOOLS_PASSWORD_PROMPT_H
/*
 * password_prompt - get a new password from whoever runs a program: from the
 * terminal, twice and without echo, or where standard input is none, its first
 * line. Never from the arguments, which all users of a machine can list.
 */
#include "base/error.h"

/* 128 characters of UTF-8 and the NUL. */
#define PASSWORD_TEXT_MAX 513

/*
 * prompt: "Password of alice". A signal that comes meanwhile puts the terminal
 * back as it was before it takes effect. DUM_EINVAL: nothing was typed, too
 * much, or not twice the same. Wipe out after use.
 */
DUM_MUST_CHECK enum dum_status password_prompt(
    char out[static PASSWORD_TEXT_MAX], const char *prompt,
    struct dum_error *err);

#endif
