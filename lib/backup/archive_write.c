#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "backup/packer.h"
#include "base/fsutil.h"
#include "base/gz.h"

/* The fastest; what more costs, and brings, is in docs/backup-format.md. */
enum { GZIP_LEVEL = 1 };

/* So much may wait in memory before the disk is asked to take it. */
enum { FLUSH_BYTES = 4 * 1024 * 1024 };

struct archive_writer {
	int fd;
	bool packed;
	size_t page_size;
	struct packer *packer;              /* NULL: not packed */
	struct container_writer *container; /* NULL: not encrypted */
	int64_t unflushed;
};

/* Of the first page, as it will stand in the file. */
static size_t head_size(const struct archive_writer *w)
{
	return w->packed ? gz_store_size(w->page_size) : w->page_size;
}

static enum dum_status write_error(struct dum_error *err)
{
	return error_set(err, fs_write_status(errno),
	                 "cannot write the backup: %s", strerror(errno));
}

/* The last step: bytes into the file. */
static enum dum_status store(void *arg, const void *data, size_t len,
                             struct dum_error *err)
{
	struct archive_writer *w = arg;
	enum dum_status status = DUM_OK;

	if (w->container != NULL)
		status = container_write(w->container, data, len, err);
	else if (fs_write_all(w->fd, data, len) != 0)
		return write_error(err);
	/*
	 * Started now and not waited for: one great flush at the end would hold
	 * up the commits of others for as long as it takes.
	 */
	w->unflushed += (int64_t)len;
	if (w->unflushed >= FLUSH_BYTES) {
		(void)sync_file_range(w->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		w->unflushed = 0;
	}
	return status;
}

static enum dum_status keep_room(struct archive_writer *w,
                                 struct dum_error *err)
{
	unsigned char *zeros = calloc(1, head_size(w));
	enum dum_status status;

	if (zeros == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	status = store(w, zeros, head_size(w), err);
	free(zeros);
	return status;
}

enum dum_status archive_writer_new(struct archive_writer **out, int fd,
                                   const struct archive_form *form,
                                   size_t page_size, struct dum_error *err)
{
	struct archive_writer *w = calloc(1, sizeof(*w));
	enum dum_status status = DUM_OK;

	if (w == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	w->fd = fd;
	w->packed = form->packed;
	w->page_size = page_size;
	if (form->key != NULL)
		status = container_writer_new(&w->container, fd, form->key,
		                              &form->ids, err);
	if (status == DUM_OK)
		status = keep_room(w, err);
	if (status == DUM_OK && w->packed)
		status = packer_new(&w->packer, GZIP_LEVEL, store, w, err);
	if (status != DUM_OK) {
		archive_writer_free(w);
		return status;
	}
	*out = w;
	return DUM_OK;
}

void archive_writer_free(struct archive_writer *w)
{
	if (w == NULL)
		return;
	packer_free(w->packer);
	container_writer_free(w->container);
	free(w);
}

enum dum_status archive_write(struct archive_writer *w, const void *data,
                              size_t len, struct dum_error *err)
{
	if (w->packer != NULL)
		return packer_write(w->packer, data, len, err);
	return store(w, data, len, err);
}

static enum dum_status put_head(struct archive_writer *w, const void *head,
                                struct dum_error *err)
{
	size_t len = head_size(w);

	if (w->container != NULL)
		return container_patch(w->container, 0, head, len, err);
	if (lseek(w->fd, 0, SEEK_SET) != 0 ||
	    fs_write_all(w->fd, head, len) != 0)
		return write_error(err);
	return DUM_OK;
}

enum dum_status archive_finish(struct archive_writer *w, const void *first_page,
                               struct dum_error *err)
{
	unsigned char *head = malloc(head_size(w));
	enum dum_status status = DUM_OK;

	if (head == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (w->packed)
		gz_store(head, first_page, w->page_size);
	else
		memcpy(head, first_page, w->page_size);
	if (w->packer != NULL)
		status = packer_finish(w->packer, err);
	if (status == DUM_OK)
		status = put_head(w, head, err);
	if (status == DUM_OK && w->container != NULL)
		status = container_finish(w->container, err);
	free(head);
	return status;
}
