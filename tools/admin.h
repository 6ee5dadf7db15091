#ifndef DUM_TOOLS_ADMIN_H
#define DUM_TOOLS_ADMIN_H
/* admin - what the commands of dum-admin share. One file for each noun. */
#include <stdbool.h>

#include "tool.h"

/* One call of a command. */
struct admin {
	struct config config;
	bool json;                /* --json */
	bool all;                 /* --all */
	const char *display_name; /* --display-name; NULL: not given */
	int argc;                 /* words after the command */
	char **argv;
	struct origin who;
	struct db *db; /* NULL until opened; freed by the caller */
};

/* A command; errors are told by the caller by err, exit by its status. */
typedef enum dum_status (*admin_fn)(struct admin *admin, int *exit_out,
                                    struct dum_error *err);

DUM_MUST_CHECK enum dum_status admin_init(struct admin *admin, int *exit_out,
                                          struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_migrate(struct admin *admin, int *exit_out,
                                             struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_stats(struct admin *admin, int *exit_out,
                                           struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_config(struct admin *admin, int *exit_out,
                                            struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_location_list(struct admin *admin,
                                                   int *exit_out,
                                                   struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_location_add(struct admin *admin,
                                                  int *exit_out,
                                                  struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_location_rename(struct admin *admin,
                                                     int *exit_out,
                                                     struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_location_activate(struct admin *admin,
                                                       int *exit_out,
                                                       struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_location_deactivate(struct admin *admin,
                                                         int *exit_out,
                                                         struct dum_error *err);
DUM_MUST_CHECK enum dum_status admin_audit_verify(struct admin *admin,
                                                  int *exit_out,
                                                  struct dum_error *err);

#endif
