#ifndef DUM_OPS_DOCTOR_PARTS_H
#define DUM_OPS_DOCTOR_PARTS_H
/* doctor_parts - the looks that doctor() takes, one file each. */
#include "config/config.h"
#include "ops/finding.h"
#include "store/db.h"

/* Room on the disks, encryption of what lies there and of backups. */
void doctor_disk(const struct config *config, const struct finder *to);

/* The copies of backups elsewhere, where there are to be any. */
void doctor_copies(const struct config *config, const struct finder *to);

/* The engine, how it is set up, and whether the file is sound. */
void doctor_engine(const struct finder *to);
void doctor_database(struct db *db, const struct finder *to);

/* Time zone, clock, and records or entries from the future. */
void doctor_clock(const struct config *config, struct db *db,
                  const struct finder *to);

/* Accounts, keys, and how open the settings are. */
void doctor_accounts(const struct config *config, struct db *db,
                     const struct finder *to);
void doctor_settings(const struct config *config, const struct finder *to);

/* The journal's anchors: are there any, and is the newest of late? */
void doctor_anchors(const struct config *config, const struct finder *to);

/* The programs that the API starts: are they in TOOLS_DIR? */
void doctor_tools(const struct config *config, const struct finder *to);

#endif
