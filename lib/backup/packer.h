#ifndef DUM_BACKUP_PACKER_H
#define DUM_BACKUP_PACKER_H
/*
 * packer - compress a stream as gzip members, on as many threads as there are
 * processors (two at most). The threads do nothing else: what they made is
 * handed on in order, in the thread of the caller.
 */
#include <stddef.h>

#include "base/error.h"

struct packer;

/* Takes the members in order. */
typedef enum dum_status (*packer_fn)(void *arg, const void *data, size_t len,
                                     struct dum_error *err);

DUM_MUST_CHECK enum dum_status packer_new(struct packer **out, int level,
                                          packer_fn fn, void *arg,
                                          struct dum_error *err);
void packer_free(struct packer *packer);

DUM_MUST_CHECK enum dum_status packer_write(struct packer *packer,
                                            const void *data, size_t len,
                                            struct dum_error *err);

/* Compress and hand on what is left. */
DUM_MUST_CHECK enum dum_status packer_finish(struct packer *packer,
                                             struct dum_error *err);

#endif
