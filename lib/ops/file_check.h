#ifndef DUM_OPS_FILE_CHECK_H
#define DUM_OPS_FILE_CHECK_H
/*
 * file_check - can somebody read or change files of an installation who should
 * not? Modes, owners, and the folders that the files lie in. A file that is
 * not there is none of its concerns.
 */
#include "config/config.h"
#include "ops/finding.h"

/*
 * What a worker lives by: settings, secret key, database and the files beside
 * it. A problem here is a reason not to start. config_path NULL: not known.
 */
void file_check(const struct config *config, const char *config_path,
                const struct finder *to);

/* What else holds data: backups and their key, the log. */
void file_check_kept(const struct config *config, const struct finder *to);

#endif
