#ifndef DUM_BACKUP_ARCHIVE_H
#define DUM_BACKUP_ARCHIVE_H
/*
 * archive - the bytes of a backup file: the image of a database, as it is, or
 * packed by gzip, and either of them encrypted or not.
 *
 * An image is written from its second page on; room is kept for the first one,
 * which comes last. Of a packed image the first page is a member of its own,
 * stored and not compressed, so that its size is known beforehand.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "crypto/container.h"
#include "crypto/hash.h"

struct archive_form {
	bool packed;
	const struct container_key *key; /* borrowed; NULL: not encrypted */
	struct container_ids ids;        /* for an encrypted one */
};

struct archive_writer;

/* Write to fd, a new file that stays the caller's. */
DUM_MUST_CHECK enum dum_status archive_writer_new(
    struct archive_writer **out, int fd, const struct archive_form *form,
    size_t page_size, struct dum_error *err);
void archive_writer_free(struct archive_writer *writer);

/* The second page and those after it. */
DUM_MUST_CHECK enum dum_status archive_write(struct archive_writer *writer,
                                             const void *data, size_t len,
                                             struct dum_error *err);
DUM_MUST_CHECK enum dum_status archive_finish(struct archive_writer *writer,
                                              const void *first_page,
                                              struct dum_error *err);

/* What became of the bytes while they were read. */
struct archive_seen {
	int64_t stored_bytes;
	unsigned char stored_hash[HASH_BYTES];
	bool has_ids; /* of an encrypted one */
	struct container_ids ids;
};

/* Takes the image from its first byte on. */
typedef enum dum_status (*archive_fn)(void *arg, const void *data, size_t len,
                                      struct dum_error *err);

/*
 * Read all of an archive from fd. DUM_EKEY, DUM_EDAMAGED, DUM_ETRUNCATED, or
 * what fn returned. Nothing of an encrypted chunk is handed on before it has
 * proved right; that the whole is right is known only at DUM_OK.
 */
DUM_MUST_CHECK enum dum_status archive_read(struct archive_seen *out, int fd,
                                            const struct archive_form *form,
                                            archive_fn fn, void *arg,
                                            struct dum_error *err);

/* Only the stored bytes, and their hash. */
DUM_MUST_CHECK enum dum_status archive_hash(struct archive_seen *out, int fd,
                                            struct dum_error *err);

#endif
