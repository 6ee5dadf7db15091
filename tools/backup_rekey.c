/* dum-backup rekey: another key for a backup that is encrypted. */
#include "backup.h"
#include "backup/rekey.h"

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
		status = backup_rekey(backup->dir, backup->argv[0], &from, &to,
		                      err);
	if (status == DUM_OK)
		printf("%s opens with the new key\n", backup->argv[0]);
	container_key_wipe(&from);
	container_key_wipe(&to);
	return status;
}
