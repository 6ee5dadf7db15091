#ifndef DUM_CONFIG_CONFIG_LIST_H
#define DUM_CONFIG_CONFIG_LIST_H
/*
 * config_list - settings that are lists, separated by commas, whose words have
 * a form; for config.c. A word that is mistyped would never match
 * anything, without a sound.
 */
#include "base/error.h"

/*
 * Addresses of IPv4 and IPv6, or networks with the length of their prefix:
 * "192.0.2.10, 2001:db8::/32"; blanks separate too. DUM_EINVAL: with the word.
 */
DUM_MUST_CHECK enum dum_status config_check_networks(const char *list,
                                                     struct dum_error *err);

/*
 * Origins as browsers send them: "https://example.org", with the port where it
 * is not the usual one, in lower case and without a path; or "*".
 * DUM_EINVAL: with the word.
 */
DUM_MUST_CHECK enum dum_status config_check_origins(const char *list,
                                                    struct dum_error *err);

#endif
