#include "backup/discard.h"

enum dum_status discard_find(const struct catalog_entry **out,
                             const struct catalog *catalog, const char *name,
                             struct dum_error *err)
{
	const struct catalog_entry *entry = catalog_find(catalog, name);

	if (entry == NULL)
		return error_set(err, DUM_ENOTFOUND, "there is no backup %s",
		                 name);
	if (entry == catalog_newest_proven(catalog))
		return error_set(err, DUM_ECONFLICT,
		                 "%s is the newest backup that is proven; it "
		                 "stays until there is a newer one",
		                 name);
	*out = entry;
	return DUM_OK;
}
