/*
 * A tar that is not encrypted may come from anybody who could write to the
 * folder that it lay in. So where files go is not up to it: the settings go to
 * the path that the caller names, the others to those that the settings name,
 * and modes and owners are ours.
 */
#include "backup/installation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"

enum { PATH_BYTES = 4096 };

struct putting {
	const struct installation_request *request;
	struct installation allowed;
	struct stat service; /* whose the service's files are */
	bool has_service;
	installation_fn tell;
	void *arg;
	int differing;
};

/* Where it goes, and NULL where no settings name it. */
static const struct installation_file *find(char path[static PATH_BYTES],
                                            const struct putting *p,
                                            const struct tar_file *file)
{
	const char *to = p->request->to != NULL ? p->request->to : "";
	const struct installation_file *found = NULL;

	for (size_t i = 0; i < p->allowed.count && found == NULL; i++)
		if (strcmp(p->allowed.list[i].path + 1, file->name) == 0)
			found = &p->allowed.list[i];
	if (found == NULL ||
	    snprintf(path, PATH_BYTES, "%s/%s", to, file->name) >= PATH_BYTES)
		return NULL;
	return found;
}

/* --- what may be written -------------------------------------------------- */

static enum dum_status read_settings(struct config *out, struct putting *p,
                                     struct dum_error *err)
{
	const struct installation_request *r = p->request;
	struct tar_reader reader = {.data = r->tar, .len = r->len};
	struct tar_file file = {.len = 0};
	struct dum_error inner = {0};
	char path[TAR_NAME_MAX + 1];
	enum dum_status status;
	char *folder = NULL;
	bool any = false;

	status = tar_next(&file, &any, &reader, err);
	if (status == DUM_OK && !any)
		status = error_set(err, DUM_EDAMAGED, "there is no file in it");
	if (status != DUM_OK)
		return status;
	snprintf(path, sizeof(path), "/%s", file.name);
	folder = fs_parent(path);
	if (folder == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = config_read_text(out, file.data, file.len, folder, &inner);
	free(folder);
	if (status != DUM_OK)
		return error_set(err,
		                 status == DUM_EINVAL ? DUM_EDAMAGED : status,
		                 "its first file, %s, holds no settings that "
		                 "this program knows: line %d: %s",
		                 path, inner.line, inner.text);
	return installation_of(&p->allowed, out, path, r->cron_file, err);
}

static enum dum_status check_place(const struct putting *p,
                                   struct dum_error *err)
{
	const struct installation_request *r = p->request;
	const char *path = p->allowed.list[0].path;

	if (r->list || r->to != NULL || strcmp(path, r->config_path) == 0)
		return DUM_OK;
	return error_set(err, DUM_EINVAL,
	                 "the settings were in %s, and not in %s: say "
	                 "--config %s, or put all of it below a folder with "
	                 "--to DIR",
	                 path, r->config_path, path);
}

static void find_service(struct putting *p, const struct config *config)
{
	char *folder = fs_parent(config->database_path);

	p->has_service = p->request->to == NULL && geteuid() == 0 &&
	                 folder != NULL && stat(folder, &p->service) == 0;
	free(folder);
}

/* --- one file ------------------------------------------------------------- */

static enum dum_status fail(const char *path, struct dum_error *err)
{
	return error_set(err, fs_write_status(errno), "%s: %s", path,
	                 strerror(errno));
}

static enum dum_status look(enum installation_outcome *out, const char *path,
                            const struct tar_file *file, struct dum_error *err)
{
	struct strbuf there = STRBUF_INIT;
	struct dum_error inner = {0};
	enum dum_status status;

	status = fs_read_file(&there, path, INSTALLATION_FILE_BYTES_MAX,
	                      &inner);
	*out = INSTALLATION_DIFFERS;
	if (status == DUM_ENOTFOUND)
		*out = INSTALLATION_WRITTEN;
	else if (status == DUM_OK && there.len == file->len &&
	         memcmp(there.buf, file->data, file->len) == 0)
		*out = INSTALLATION_SAME;
	explicit_bzero(there.buf, there.cap);
	strbuf_release(&there);
	if (status == DUM_OK || status == DUM_ENOTFOUND ||
	    status == DUM_EINVAL) /* longer than any of ours */
		return DUM_OK;
	return error_set(err, status, "%s", inner.text);
}

/* With its mode and owner before it has its name. */
static int fill(int fd, const struct putting *p, const struct tar_file *file,
                const struct installation_file *as)
{
	if (fs_write_all(fd, file->data, file->len) != 0 ||
	    fchmod(fd, as->mode) != 0)
		return -1;
	/* Settings are root's, for the service to read; the entry is cron's. */
	if (p->has_service &&
	    fchown(fd, as->roots ? 0 : p->service.st_uid,
	           (as->mode & 0004) != 0 ? 0 : p->service.st_gid) != 0)
		return -1;
	return 0;
}

static enum dum_status write_file(const struct putting *p, const char *path,
                                  const struct tar_file *file,
                                  const struct installation_file *as,
                                  struct dum_error *err)
{
	struct fs_partial partial = FS_PARTIAL_INIT;
	struct dum_error inner = {0};
	enum dum_status status;

