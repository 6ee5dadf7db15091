#ifndef DUM_STORE_SYSTEM_INFO_H
#define DUM_STORE_SYSTEM_INFO_H
/*
 * system_info - facts about the database itself, by name: schema_version,
 * database_id, timeline, data_generation.
 */
#include "base/strbuf.h"
#include "store/db.h"

/* Append the value. DUM_ENOTFOUND: no such name. */
DUM_MUST_CHECK enum dum_status system_info_get(struct strbuf *out,
                                               struct db *db, const char *name,
                                               struct dum_error *err);

/* One that is a whole number. DUM_EDAMAGED: it is none. */
DUM_MUST_CHECK enum dum_status system_info_number(int64_t *out, struct db *db,
                                                  const char *name,
                                                  struct dum_error *err);

/* Inside db_begin(). */
DUM_MUST_CHECK enum dum_status system_info_set(struct db *db, const char *name,
                                               const char *value,
                                               struct dum_error *err);

#endif
