/* dum-backup verify, cat: read a backup back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/catalog.h"
#include "backup/segment_check.h"
#include "backup_commands.h"
#include "base/fsutil.h"
#include "base/plural.h"

/* One backup; what is wrong with it is told, and the worst is kept. */
static enum dum_status verify_one(struct backup *backup, const char *folder,
                                  const char *name,
                                  const struct container_key *key,
                                  int *exit_out, struct dum_error *err)
{
	struct tool_progress progress;
	const struct verify_request request = {
	    .dir = backup->dir,
	    .folder = folder,
	    .name = name,
	    .level = backup->level >= 0 ? backup->level : 2,
	    .key = key,
	    .config = true,
	    .progress = backup_show_progress,
	    .arg = &progress};
	struct dum_error inner = {0};
	enum dum_status status;
	struct manifest m;

	tool_progress_start(&progress, "verifying");
	status = verify_backup(&m, NULL, &request, &inner);
	tool_progress_end(&progress);
	if (status == DUM_OK) {
		printf("%s: ok (%s)%s\n", name,
		       verify_level_text(request.level),
		       m.id[0] == '\0' ? "; it has no manifest to hold it "
		                         "against"
		                       : "");
		return DUM_OK;
	}
	/* Trouble of this machine ends it; that of a backup is its own. */
	if (status != DUM_EKEY && status != DUM_EDAMAGED &&
	    status != DUM_ETRUNCATED && status != DUM_ENOTFOUND)
		return error_set(err, status, "%s", inner.text);
	if (*exit_out == TOOL_DONE)
		*exit_out = tool_fail(backup->who.source, &inner);
	else
		tool_fail(backup->who.source, &inner);
	return DUM_OK;
}

static void tell_segment(void *arg, const struct segment_name *name,
                         const struct segment_file *file,
                         const struct dum_error *problem)
{
	char text[SEGMENT_NAME_MAX];

	(void)arg;
	segment_name_format(text, name);
	if (problem->status == DUM_OK)
		printf("journal/%s: ok (%lld %s)\n", text,
		       (long long)file->seen.entries,
		       plural(file->seen.entries, "entry", "entries"));
}

/* The segments of the journal; their seals as far as there is the key. */
static enum dum_status verify_segments(struct backup *backup,
                                       const struct catalog *catalog,
                                       const struct container_key *key,
                                       int *exit_out, struct dum_error *err)
{
	struct segment_access access = {.container = key};
	struct segment_key seals = {.hmac = NULL};
	struct segment_report report = {.segments = 0};
	struct dum_error inner = {0};
	enum dum_status status;

	status = segment_key_read(&seals, backup->config.secret_key_file,
	                          &inner);
	if (status == DUM_OK)
		access.seals = &seals;
	else if (status != DUM_ENOTFOUND)
		return error_set(err, status, "%s", inner.text);
	status = segment_check(&report, backup_dir_path(backup->dir), catalog,
	                       &access, tell_segment, NULL, err);
	segment_key_release(&seals);
	if (status != DUM_OK || report.problems == 0)
		return status;
	inner = (struct dum_error){.status = report.status};
	snprintf(inner.text, sizeof(inner.text), "%s", report.text);
	if (*exit_out == TOOL_DONE)
		*exit_out = tool_fail(backup->who.source, &inner);
	else
		tool_fail(backup->who.source, &inner);
	return DUM_OK;
}

static enum dum_status verify_many(struct backup *backup,
                                   const struct container_key *key,
                                   int *exit_out, struct dum_error *err)
{
	struct catalog catalog;
	enum dum_status status;
	size_t from = 0;

	status = catalog_read(&catalog, backup_dir_path(backup->dir), err);
	if (status != DUM_OK)
		return status;
	if (backup->latest > 0 && (size_t)backup->latest < catalog.count)
		from = catalog.count - (size_t)backup->latest;
	for (size_t i = from; i < catalog.count && status == DUM_OK; i++)
		status = verify_one(backup, NULL, catalog.list[i].name, key,
		                    exit_out, err);
	if (status == DUM_OK && catalog.count == 0) {
		printf("no backups in %s\n", backup_dir_path(backup->dir));
		*exit_out = TOOL_PROBLEM;
	}
	if (status == DUM_OK && backup->all)
		status = verify_segments(backup, &catalog, key, exit_out, err);
	catalog_release(&catalog);
	return status;
}