	status = fs_partial_open(&partial, path, 0600, &inner);
	if (status == DUM_ENOTFOUND)
		error_set(err, status,
		          "%s; install the package first, or name a folder "
		          "with --to DIR",
		          inner.text);
	else if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	else if (fill(partial.fd, p, file, as) != 0)
		status = fail(path, err);
	else
		status = fs_partial_publish(&partial, path, err);
	fs_partial_release(&partial);
	return status;
}

/* A second name for the one that is there, so that nothing is lost. */
static enum dum_status keep(char kept[static PATH_BYTES], const char *path,
                            struct dum_error *err)
{
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, clock_now());
	if (snprintf(kept, PATH_BYTES, "%s.replaced-%s", path, at) >=
	    PATH_BYTES)
		return error_set(err, DUM_EINVAL, "%s: the path is too long",
		                 path);
	return link(path, kept) == 0 ? DUM_OK : fail(kept, err);
}

static enum dum_status put(const struct putting *p, const char *path,
                           const struct tar_file *file,
                           const struct installation_file *as,
                           enum installation_outcome outcome,
                           struct dum_error *err)
{
	char kept[PATH_BYTES] = "";
	enum dum_status status = DUM_OK;
	char *folder;

	if (outcome == INSTALLATION_SAME) {
		p->tell(p->arg, path, file, outcome, kept);
		return DUM_OK;
	}
	if (p->request->to != NULL) {
		folder = fs_parent(path);
		status = folder != NULL
		             ? fs_make_dir(folder, err)
		             : error_set(err, DUM_ENOMEM, "out of memory");
		free(folder);
	}
	if (status == DUM_OK && outcome == INSTALLATION_DIFFERS)
		status = keep(kept, path, err);
	if (status == DUM_OK)
		status = write_file(p, path, file, as, err);
	if (status == DUM_OK)
		p->tell(p->arg, path, file, INSTALLATION_WRITTEN, kept);
	return status;
}

/* --- all of them ---------------------------------------------------------- */

/* First only to look, so that either all is written or nothing. */
static enum dum_status go_through(struct putting *p, bool writing,
                                  struct dum_error *err)
{
	const struct installation_request *r = p->request;
	struct tar_reader reader = {.data = r->tar, .len = r->len};
	const struct installation_file *as;
	enum installation_outcome outcome;
	enum dum_status status = DUM_OK;
	char path[PATH_BYTES];
	struct tar_file file;
	bool any = true;

	while (status == DUM_OK) {
		status = tar_next(&file, &any, &reader, err);
		if (status != DUM_OK || !any)
			break;
		as = find(path, p, &file);
		if (as == NULL)
			return error_set(err, DUM_EDAMAGED,
			                 "it holds %s, which its settings do "
			                 "not name",
			                 file.name);
		if (r->list) {
			p->tell(p->arg, path, &file, INSTALLATION_LISTED, "");
			continue;
		}
		status = look(&outcome, path, &file, err);
		if (status == DUM_OK && writing)
			status = put(p, path, &file, as, outcome, err);
		else if (status == DUM_OK && outcome == INSTALLATION_DIFFERS &&
		         !r->force) {
			p->differing++;
			p->tell(p->arg, path, &file, outcome, "");
		}
	}
	return status;
}

enum dum_status installation_put(const struct installation_request *request,
                                 installation_fn tell, void *arg,
                                 struct dum_error *err)
{
	struct putting p = {.request = request, .tell = tell, .arg = arg};
	enum dum_status status;
	struct config config;

	status = config_init(&config, err);
	if (status == DUM_OK)
		status = read_settings(&config, &p, err);
	if (status == DUM_OK)
		status = check_place(&p, err);
	if (status == DUM_OK) {
		find_service(&p, &config);
		status = go_through(&p, false, err);
	}
	config_release(&config);
	if (status == DUM_OK && p.differing > 0)
		status = error_set(
		    err, DUM_ECONFLICT,
		    "nothing was written: %d of the files differ "
		    "from those that are there; --force keeps "
		    "these under other names and goes on",
		    p.differing);
	if (status == DUM_OK && !request->list)
		status = go_through(&p, true, err);
	return status;
}
