#ifndef DUM_BACKUP_SEGMENT_FRAME_H
#define DUM_BACKUP_SEGMENT_FRAME_H
/*
 * segment_frame - how records stand in a segment: in frames that hang together
 * by their hashes, each whole or worthless, so that damage shows, and a tail
 * that was torn off by a power cut or a kill can be cut away.
 *
 *	0   4	"DUMF"
 *	4   1	1: the payload is a container (crypto/container.h); 0: it is not
 *	5   3	0
 *	8   4	length of the payload, big-endian
 *	12  n	the payload: records, as gzip, in the container where that is so
 *	    32	SHA-256 over that of the frame before (zeros before the first),
 *		and all of this one up to here
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "crypto/container.h"
#include "crypto/hash.h"

enum {
	SEGMENT_FRAME_HEAD = 12,
	/* A frame has a megabyte of records and the one that went beyond. */
	SEGMENT_FRAME_PLAIN_MAX = 20 * 1024 * 1024,
	SEGMENT_FRAME_MAX = 24 * 1024 * 1024
};

/*
 * Append a frame with the records to out. hash is that of the frame before and
 * becomes that of this one. key NULL: not encrypted.
 */
DUM_MUST_CHECK enum dum_status segment_frame_pack(
    struct strbuf *out, unsigned char hash[static HASH_BYTES],
    const struct strbuf *records, const struct container_key *key,
    const struct container_ids *ids, struct dum_error *err);

/* One frame of a file, as its bytes. */
struct segment_frame {
	bool encrypted;
	struct strbuf bytes; /* the head and the payload */
};

/*
 * Read the next one from fd. *any_out false: the file ends here. hash is that
 * of the frame before and becomes that of this one. DUM_ETRUNCATED: the file
 * ends within it. DUM_EDAMAGED: it is not what was written.
 */
DUM_MUST_CHECK enum dum_status segment_frame_read(
    struct segment_frame *frame, bool *any_out,
    unsigned char hash[static HASH_BYTES], int fd, struct dum_error *err);

/* Takes the records piece by piece. */
typedef enum dum_status (*segment_bytes_fn)(void *arg, const void *data,
                                            size_t len, struct dum_error *err);

/* DUM_EKEY: it is encrypted, and key is none or another. */
DUM_MUST_CHECK enum dum_status segment_frame_unpack(
    const struct segment_frame *frame, const struct container_key *key,
    segment_bytes_fn fn, void *arg, struct dum_error *err);

#endif
