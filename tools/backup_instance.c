/*
 * Whose jobs: a machine may serve several organisations, each by an instance
 * with settings, user and cron entries named after it (dum-setup instance). So
 * the path of the settings says whose entry is meant.
 */
#include <stdio.h>
#include <string.h>

#include "backup.h"

#define BEFORE "/etc/data-usage-monitor-"
#define BEHIND "/dum.conf"

/* The length of NAME where path is that of an instance's settings, else 0. */
static size_t instance_name(const char **out, const char *path)
{
	size_t len;

	if (strncmp(path, BEFORE, sizeof(BEFORE) - 1) != 0)
		return 0;
	*out = path + sizeof(BEFORE) - 1;
	len = strspn(*out, "abcdefghijklmnopqrstuvwxyz0123456789");
	return len <= BACKUP_INSTANCE_MAX && strcmp(*out + len, BEHIND) == 0
	           ? len
	           : 0;
}

void backup_find_instance(struct backup *backup)
{
	const char *path = tool_config_path(backup->config_path), *name;
	int len = (int)instance_name(&name, path);

	if (len == 0)
		return;
	snprintf(backup->instance_cron_file, sizeof(backup->instance_cron_file),
	         "/etc/cron.d/data-usage-monitor-%.*s-backup", len, name);
	snprintf(backup->instance_user, sizeof(backup->instance_user),
	         "datamonitor-%.*s", len, name);
	if (backup->cron_file == NULL)
		backup->cron_file = backup->instance_cron_file;
	if (backup->user == NULL)
		backup->user = backup->instance_user;
}
