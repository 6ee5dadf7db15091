/*
 * dum-backup restore-config: the configuration that went along with a backup.
 */
#include <stdlib.h>
#include <string.h>

#include "backup/companion.h"
#include "backup/installation.h"
#include "backup_commands.h"
#include "base/fsutil.h"
#include "base/json_writer.h"
#include "base/plural.h"

struct telling {
	struct backup *backup;
	struct strbuf text;
	struct json_writer w;
};

static void tell(void *arg, const char *path, const struct tar_file *file,
                 enum installation_outcome outcome, const char *kept)
{
	static const char *const words[] = {[INSTALLATION_LISTED] = "in it",
	                                    [INSTALLATION_SAME] = "same",
	                                    [INSTALLATION_DIFFERS] = "differs",
	                                    [INSTALLATION_WRITTEN] = "written"};
	struct telling *t = arg;

	if (!t->backup->json) {
		printf("%-8s %s", words[outcome], path);
		if (outcome == INSTALLATION_LISTED)
			printf(" (%zu byte%s)", file->len,
			       plural_s((int64_t)file->len));
		if (kept[0] != '\0')
			printf(" (the one before: %s)", kept);
		printf("\n");
		return;
	}
	jsonw_object_begin(&t->w);
	jsonw_member_string(&t->w, "path", path);
	jsonw_member_string(&t->w, "outcome", words[outcome]);
	jsonw_member_int(&t->w, "bytes", (int64_t)file->len);
	if (kept[0] != '\0')
		jsonw_member_string(&t->w, "kept", kept);
	else
		jsonw_member_null(&t->w, "kept");
	jsonw_object_end(&t->w);
}

/* On a new machine there may be none yet: then FILE is a path. */
static enum dum_status read_settings(struct backup *backup,
                                     struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;

	status = tool_config(&backup->config, backup->config_path, &inner);
	if (status == DUM_ENOTFOUND && strchr(backup->argv[0], '/') != NULL)
		return config_init(&backup->config, err);
	return status == DUM_OK ? status
	                        : error_set(err, status, "%s", inner.text);
}

/* By its manifest, or where there is none by its name. */
static enum dum_status find_backup(struct manifest *out, const char *folder,
                                   const char *name, struct dum_error *err)
{
	struct backup_name parsed;
	struct dum_error inner = {0};
	enum dum_status status;

	status = manifest_read(out, folder, name, &inner);
	if (status == DUM_OK && out->config.files == 0)
		return error_set(err, DUM_ENOTFOUND,
		                 "no configuration went along with %s: it was "
		                 "made without --with-config",
		                 name);
	if (status != DUM_ENOTFOUND)
		return status == DUM_OK
		           ? status
		           : error_set(err, status, "%s", inner.text);
	*out = (struct manifest){.sequence = 0};
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->encrypted = backup_name_parse(&parsed, name) && parsed.encrypted;
	return DUM_OK;
}

static enum dum_status read_tar(struct strbuf *tar, struct backup *backup,
                                struct dum_error *err)
{
	struct container_key key = {.kind = CONTAINER_KEY_FILE};
	const char *name = NULL, *where;
	char *folder = NULL;
	enum dum_status status;
	bool has_key = false;
	struct manifest m = {.encrypted = false};

	status = backup_word(&folder, &name, backup->argv[0], err);
	where = folder != NULL ? folder : backup->config.database_backup_dir;
	if (status == DUM_OK)
		status = find_backup(&m, where, name, err);
	if (status == DUM_OK)
		status = backup_read_keys(backup, err);
	if (status == DUM_OK && m.encrypted)
		status = backup_key(&key, &has_key, backup, false, err);
	if (status == DUM_OK)
		status = companion_read(tar, &m, where, has_key ? &key : NULL,
		                        err);
	container_key_wipe(&key);
	free(folder);
	return status;
}

static enum dum_status put(struct backup *backup, const struct strbuf *tar,
                           struct dum_error *err)
{
	struct telling t = {.backup = backup, .text = STRBUF_INIT};
	char config_path[TAR_NAME_MAX];
	struct installation_request request = {
	    .tar = tar->buf,
	    .len = tar->len,
	    .to = backup->to,
	    .config_path = config_path,
	    .cron_file = backup_cron_file(backup),
	    .list = backup->list,
	    .force = backup->force};
	enum dum_status status;

	t.w = (struct json_writer){.out = &t.text};
	jsonw_array_begin(&t.w);
	status = installation_path(config_path,
	                           tool_config_path(backup->config_path), err);
	if (status == DUM_OK)
		status = installation_put(&request, tell, &t, err);
	jsonw_array_end(&t.w);
	if (backup->json && (status == DUM_OK || status == DUM_ECONFLICT))
		puts(t.text.buf);
	strbuf_release(&t.text);
	return status;
}

enum dum_status backup_cmd_restore_config(struct backup *backup, int *exit_out,
                                          struct dum_error *err)
{
	struct strbuf tar = STRBUF_INIT;
	enum dum_status status;

	(void)exit_out;
	status = read_settings(backup, err);
	if (status == DUM_OK)
		status = read_tar(&tar, backup, err);
	if (status == DUM_OK)
		status = put(backup, &tar, err);
	explicit_bzero(tar.buf, tar.cap);
	strbuf_release(&tar);
	return status;
}
