#include "access/hash_slot.h"

enum dum_status hash_slot_take(struct slot *out, const char *database_path,
                               struct dum_error *err)
{
	return slot_take(out, database_path, "-login", HASH_SLOTS,
	                 HASH_SLOT_WAIT_MS, err);
}
