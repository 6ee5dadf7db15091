#ifndef DUM_ACCESS_ACCOUNT_ROW_H
#define DUM_ACCESS_ACCOUNT_ROW_H
/* account_row - what is stored and what is shown of a user; for lib/access. */
#include "access/account.h"
#include "store/user.h"

/* The row of an account. DUM_ENOTFOUND: there is none. */
DUM_MUST_CHECK enum dum_status account_row(struct user *out, struct db *db,
                                           int64_t id, struct dum_error *err);

void account_from_row(struct account *out, const struct user *user);

#endif
