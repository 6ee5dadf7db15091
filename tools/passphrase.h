#ifndef DUM_TOOLS_PASSPHRASE_H
#define DUM_TOOLS_PASSPHRASE_H
/* passphrase - ask for one where nobody can look over the shoulder. */
#include <stdbool.h>

#include "crypto/container_key.h"

/*
 * Read it from the terminal, without echo, after the prompt; twice, and the
 * same, where confirm is set. Without a terminal: one line of the standard
 * input, once. Never from the command line.
 */
DUM_MUST_CHECK enum dum_status passphrase_read(struct container_key *out,
                                               const char *prompt, bool confirm,
                                               struct dum_error *err);

#endif
