#include "backup/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/remote_kind.h"
#include "config/config_target.h"
#include "crypto/random.h"

enum { PIECE_BYTES = 65536, PARTIAL_DIGITS = 8 };

struct remote {
	const struct remote_kind *kind;
	void *place;
};

enum dum_status remote_open(struct remote **out, const struct config *config,
                            struct dum_error *err)
{
	const char *target = config->sync_target;
	struct remote *remote;
	enum dum_status status;

	if (target[0] == '\0')
		return error_set(err, DUM_EINVAL,
		                 "SYNC_TARGET is not set: it says where the "
		                 "copies go");
	remote = calloc(1, sizeof(*remote));
	if (remote == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (config_target_is_folder(target)) {
		remote->kind = &remote_folder;
		status = remote_folder_open(&remote->place, target, err);
	} else {
		remote->kind = &remote_rclone;
		status = remote_rclone_open(&remote->place, config, err);
	}
	if (status != DUM_OK) {
		free(remote);
		return status;
	}
	*out = remote;
	return DUM_OK;
}

void remote_free(struct remote *remote)
{
	if (remote == NULL)
		return;
	remote->kind->free(remote->place);
	free(remote);
}

/* --- the list ------------------------------------------------------------- */

enum dum_status remote_list_add(struct remote_list *list, size_t *room,
                                const char *name, int64_t bytes,
                                struct dum_error *err)
{
	struct remote_file *file;

	if (strlen(name) >= REMOTE_NAME_MAX)
		return DUM_OK;
	if (list->count == REMOTE_FILES_MAX)
		return error_set(err, DUM_EINVAL,
		                 "SYNC_TARGET has more than %d files",
		                 REMOTE_FILES_MAX);
	if (list->count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		struct remote_file *grown = realloc(list->list,
		                                    more * sizeof(*grown));

		if (grown == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		list->list = grown;
		*room = more;
	}
	file = &list->list[list->count++];
	snprintf(file->name, sizeof(file->name), "%s", name);
	file->bytes = bytes;
	return DUM_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct remote_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

enum dum_status remote_list_read(struct remote_list *out, struct remote *remote,
                                 struct dum_error *err)
{
	struct remote_list list = {.count = 0};
	enum dum_status status;

	status = remote->kind->list(&list, remote->place, err);
	if (status != DUM_OK) {
		remote_list_release(&list);
		return status;
	}
	if (list.count > 0)
		qsort(list.list, list.count, sizeof(*list.list), by_name);
	*out = list;
	return DUM_OK;
}

void remote_list_release(struct remote_list *list)
{
	free(list->list);
	*list = (struct remote_list){.count = 0};
}

const struct remote_file *remote_list_find(const struct remote_list *list,
                                           const char *name)
{
	struct remote_file key = {.bytes = 0};

	if (list->count == 0 || strlen(name) >= sizeof(key.name))
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, list->list, list->count, sizeof(*list->list),
	               by_name);
}

/* --- names of what is not whole ------------------------------------------- */

/*
 * NAME.MARK.DIGITS.partial: the digits are another copy's each time, so that
 * nobody who was cut off and still writes can write into this one.
 */
static enum dum_status partial_name(char out[static REMOTE_NAME_MAX],
                                    const char *name, const char *mark,
                                    struct dum_error *err)
{
	char digits[PARTIAL_DIGITS + 1];
	enum dum_status status = random_hex(digits, PARTIAL_DIGITS / 2, err);

	if (status != DUM_OK)
		return status;
	if (snprintf(out, REMOTE_NAME_MAX, "%s.%s.%s.partial", name, mark,
	             digits) >= REMOTE_NAME_MAX)
		return error_set(err, DUM_ESYS, "%s: the name is too long",
		                 name);
	return DUM_OK;
}

bool remote_is_partial(const char *name, const char *mark)
{
	size_t len = strlen(name), end = sizeof(".partial") - 1;
	size_t tail = 1 + strlen(mark) + 1 + PARTIAL_DIGITS + end;
	const char *at = name + len - tail;

	return len > tail && *at == '.' &&
	       strncmp(at + 1, mark, strlen(mark)) == 0 &&
	       at[1 + strlen(mark)] == '.' &&
	       strcmp(name + len - end, ".partial") == 0;
}

/* --- reading -------------------------------------------------------------- */

struct hashing {
	struct hasher *hasher;
	int64_t bytes;
	remote_progress_fn progress;
	void *arg;
};

static enum dum_status take_hash(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	struct hashing *h = arg;

	(void)err;
	hasher_write(h->hasher, data, len);
	h->bytes += (int64_t)len;
	if (h->progress != NULL)
		h->progress(h->arg, (int64_t)len);
	return DUM_OK;
}

static void hash_text(char out[static HASH_HEX_MAX], struct hasher *hasher)
{
	unsigned char hash[HASH_BYTES];

	hasher_finish(hasher, hash);
	hex_write(out, hash, HASH_BYTES);
}

enum dum_status remote_hash(char sha256_out[static HASH_HEX_MAX],
                            int64_t *bytes_out, struct remote *remote,
                            const char *name, remote_progress_fn progress,
                            void *arg, struct dum_error *err)
{
	struct hashing h = {.progress = progress, .arg = arg};
	enum dum_status status = hasher_new(&h.hasher, err);

	if (status == DUM_OK)
		status = remote->kind->read(remote->place, name, take_hash, &h,
		                            err);
	if (status == DUM_OK) {
		hash_text(sha256_out, h.hasher);
		*bytes_out = h.bytes;
	}
	hasher_free(h.hasher);
	return status;
}

struct getting {
	struct strbuf *out;
	const char *name;
	size_t limit;
};

static enum dum_status take_text(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	struct getting *g = arg;

	if (g->out->len + len > g->limit)
		return error_set(err, DUM_EDAMAGED,
		                 "%s is longer than %zu bytes", g->name,
		                 g->limit);
	strbuf_add(g->out, data, len);
	return strbuf_ok(g->out) ? DUM_OK
	                         : error_set(err, DUM_ENOMEM, "out of memory");
}

enum dum_status remote_get(struct strbuf *out, struct remote *remote,
                           const char *name, size_t limit,
                           struct dum_error *err)
{
	struct getting g = {.out = out, .name = name, .limit = limit};

