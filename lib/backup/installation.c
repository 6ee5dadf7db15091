#include "backup/installation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"

/* Of links: on the next machine the settings name the same path. */
enum dum_status installation_path(char out[static TAR_NAME_MAX],
                                  const char *path, struct dum_error *err)
{
	char *folder = path[0] != '/' ? getcwd(NULL, 0) : strdup("");
	struct strbuf all = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	size_t len = 0;

	if (folder != NULL)
		strbuf_addf(&all, "%s/%s", folder, path);
	if (folder == NULL || !strbuf_ok(&all))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	free(folder);
	for (const char *part = all.buf; status == DUM_OK && *part != '\0';) {
		size_t n = strcspn(part, "/");

		if (n > 0 && !(n == 1 && part[0] == '.')) {
			if (len + 1 + n >= TAR_NAME_MAX) {
				status = error_set(err, DUM_EINVAL,
				                   "%.200s: the path is too "
				                   "long for a backup of the "
				                   "configuration",
				                   path);
				break;
			}
			out[len++] = '/';
			memcpy(out + len, part, n);
			len += n;
		}
		part += n + (part[n] == '/');
	}
	out[len] = '\0';
	strbuf_release(&all);
	return status;
}

/* "": the settings name none. */
static enum dum_status add(struct installation *out, const char *path,
                           struct installation_file file, struct dum_error *err)
{
	enum dum_status status;

	if (path[0] == '\0')
		return DUM_OK;
	status = installation_path(file.path, path, err);
	if (status == DUM_OK)
		out->list[out->count++] = file;
	return status;
}

enum dum_status installation_of(struct installation *out,
                                const struct config *config,
                                const char *config_path, const char *cron_file,
                                struct dum_error *err)
{
	const struct {
		const char *path;
		struct installation_file file;
	} parts[INSTALLATION_FILES_MAX] = {
	    {config_path,
	     {.what = "the settings", .mode = 0640, .roots = true}},
	    {cron_file,
	     {.what = "when backups are made",
	      .mode = 0644,
	      .optional = true,
	      .roots = true}},
	    {config->audit_anchor_file,
	     {.what = "the anchors of the journal",
	      .mode = 0600,
	      .optional = true}},
	    {config->secret_key_file,
	     {.what = "the secret key", .mode = 0600, .secret = true}},
	    {config->backup_key_file,
	     {.what = "the key of backups", .mode = 0600, .secret = true}},
	    {config->sync_rclone_config,
	     {.what = "the settings of rclone", .mode = 0600, .secret = true}},
	};
	struct installation made = {.count = 0};
	enum dum_status status = DUM_OK;

	for (size_t i = 0; status == DUM_OK && i < INSTALLATION_FILES_MAX; i++)
		status = add(&made, parts[i].path, parts[i].file, err);
	if (status == DUM_OK)
		*out = made;
	return status;
}

struct collecting {
	struct strbuf *out;
	int count;
	installation_missing_fn missing;
	void *arg;
};

static enum dum_status put_file(struct collecting *c,
                                const struct installation_file *file,
                                const struct strbuf *text,
                                struct dum_error *err)
{
	struct tar_file entry = {
	    .mode = file->mode, .data = text->buf, .len = text->len};
	enum dum_status status;
	struct stat st;

	if (stat(file->path, &st) == 0)
		entry.at = st.st_mtime;
	snprintf(entry.name, sizeof(entry.name), "%s", file->path + 1);
	status = tar_add(c->out, &entry, err);
	c->count += status == DUM_OK;
	return status;
}

static enum dum_status add_file(struct collecting *c,
                                const struct installation_file *file,
                                struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error inner = {0};
	enum dum_status status;

	status = fs_read_file(&text, file->path, INSTALLATION_FILE_BYTES_MAX,
	                      &inner);
	if (status == DUM_OK)
		status = put_file(c, file, &text, &inner);
	if (status != DUM_OK && (status == DUM_ENOMEM || c->count == 0)) {
		error_set(err, status, "%s: %s", file->what, inner.text);
	} else if (status != DUM_OK) {
		if (status != DUM_ENOTFOUND || !file->optional)
			c->missing(c->arg, file->what, &inner);
		status = DUM_OK;
	}
	explicit_bzero(text.buf, text.cap);
	strbuf_release(&text);
	return status;
}

/* Of all of it, and more. */
static size_t size_guess(const struct installation *installation)
{
	size_t sum = 65536;
	struct stat st;

	for (size_t i = 0; i < installation->count; i++)
		if (stat(installation->list[i].path, &st) == 0 &&
		    st.st_size < INSTALLATION_FILE_BYTES_MAX)
			sum += (size_t)st.st_size;
	return sum;
}

enum dum_status installation_collect(struct strbuf *out, int *count_out,
                                     const struct installation *installation,
                                     bool secrets,
                                     installation_missing_fn missing, void *arg,
                                     struct dum_error *err)
{
	struct collecting c = {.out = out, .missing = missing, .arg = arg};
	enum dum_status status = DUM_OK;

	/* Grown by copying, it would leave copies of keys behind. */
	if (!strbuf_reserve(out, size_guess(installation)))
		return error_set(err, DUM_ENOMEM, "out of memory");
	for (size_t i = 0; i < installation->count && status == DUM_OK; i++)
		if (secrets || !installation->list[i].secret)
			status = add_file(&c, &installation->list[i], err);
	tar_end(out);
	if (status == DUM_OK && !strbuf_ok(out))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK && out->len > INSTALLATION_BYTES_MAX)
		status = error_set(err, DUM_EINVAL,
		                   "the files of the configuration have more "
		                   "than %d MB",
		                   INSTALLATION_BYTES_MAX / 1000000);
	if (status == DUM_OK)
		*count_out = c.count;
	return status;
}
