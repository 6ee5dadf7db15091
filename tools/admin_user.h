#ifndef DUM_TOOLS_ADMIN_USER_H
#define DUM_TOOLS_ADMIN_USER_H
/* admin_user - accounts as dum-admin shows them. */
#include "access/account.h"
#include "admin.h"

/* One line, or one JSON object, on stdout; by its id. */
DUM_MUST_CHECK enum dum_status admin_user_print(const struct admin *admin,
                                                const struct account *account,
                                                struct dum_error *err);

#endif
