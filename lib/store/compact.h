#ifndef DUM_STORE_COMPACT_H
#define DUM_STORE_COMPACT_H
/*
 * compact - write the database file anew without its unused pages (VACUUM).
 *
 * Unused pages are filled by later changes, so this is worth its cost only
 * after much was deleted: it writes the whole file twice, and others can not
 * change anything meanwhile. Readers go on.
 */
#include "store/db.h"

/* Fewer bytes than this, or a smaller share of the file, are let be. */
enum { COMPACT_LEAST_BYTES = 1024 * 1024, COMPACT_LEAST_PERCENT = 25 };

struct db_compacted {
	bool done; /* false: there was too little to gain */
	int64_t bytes_before, bytes_after;
};

/*
 * Outside of any transaction. The temporary copy lies in the database's own
 * folder, which has the room and the protection that it needs. force: also
 * where there is little to gain. DUM_EBUSY, DUM_EFULL: nothing was changed.
 */
DUM_MUST_CHECK enum dum_status db_compact(struct db_compacted *out,
                                          struct db *db,
                                          const struct origin *who, bool force,
                                          struct dum_error *err);

#endif
