/* /api/system/backups: the files themselves. */
#include "res/resources.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup_json.h"
#include "backup/discard.h"
#include "res/backup_parts.h"
#include "store/journal.h"

enum dum_status backup_error(struct dum_error *err,
                             const struct dum_error *inner)
{
	enum dum_status status = inner->status;

	if (status == DUM_EDAMAGED || status == DUM_ETRUNCATED ||
	    status == DUM_ESCHEMA)
		status = DUM_ESYS;
	return error_set(err, status, "%s", inner->text);
}

static enum dum_status read_catalog(struct catalog *out, const struct app *app,
                                    struct dum_error *err)
{
	struct dum_error inner = {0};

	if (catalog_read(out, app->config->database_backup_dir, &inner) !=
	    DUM_OK)
		return backup_error(err, &inner);
	return DUM_OK;
}

enum dum_status backups_get(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	struct json_writer w = {.out = &res->body};
	struct catalog catalog;
	enum dum_status status;

	(void)req;
	status = read_catalog(&catalog, app, err);
	if (status != DUM_OK)
		return status;
	jsonw_array_begin(&w);
	for (size_t i = catalog.count; i-- > 0;) {
		backup_json_entry(&w, &catalog.list[i]);
		if (!response_flush_if_large(res))
			break;
	}
	jsonw_array_end(&w);
	catalog_release(&catalog);
	return DUM_OK;
}

/* The file of the path; whatever else is in the folder is not for the API. */
static enum dum_status open_backup(int *fd_out, int64_t *bytes_out,
                                   const struct app *app,
                                   const struct request *req,
                                   struct dum_error *err)
{
	struct dum_error inner = {0};
	struct backup_name parsed;
	enum dum_status status;

	if (!backup_name_parse(&parsed, req->path_file))
		status = DUM_ENOTFOUND;
	else
		status = backup_dir_read(fd_out, bytes_out,
		                         app->config->database_backup_dir,
		                         req->path_file, &inner);
	if (status == DUM_OK)
		return DUM_OK;
	/* A link, or something that is no file, is as good as nothing. */
	if (status == DUM_ENOTFOUND || status == DUM_EAUTH ||
	    status == DUM_EINVAL)
		return error_set(err, DUM_ENOTFOUND, "there is no backup %s",
		                 req->path_file);
	return backup_error(err, &inner);
}

enum dum_status backup_named(struct backup_request *wish, const struct app *app,
                             const struct request *req, struct dum_error *err)
{
	enum dum_status status;
	int64_t bytes = 0;
	int fd = -1;

	status = open_backup(&fd, &bytes, app, req, err);
	if (status != DUM_OK)
		return status;
	close(fd);
	/* No longer than what the parser takes. */
	memcpy(wish->file, req->path_file, strlen(req->path_file) + 1);
	return DUM_OK;
}

static enum dum_status enter_event(struct app *app, const char *name,
                                   const char *file, int64_t bytes,
                                   struct dum_error *err)
{
	struct journal_event event = {.name = name, .object = file};
	char detail[48];

	snprintf(detail, sizeof(detail), "{\"bytes\":%lld}", (long long)bytes);
	event.detail = detail;
	return journal_event(app->db, &event, err);
}

/* Before it leaves, so that none does unnoticed. */
static enum dum_status note_download(struct app *app, const struct request *req,
                                     int64_t bytes, struct dum_error *err)
{
	enum dum_status status = app_begin(app, req, err);

	if (status == DUM_OK)
		status = enter_event(app, "download", req->path_file, bytes,
		                     err);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status backups_get_one(struct app *app, struct request *req,
                                struct response *res, struct dum_error *err)
{
	char disposition[BACKUP_NAME_MAX + 32];
	enum dum_status status;
	int64_t bytes = 0;
	int fd = -1;

	status = open_backup(&fd, &bytes, app, req, err);
	if (status != DUM_OK)
		return status;
	response_file(res, fd, bytes);
	if (!res->head_only)
		status = note_download(app, req, bytes, err);
	if (status != DUM_OK)
		return status;
	res->content_type = "application/octet-stream";
	snprintf(disposition, sizeof(disposition),
	         "attachment; filename=\"%s\"", req->path_file);
	response_header(res, "Content-Disposition", disposition);
	return DUM_OK;
}

/* The event and the file go together: without the one, not the other. */
static enum dum_status discard(struct app *app, const struct request *req,
                               const struct catalog *catalog,
                               const struct catalog_entry *entry,
                               const struct backup_dir *dir,
                               struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status = app_begin(app, req, err);

	if (status == DUM_OK)
		status = enter_event(app, "backup_deleted", entry->name,
		                     entry->bytes > 0 ? entry->bytes : 0, err);
	if (status == DUM_OK &&
	    catalog_remove(catalog, entry, dir, &inner) != DUM_OK)
		status = backup_error(err, &inner);
	if (status == DUM_OK)
		status = db_commit(app->db, err);
	return status;
}

enum dum_status backups_delete(struct app *app, struct request *req,
                               struct response *res, struct dum_error *err)
{
	const struct catalog_entry *entry = NULL;
	struct catalog catalog = {.count = 0};
	struct dum_error inner = {0};
	struct backup_dir *dir = NULL;
	enum dum_status status;

	/*
	 * Nobody else works in the folder meanwhile, or the caller hears who.
	 */
	if (backup_dir_open(&dir, app->config->database_backup_dir,
	                    "dum-api delete", &inner) != DUM_OK)
		return backup_error(err, &inner);
	status = read_catalog(&catalog, app, err);
	if (status == DUM_OK)
		status = discard_find(&entry, &catalog, req->path_file, err);
	if (status == DUM_OK)
		status = discard(app, req, &catalog, entry, dir, err);
	if (status == DUM_OK)
		res->status = 204;
	catalog_release(&catalog);
	backup_dir_close(dir);
	return status;
}
