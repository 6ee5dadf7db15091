#ifndef DUM_CONFIG_CONFIG_TARGET_H
#define DUM_CONFIG_CONFIG_TARGET_H
/*
 * config_target - the place that backups are copied to, in one word:
 *
 *	/mnt/usb/usage	a folder, by its path from the root on
 *	nas:usage	a folder of an rclone remote
 *
 * What makes up a remote, its password above all, stands in rclone's own
 * settings and never in this word, which is seen in the list of processes.
 */
#include <stdbool.h>

#include "base/error.h"

/* "" is fine: none. DUM_EINVAL: it is neither. */
DUM_MUST_CHECK enum dum_status config_check_target(const char *target,
                                                   struct dum_error *err);

/* Of one that was checked. */
bool config_target_is_folder(const char *target);

#endif
