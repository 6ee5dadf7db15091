#ifndef DUM_TOOLS_ADMIN_LIMIT_H
#define DUM_TOOLS_ADMIN_LIMIT_H
/* admin_limit - locations that an account or a key is limited to, by name. */
#include "admin.h"
#include "store/grant.h"

/*
 * The ids of the --location options; limit.count is -1 without any. ids are
 * freed by the caller, also after an error. DUM_ENOTFOUND: names one that
 * there is not.
 */
struct admin_limit {
	struct location_limit limit;
	int64_t *ids;
};

DUM_MUST_CHECK enum dum_status admin_limit_read(struct admin_limit *out,
                                                const struct admin *admin,
                                                struct dum_error *err);

/*
 * Append the names of what a grantee ("user:3", "key:5") is limited to, a comma
 * between them.
 */
DUM_MUST_CHECK enum dum_status admin_limit_names(struct strbuf *out,
                                                 struct db *db,
                                                 const char *grantee,
                                                 struct dum_error *err);

#endif
