#ifndef DUM_TOOLS_SECRET_PROMPT_H
#define DUM_TOOLS_SECRET_PROMPT_H
/*
 * secret_prompt - get a password or a passphrase from whoever runs a program:
 * from the terminal, without echo, or where standard input is none, its first
 * line. Never from the arguments, which all users of a machine can list.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct secret_question {
	const char *what;   /* "password", for messages */
	const char *limit;  /* "128 characters": what .size has room for */
	const char *prompt; /* "Password of alice" */
	bool twice;         /* on a terminal: a new one, typed twice */
};

/*
 * out gets at most size - 1 bytes and a NUL. A signal that comes meanwhile puts
 * the terminal back as it was before it takes effect. DUM_EINVAL: nothing was
 * typed, too much, or not twice the same. Wipe out after use.
 */
DUM_MUST_CHECK enum dum_status secret_prompt(
    char *out, size_t size, const struct secret_question *question,
    struct dum_error *err);

#endif
