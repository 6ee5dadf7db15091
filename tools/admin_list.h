#ifndef DUM_ADMIN_LIST_H
#define DUM_ADMIN_LIST_H
/* admin_list - a list on stdout: one a line, or an array with --json. */
#include "admin_command.h"
#include "base/json_writer.h"

struct admin_list {
	const struct admin *admin;
	struct json_writer w; /* where --json is given */
};

/* Adds each to the array, or prints it. */
typedef enum dum_status (*admin_list_fn)(struct admin_list *list,
                                         struct dum_error *err);

/* Opens the database, and calls fn within one read of it. */
DUM_MUST_CHECK enum dum_status admin_list_print(struct admin *admin,
                                                admin_list_fn fn,
                                                struct dum_error *err);

#endif
