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
ADMIN_COMMAND(checkpoint);
ADMIN_COMMAND(compact);
ADMIN_COMMAND(anonymise);
ADMIN_COMMAND(location_list);
ADMIN_COMMAND(location_add);
ADMIN_COMMAND(location_rename);
ADMIN_COMMAND(location_activate);
ADMIN_COMMAND(location_deactivate);
ADMIN_COMMAND(user_add);
ADMIN_COMMAND(user_list);
ADMIN_COMMAND(user_role);
ADMIN_COMMAND(user_disable);
ADMIN_COMMAND(user_enable);
ADMIN_COMMAND(user_passwd);
ADMIN_COMMAND(user_totp_reset);
ADMIN_COMMAND(user_delete);
ADMIN_COMMAND(user_setup_link);
ADMIN_COMMAND(key_add);
ADMIN_COMMAND(key_list);
ADMIN_COMMAND(key_revoke);
ADMIN_COMMAND(audit_verify);
ADMIN_COMMAND(audit_anchor);
ADMIN_COMMAND(audit_list);
ADMIN_COMMAND(audit_prune);

#endif
