/* What the commands of dum-backup share. */
#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "base/fsutil.h"
#include "base/json_writer.h"
#include "interrupt.h"
#include "secret_prompt.h"

enum dum_status backup_take_dir(struct backup *backup, struct dum_error *err)
{
	enum dum_status status;
	char who[64];

	snprintf(who, sizeof(who), "%s %s", backup->who.source,
	         backup->command);
	status = backup_dir_open(&backup->dir,
	                         backup->config.database_backup_dir, who, err);
	if (status == DUM_OK)
		interrupt_begin(backup->who.source, backup->dir);
	return status;
}

static enum dum_status ask_passphrase(struct container_key *out,
                                      const char *prompt, bool twice,
                                      struct dum_error *err)
{
	char text[PASSPHRASE_BYTES_MAX + 1];
	enum dum_status status;

	status = secret_prompt(text, sizeof(text),
	                       &(struct secret_question){.what = "passphrase",
	                                                 .limit = "1024 bytes",
	                                                 .prompt = prompt,
	                                                 .twice = twice},
	                       err);
	if (status == DUM_OK)
		status = container_key_from_passphrase(out, text, err);
	explicit_bzero(text, sizeof(text));
	return status;
}

enum dum_status backup_read_keys(struct backup *backup, struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	if (backup->key_file != NULL)
		status = container_key_read(
		    &backup->given_key, backup->key_file, "--key-file", err);
	if (status == DUM_OK && backup->new_key != NULL)
		status = container_key_read(&backup->given_new_key,
		                            backup->new_key, "--new-key-file",
		                            err);
	return status;
}

enum dum_status backup_key(struct container_key *out, bool *given,
                           const struct backup *backup, bool making,
                           struct dum_error *err)
{
	const char *path = backup->config.backup_key_file;

	*given = true;
	if (backup->key_file != NULL) {
		*out = backup->given_key;
		return DUM_OK;
	}
	if (backup->passphrase)
		return ask_passphrase(out, "Passphrase of the backup", making,
		                      err);
	*given = path[0] != '\0';
	return *given ? container_key_read(out, path, "BACKUP_KEY_FILE", err)
	              : DUM_OK;
}

enum dum_status backup_new_key(struct container_key *out,
                               const struct backup *backup,
                               struct dum_error *err)
{
	if (backup->new_key != NULL) {
		*out = backup->given_new_key;
		return DUM_OK;
	}
	if (backup->new_passphrase)
		return ask_passphrase(out, "New passphrase", true, err);
	return error_set(err, DUM_EINVAL,
	                 "name the new key: --new-key-file FILE or "
	                 "--new-passphrase");
}

enum dum_status backup_word(char **folder_out, const char **name_out,
                            const char *word, struct dum_error *err)
{
	const char *name = fs_base_name(word);
	struct backup_name parsed;
	char *folder = NULL;

	if (!backup_name_parse(&parsed, name))
		return error_set(err, DUM_EINVAL,
		                 "'%.100s' is no name of a backup; dum-backup "
		                 "list shows them",
		                 name);
	if (name != word) {
		folder = fs_parent(word);
		if (folder == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
	}
	*folder_out = folder;
	*name_out = name;
	return DUM_OK;
}

static enum dum_status note_export(const struct backup *backup,
                                   const char *name, const char *to,
                                   struct dum_error *err)
{
	struct journal_event event = {.name = "export", .object = to};
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	enum dum_status status;
	struct db *db = NULL;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "command", backup->command);
	jsonw_member_string(&w, "backup", name);
	jsonw_object_end(&w);
	event.detail = detail.buf;
	status = strbuf_ok(&detail)
	             ? db_open(&db, &backup->config, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = tool_enter_event(db, backup->who.source, &event, err);
	db_free(db);
	strbuf_release(&detail);
	return status;
}

/* Never a failure: the backup may have to stand in for that very database. */
void backup_note_export(const struct backup *backup, const char *name,
                        const char *to)
{
	struct dum_error err = {0};

	if (note_export(backup, name, to, &err) != DUM_OK)
		fprintf(stderr,
		        "%s: this is not entered into the journal: %s\n",
		        backup->who.source, err.text);
}

void backup_size_text(char out[static BACKUP_SIZE_TEXT], int64_t bytes)
{
	/* What would come out as 1000.0 kB is 1.0 MB. */
	bool small = bytes < 999950;
	int64_t unit = small ? 1000 : 1000000;
	int64_t tenths = (bytes + unit / 20) / (unit / 10);

	snprintf(out, BACKUP_SIZE_TEXT, "%lld.%lld %s", (long long)tenths / 10,
	         (long long)tenths % 10, small ? "kB" : "MB");
}

void backup_show_progress(void *arg, int64_t done, int64_t all)
{
	tool_progress_step(arg, done, all);
}
