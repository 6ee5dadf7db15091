#ifndef DUM_OPS_DOCTOR_H
#define DUM_OPS_DOCTOR_H
/*
 * doctor - look an installation over and say what is open, broken or about to
 * be. Changes nothing. An error met on the way is one more finding.
 */
#include <stdbool.h>

#include "config/config.h"
#include "ops/finding.h"

/* All looks there are, in an order to read. config_path NULL: not known. */
void doctor(const struct config *config, const char *config_path,
            const struct finder *to);

/*
 * Is the race by which SQLite can lose committed pages when one process
 * checkpoints while another commits (the WAL-reset race, 3.7.0 to 3.51.2)
 * closed in this version of it? "3.51.3" is, as are 3.50.7 and 3.44.6.
 */
bool doctor_race_is_fixed(const char *sqlite_version);

#endif