enum dum_status backup_cmd_verify(struct backup *backup, int *exit_out,
                                  struct dum_error *err)
{
	int ways = (backup->argc > 0) + backup->all + (backup->latest > 0);
	struct container_key key;
	const char *name = NULL;
	char *folder = NULL;
	enum dum_status status;
	bool has_key = false;

	if (ways != 1)
		return error_set(err, DUM_EINVAL,
		                 "name what to verify: FILE, --all or "
		                 "--latest N");
	status = backup_key(&key, &has_key, backup, false, err);
	if (status == DUM_OK)
		status = backup_take_dir(backup, err);
	if (status == DUM_OK && backup->argc > 0)
		status = backup_word(&folder, &name, backup->argv[0], err);
	if (status == DUM_OK && name != NULL)
		status = verify_one(backup, folder, name, has_key ? &key : NULL,
		                    exit_out, err);
	else if (status == DUM_OK)
		status = verify_many(backup, has_key ? &key : NULL, exit_out,
		                     err);
	container_key_wipe(&key);
	free(folder);
	return status;
}

struct leaving {
	const struct backup *backup;
	const char *name;
	bool noted;
};

/* With a wrong key nothing gets here. */
static enum dum_status to_stdout(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	struct leaving *leaving = arg;

	if (!leaving->noted)
		backup_note_export(leaving->backup, leaving->name, "-");
	leaving->noted = true;
	if (fs_write_all(STDOUT_FILENO, data, len) != 0)
		return error_set(err, fs_write_status(errno),
		                 "cannot write: %s", strerror(errno));
	return DUM_OK;
}

enum dum_status backup_cmd_cat(struct backup *backup, int *exit_out,
                               struct dum_error *err)
{
	struct archive_form form = {.packed = false};
	struct leaving leaving = {.backup = backup};
	struct archive_seen seen;
	struct container_key key;
	struct backup_name parsed;
	const char *name = NULL;
	char *folder = NULL;
	enum dum_status status;
	bool has_key = false;
	int64_t bytes;
	int fd = -1;

	(void)exit_out;
	if (isatty(STDOUT_FILENO) == 1)
		return error_set(err, DUM_EINVAL,
		                 "a database is nothing for a terminal: "
		                 "dum-backup cat %.100s > copy.db",
		                 backup->argv[0]);
	status = backup_word(&folder, &name, backup->argv[0], err);
	if (status != DUM_OK)
		return status;
	if (!backup_name_parse(&parsed, name))
		parsed = (struct backup_name){.packed = false};
	if (parsed.encrypted)
		status = backup_key(&key, &has_key, backup, false, err);
	if (status == DUM_OK && parsed.encrypted && !has_key)
		status = error_set(err, DUM_EKEY,
		                   "%s is encrypted: name its "
		                   "key with --key-file or "
		                   "--passphrase",
		                   name);
	if (status == DUM_OK)
		status = backup_dir_read(
		    &fd, &bytes,
		    folder != NULL ? folder
		                   : backup->config.database_backup_dir,
		    name, err);
	form.packed = parsed.packed;
	form.key = has_key ? &key : NULL;
	leaving.name = name;
	if (status == DUM_OK)
		status = archive_read(&seen, fd, &form, to_stdout, &leaving,
		                      err);
	if (fd >= 0)
		close(fd);
	if (has_key)
		container_key_wipe(&key);
	free(folder);
	return status;
}
