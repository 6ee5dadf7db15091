#ifndef DUM_BACKUP_PROOF_LAST_H
#define DUM_BACKUP_PROOF_LAST_H
/* proof_last - what the last proof of a folder found (see backup/proof.h). */
#include "base/error.h"
#include "base/strbuf.h"

/*
 * Append the last whole line of the folder's verification.log, a JSON object;
 * nothing where there is no such line. DUM_ESYS: it can not be read.
 */
DUM_MUST_CHECK enum dum_status proof_last(struct strbuf *out, const char *dir,
                                          struct dum_error *err);

#endif
