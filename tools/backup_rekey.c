/* dum-backup rekey: another key for a backup, or for the journal's segments. */
#include <string.h>

#include "backup/rekey.h"
#include "backup/segment_rekey.h"
#include "backup_commands.h"
#include "base/plural.h"

static enum dum_status rekey(struct backup *backup,
                             const struct container_key *from,
                             const struct container_key *to,
                             struct dum_error *err)
{
	enum dum_status status;
	int count = 0;

	if (strcmp(backup->argv[0], "journal") != 0) {
		status = backup_rekey(backup->dir, backup->argv[0], from, to,
		                      err);
		if (status == DUM_OK)
			printf("%s opens with the new key\n", backup->argv[0]);
		return status;
	}
	status = segment_rekey_all(&count, backup_dir_path(backup->dir), from,
	                           to, err);
	if (status == DUM_OK)
		printf("%d segment%s open%s with the new key\n", count,
		       plural_s(count), plural(count, "s", ""));
	return status;
}

enum dum_status backup_cmd_rekey(struct backup *backup, int *exit_out,
                                 struct dum_error *err)
{
	struct container_key from, to;
	enum dum_status status;
	bool has_key = false;

	(void)exit_out;
	status = backup_key(&from, &has_key, backup, false, err);
	if (status != DUM_OK)
		return status;
	if (!has_key)
		return error_set(err, DUM_EKEY,
		                 "name the key that opens it now: --key-file "
		                 "FILE or --passphrase");
	status = backup_new_key(&to, backup, err);
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	if (status == DUM_OK)
		status = rekey(backup, &from, &to, err);
	container_key_wipe(&from);
	container_key_wipe(&to);
	return status;
}
