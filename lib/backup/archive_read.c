#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "base/gz.h"

enum { PIECE_BYTES = 65536 };

struct reading {
	int fd;
	struct archive_seen seen;
	struct hasher *hasher; /* of the stored bytes */
	archive_fn fn;
	void *arg;
};

/* Read, count and hash; all bytes of the file come by here, in order. */
static enum dum_status read_stored(size_t *got_out, void *arg, void *data,
                                   size_t len, struct dum_error *err)
{
	struct reading *r = arg;
	ssize_t n;

	do
		n = read(r->fd, data, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, DUM_ESYS, "cannot read the backup: %s",
		                 strerror(errno));
	hasher_write(r->hasher, data, (size_t)n);
	r->seen.stored_bytes += n;
	*got_out = (size_t)n;
	return DUM_OK;
}

static enum dum_status take_plain(void *arg, const void *data, size_t len,
                                  struct dum_error *err)
{
	struct reading *r = arg;

	return r->fn != NULL ? r->fn(r->arg, data, len, err) : DUM_OK;
}

static enum dum_status pass_on(struct reading *r, struct gz_reader *gz,
                               const void *data, size_t len,
                               struct dum_error *err)
{
	if (gz != NULL)
		return gz_reader_write(gz, data, len, err);
	return take_plain(r, data, len, err);
}

static enum dum_status read_plain(struct reading *r, struct gz_reader *gz,
                                  struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char piece[PIECE_BYTES];
	size_t len = 1;

	while (status == DUM_OK && len > 0) {
		status = read_stored(&len, r, piece, sizeof(piece), err);
		if (status == DUM_OK && len > 0)
			status = pass_on(r, gz, piece, len, err);
	}
	return status;
}

static enum dum_status read_sealed(struct reading *r,
                                   const struct container_key *key,
                                   struct gz_reader *gz, struct dum_error *err)
{
	struct container_reader *container = NULL;
	enum dum_status status;
	const void *data;
	size_t len = 1;

	status = container_reader_new(&container, read_stored, r, key, err);
	if (status == DUM_OK) {
		r->seen.has_ids = true;
		r->seen.ids = *container_reader_ids(container);
	}
	while (status == DUM_OK && len > 0) {
		status = container_read(&data, &len, container, err);
		if (status == DUM_OK && len > 0)
			status = pass_on(r, gz, data, len, err);
	}
	container_reader_free(container);
	return status;
}

/* The medium is to be read, not what memory still has of it. */
static void forget_cached(int fd)
{
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

static enum dum_status start(struct reading *r, int fd, struct dum_error *err)
{
	*r = (struct reading){.fd = fd};
	if (lseek(fd, 0, SEEK_SET) == 0)
		forget_cached(fd);
	return hasher_new(&r->hasher, err);
}

enum dum_status archive_read(struct archive_seen *out, int fd,
                             const struct archive_form *form, archive_fn fn,
                             void *arg, struct dum_error *err)
{
	struct gz_reader *gz = NULL;
	struct reading r;
	enum dum_status status;

	status = start(&r, fd, err);
	r.fn = fn;
	r.arg = arg;
	if (status == DUM_OK && form->packed)
		status = gz_reader_new(&gz, take_plain, &r, err);
	if (status == DUM_OK)
		status = form->key != NULL ? read_sealed(&r, form->key, gz, err)
		                           : read_plain(&r, gz, err);
	if (status == DUM_OK && gz != NULL)
		status = gz_reader_finish(gz, err);
	if (status == DUM_OK) {
		hasher_finish(r.hasher, r.seen.stored_hash);
		*out = r.seen;
	}
	gz_reader_free(gz);
	hasher_free(r.hasher);
	return status;
}

enum dum_status archive_hash(struct archive_seen *out, int fd,
                             struct dum_error *err)
{
	enum dum_status status;
	char piece[PIECE_BYTES];
	struct reading r;
	size_t len = 1;

	status = start(&r, fd, err);
	while (status == DUM_OK && len > 0)
		status = read_stored(&len, &r, piece, sizeof(piece), err);
	if (status == DUM_OK) {
		hasher_finish(r.hasher, r.seen.stored_hash);
		*out = r.seen;
	}
	hasher_free(r.hasher);
	return status;
}
