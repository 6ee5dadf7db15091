#ifndef DUM_TOOLS_ADMIN_KEY_H
#define DUM_TOOLS_ADMIN_KEY_H
/* admin_key - keys as dum-admin shows them. */
#include "access/api_key.h"
#include "admin.h"

/* One line, or one JSON object, on stdout. */
DUM_MUST_CHECK enum dum_status admin_key_print(const struct admin *admin,
                                               const struct api_key *key,
                                               struct dum_error *err);

/* One JSON object, with the key itself where text is not NULL. */
DUM_MUST_CHECK enum dum_status admin_key_print_json(const struct admin *admin,
                                                    const struct api_key *key,
                                                    const char *text,
                                                    struct dum_error *err);

#endif
