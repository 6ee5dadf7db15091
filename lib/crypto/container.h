#ifndef DUM_CRYPTO_CONTAINER_H
#define DUM_CRYPTO_CONTAINER_H
/*
 * container - a file that is encrypted and proves itself whole: a header that
 * holds the wrapped key of the file, then chunks that are each sealed with
 * their number, and the last one as the last (the STREAM construction). What
 * was cut, moved, doubled or appended does not open. docs/backup-format.md
 * has the layout and test vectors.
 *
 * Three things are told apart: DUM_EKEY (another key, none, or one that would
 * cost more than is allowed to work out), DUM_EDAMAGED, DUM_ETRUNCATED.
 *
 * Buffers are a few chunks of 64 KiB; no plaintext leaves the reader before
 * its chunk has proved right.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/container_key.h"

enum {
	CONTAINER_ID_BYTES = 16,
	CONTAINER_HEADER_BYTES = 164,
	CONTAINER_CHUNK_BYTES = 65536
};

/* Which database, and which file of it; in the clear, but sealed. */
struct container_ids {
	unsigned char database[CONTAINER_ID_BYTES];
	unsigned char backup[CONTAINER_ID_BYTES];
};

struct container_writer;

/* Write to fd, a regular file that is empty; fd stays the caller's. */
DUM_MUST_CHECK enum dum_status container_writer_new(
    struct container_writer **out, int fd, const struct container_key *key,
    const struct container_ids *ids, struct dum_error *err);
/* Without a finish before it, the file is left without a header. */
void container_writer_free(struct container_writer *writer);

DUM_MUST_CHECK enum dum_status container_write(struct container_writer *writer,
                                               const void *data, size_t len,
                                               struct dum_error *err);

/*
 * Write once more over what was written already, within the first chunk, which
 * is kept back until the finish.
 */
DUM_MUST_CHECK enum dum_status container_patch(struct container_writer *writer,
                                               size_t offset, const void *data,
                                               size_t len,
                                               struct dum_error *err);

DUM_MUST_CHECK enum dum_status container_finish(struct container_writer *writer,
                                                struct dum_error *err);

struct container_reader;

/* Gives at most len bytes of the file, in order; *got_out is 0 at its end. */
typedef enum dum_status (*container_read_fn)(size_t *got_out, void *arg,
                                             void *data, size_t len,
                                             struct dum_error *err);

/* The header is read here. */
DUM_MUST_CHECK enum dum_status container_reader_new(
    struct container_reader **out, container_read_fn read, void *arg,
    const struct container_key *key, struct dum_error *err);
void container_reader_free(struct container_reader *reader);

const struct container_ids *container_reader_ids(
    const struct container_reader *reader);

/*
 * The next piece, borrowed until the next call. *len_out is 0 at the end, and
 * only there: then the whole file has proved right.
 */
DUM_MUST_CHECK enum dum_status container_read(const void **data_out,
                                              size_t *len_out,
                                              struct container_reader *reader,
                                              struct dum_error *err);

/*
 * The header of a container for another key; the chunks stay as they are. Does
 * not look at the chunks.
 */
DUM_MUST_CHECK enum dum_status container_rekey(
    unsigned char header[static CONTAINER_HEADER_BYTES],
    const struct container_key *from, const struct container_key *to,
    struct dum_error *err);

#endif
