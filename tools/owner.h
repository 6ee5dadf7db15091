#ifndef DUM_TOOLS_OWNER_H
#define DUM_TOOLS_OWNER_H
/*
 * owner - programs that make files in the service's folders, run by root: what
 * they make has to be the service's, or it is locked out of its own folder.
 */
#include "base/error.h"
#include "config/config.h"

enum { OWNER_NAME_MAX = 64 };

/*
 * Where root runs this and the database (or, where it is absent, its folder)
 * belongs to somebody else: become that user, for good, before anything is
 * opened; what an earlier run as root left in the folder of the backups
 * becomes that user's. name is the user's then, else "".
 */
DUM_MUST_CHECK enum dum_status owner_become(char name[static OWNER_NAME_MAX],
                                            const struct config *config,
                                            struct dum_error *err);

#endif
