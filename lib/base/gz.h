#ifndef DUM_BASE_GZ_H
#define DUM_BASE_GZ_H
/*
 * gz - gzip (RFC 1952) as a row of independent members, which gunzip joins.
 *
 * Members of a quarter of a megabyte are as small as one long stream, can be
 * packed on several processors, and damage in one is told by its own CRC-32.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Packs blocks into members; one for each thread. */
struct gz_packer;

/* level: 1 (fastest) to 9 (smallest). */
DUM_MUST_CHECK enum dum_status gz_packer_new(struct gz_packer **out, int level,
                                             struct dum_error *err);
void gz_packer_free(struct gz_packer *packer);

/* Most bytes that a block of len can come to. */
size_t gz_bound(size_t len);

/*
 * Pack a block into out, which has room for gz_bound(len); the size, 0: failed.
 */
size_t gz_pack(struct gz_packer *packer, void *out, const void *in, size_t len);

/*
 * A member that is not packed: its size depends on len alone, so that room for
 * it can be kept until its content is known. Returns gz_store_size(len).
 */
size_t gz_store_size(size_t len);
size_t gz_store(void *out, const void *in, size_t len);

/* Unpacks what comes piece by piece. */
struct gz_reader;

/* Takes what was unpacked; a status other than DUM_OK ends it. */
typedef enum dum_status (*gz_sink_fn)(void *arg, const void *data, size_t len,
                                      struct dum_error *err);

DUM_MUST_CHECK enum dum_status gz_reader_new(struct gz_reader **out,
                                             gz_sink_fn sink, void *arg,
                                             struct dum_error *err);
void gz_reader_free(struct gz_reader *reader);

/* DUM_EDAMAGED: this is no gzip, or a check sum is wrong. */
DUM_MUST_CHECK enum dum_status gz_reader_write(struct gz_reader *reader,
                                               const void *data, size_t len,
                                               struct dum_error *err);

/*
 * There is no more. DUM_ETRUNCATED: the last member is not whole, or none is.
 */
DUM_MUST_CHECK enum dum_status gz_reader_finish(struct gz_reader *reader,
                                                struct dum_error *err);

#endif
