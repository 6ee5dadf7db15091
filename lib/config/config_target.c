#include "config/config_target.h"

#include <string.h>

enum { TARGET_MAX = 1000 };

bool config_target_is_folder(const char *target)
{
	return target[0] == '/';
}

/* A word of rclone's that is no option, and describes no remote by itself. */
static enum dum_status check_remote(const char *target, struct dum_error *err)
{
	size_t start = target[0] == ':', name;

	name = strcspn(target + start, ":");
	if (name == 0 || target[start + name] != ':' || target[0] == '-')
		return error_set(err, DUM_EINVAL,
		                 "'%.60s' is neither a folder from / on nor an "
		                 "rclone remote such as nas:usage",
		                 target);
	if (memchr(target, ',', start + name) != NULL)
		return error_set(err, DUM_EINVAL,
		                 "a remote that is described in the word "
		                 "itself would be seen in the list of "
		                 "processes, with its password; give it a "
		                 "name with 'rclone config'");
	return DUM_OK;
}

enum dum_status config_check_target(const char *target, struct dum_error *err)
{
	if (target[0] == '\0')
		return DUM_OK;
	if (strlen(target) > TARGET_MAX)
		return error_set(err, DUM_EINVAL,
		                 "it is longer than %d characters", TARGET_MAX);
	for (const char *c = target; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return error_set(err, DUM_EINVAL,
			                 "it holds a control character");
	if (config_target_is_folder(target))
		return DUM_OK;
	return check_remote(target, err);
}
