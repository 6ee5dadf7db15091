#ifndef DUM_BACKUP_OFFSITE_LEDGER_H
#define DUM_BACKUP_OFFSITE_LEDGER_H
/*
 * offsite_ledger - what was copied that no manifest tells of (the segments of
 * the journal), and when it was last done: sync.json.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backup/remote.h"

struct offsite_known {
	char name[REMOTE_NAME_MAX];
	int64_t bytes;
	int64_t changed_ns; /* of the file here: when it was changed last */
	char sha256[HASH_HEX_MAX];
};

struct offsite_ledger {
	char *target;               /* SYNC_TARGET, of which all this is */
	bool is_of_target;          /* it was read, and not begun */
	int64_t synced_at;          /* 0: never to its end */
	struct offsite_known *list; /* by name */
	size_t count, room;
};

/*
 * Read it; one that is not there, is damaged or of another place is empty.
 * Owns memory: offsite_ledger_release(), also after an error.
 */
DUM_MUST_CHECK enum dum_status offsite_ledger_read(struct offsite_ledger *out,
                                                   const char *folder,
                                                   const char *target,
                                                   struct dum_error *err);
void offsite_ledger_release(struct offsite_ledger *ledger);

DUM_MUST_CHECK enum dum_status offsite_ledger_write(
    const struct offsite_ledger *ledger, const char *folder,
    struct dum_error *err);

/* NULL: it is not known. */
const struct offsite_known *offsite_ledger_find(
    const struct offsite_ledger *ledger, const char *name);
/* Note one, in place of what was known of it. */
DUM_MUST_CHECK enum dum_status offsite_ledger_set(
    struct offsite_ledger *ledger, const struct offsite_known *known,
    struct dum_error *err);
void offsite_ledger_drop(struct offsite_ledger *ledger, const char *name);

#endif