	return remote->kind->read(remote->place, name, take_text, &g, err);
}

enum dum_status remote_remove(struct remote *remote, const char *name,
                              struct dum_error *err)
{
	return remote->kind->remove(remote->place, name, err);
}

/* --- writing -------------------------------------------------------------- */

static enum dum_status send(struct hashing *h, struct remote *remote,
                            const struct remote_copy *copy,
                            struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	char piece[PIECE_BYTES];

	while (status == DUM_OK && h->bytes < copy->bytes) {
		int64_t left = copy->bytes - h->bytes;
		size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		ssize_t n = pread(copy->fd, piece, want, (off_t)h->bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, DUM_ESYS, "cannot read %s: %s",
			                 copy->name, strerror(errno));
		if (n == 0)
			return error_set(
			    err, DUM_ETRUNCATED,
			    "%s became shorter while it was copied",
			    copy->name);
		status = take_hash(h, piece, (size_t)n, err);
		if (status == DUM_OK)
			status = remote->kind->write(remote->place, piece,
			                             (size_t)n, err);
	}
	return status;
}

/* All of it, under the name of what is not whole; and the hash of it. */
static enum dum_status upload(char sha256_out[static HASH_HEX_MAX],
                              struct remote *remote, const char *partial,
                              const struct remote_copy *copy,
                              struct dum_error *err)
{
	struct hashing h = {.progress = copy->progress, .arg = copy->arg};
	enum dum_status status = hasher_new(&h.hasher, err);

	if (status == DUM_OK)
		status = remote->kind->begin(remote->place, partial,
		                             copy->bytes, err);
	if (status == DUM_OK)
		status = send(&h, remote, copy, err);
	if (status == DUM_OK) {
		hash_text(sha256_out, h.hasher);
		if (copy->sha256 != NULL &&
		    strcmp(sha256_out, copy->sha256) != 0)
			status = error_set(err, DUM_EDAMAGED,
			                   "%s: its bytes are not those of its "
			                   "manifest; it was not copied",
			                   copy->name);
	}
	if (status == DUM_OK)
		status = remote->kind->end(remote->place, err);
	remote->kind->cancel(remote->place);
	hasher_free(h.hasher);
	return status;
}

static enum dum_status read_back(struct remote *remote, const char *partial,
                                 const struct remote_copy *copy,
                                 const char *sha256, struct dum_error *err)
{
	char seen[HASH_HEX_MAX];
	enum dum_status status;
	int64_t bytes = 0;

	status = remote_hash(seen, &bytes, remote, partial, copy->progress,
	                     copy->arg, err);
	if (status == DUM_OK &&
	    (bytes != copy->bytes || strcmp(seen, sha256) != 0))
		status = error_set(
		    err, DUM_EDAMAGED,
		    "%s: what was read back from the copy is not "
		    "what was written",
		    copy->name);
	return status;
}

enum dum_status remote_put(char sha256_out[static HASH_HEX_MAX],
                           struct remote *remote,
                           const struct remote_copy *copy,
                           struct dum_error *err)
{
	char partial[REMOTE_NAME_MAX], sha256[HASH_HEX_MAX];
	struct dum_error ignored = {0};
	enum dum_status status;

	status = partial_name(partial, copy->name, copy->mark, err);
	if (status != DUM_OK)
		return status;
	status = upload(sha256, remote, partial, copy, err);
	if (status == DUM_OK)
		status = read_back(remote, partial, copy, sha256, err);
	if (status == DUM_OK)
		status = remote->kind->rename(remote->place, partial,
		                              copy->name, err);
	if (status == DUM_OK)
		memcpy(sha256_out, sha256, sizeof(sha256));
	else
		(void)!remote_remove(remote, partial, &ignored);
	return status;
}
