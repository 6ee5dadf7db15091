#ifndef DUM_TOOLS_ADMIN_COMMAND_H
#define DUM_TOOLS_ADMIN_COMMAND_H
/* admin_command - the commands of dum-admin; see struct admin. */
#include "admin.h"

#define ADMIN_COMMAND(name)                          \
	DUM_MUST_CHECK enum dum_status admin_##name( \
	    struct admin *admin, int *exit_out, struct dum_error *err)

ADMIN_COMMAND(init);
ADMIN_COMMAND(migrate);
ADMIN_COMMAND(stats);
ADMIN_COMMAND(config);
ADMIN_COMMAND(doctor);
ADMIN_COMMAND(location_list);
ADMIN_COMMAND(location_add);
ADMIN_COMMAND(location_rename);
ADMIN_COMMAND(location_activate);
ADMIN_COMMAND(location_deactivate);
ADMIN_COMMAND(audit_verify);

#endif
