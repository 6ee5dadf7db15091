#ifndef DUM_ACCESS_SETUP_H
#define DUM_ACCESS_SETUP_H
/*
 * setup - the first administrator, by a link that works once and only while
 * there is no account. The database holds the token's hash (system_info
 * "setup_token") and its end, a day after it was made.
 */
#include "access/account.h"
#include "base/base64.h"

enum { SETUP_TOKEN_BYTES = 32, SETUP_TOKEN_HOURS = 24 };
#define SETUP_TOKEN_MAX BASE64_MAX(SETUP_TOKEN_BYTES)

/* Make a new one, inside db_begin(); the one before is void. DUM_ECONFLICT:
 * there are accounts already. */
DUM_MUST_CHECK enum dum_status setup_token_make(
    char out[static SETUP_TOKEN_MAX], struct db *db, struct dum_error *err);

/* Is it the one that was made last, and in time? DUM_EAUTH: no. DUM_ECONFLICT:
 * there are accounts already. */
DUM_MUST_CHECK enum dum_status setup_token_check(struct db *db,
                                                 const char *token,
                                                 struct dum_error *err);

/*
 * Check the token and add the first admin in one change, inside db_begin().
 * Of many at once one wins; the others get DUM_ECONFLICT.
 */
DUM_MUST_CHECK enum dum_status setup_finish(struct account *out, struct db *db,
                                            const char *token,
                                            const struct account_new *new,
                                            struct dum_error *err);

#endif
