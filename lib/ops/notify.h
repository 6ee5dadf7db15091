#ifndef DUM_OPS_NOTIFY_H
#define DUM_OPS_NOTIFY_H
/*
 * notify - hand a notice to the program of NOTIFY_COMMAND, as a mail on its
 * standard input (what `sendmail -t` reads).
 */
#include "base/error.h"

/*
 * command is a program and its words, separated by blanks; no shell sees it.
 * It has a minute. DUM_ESYS: it could not be started, failed or took longer.
 */
DUM_MUST_CHECK enum dum_status notify_send(const char *command,
                                           const char *subject,
                                           const char *text,
                                           struct dum_error *err);

#endif
