#ifndef DUM_BACKUP_SEGMENT_FILE_H
#define DUM_BACKUP_SEGMENT_FILE_H
/*
 * segment_file - a segment of the journal in its folder, read from its first
 * byte to its last and checked on the way: frames, container, gzip, and that
 * each entry follows the one before.
 */
#include "backup/segment_frame.h"
#include "backup/segment_name.h"
#include "backup/segment_record.h"

/* What opens them. Borrowed; both may be NULL. */
struct segment_access {
	const struct container_key *container; /* of encrypted ones */
	const struct segment_key *seals;       /* of the entries */
};

struct segment_file {
	struct segment_seen seen;
	int64_t bytes; /* of the file */
	/* Of an open one: */
	int64_t good_bytes;                   /* up to the last whole frame */
	unsigned char frame_hash[HASH_BYTES]; /* of that frame */
	struct dum_error torn; /* why it is read no further; DUM_OK: it is */
};

/*
 * Read one; fn, which may be NULL, gets its entries. Of an open one with a
 * torn tail what is before it is given: see .torn. DUM_ENOTFOUND, DUM_EKEY,
 * DUM_EDAMAGED, DUM_ETRUNCATED, or what fn returned.
 */
DUM_MUST_CHECK enum dum_status segment_file_read(
    struct segment_file *out, const char *folder,
    const struct segment_name *name, const struct segment_access *access,
    journal_record_fn fn, void *arg, struct dum_error *err);

/*
 * The frames of an open file; what is wrong with one is noted in file->torn
 * and ends it.
 */
DUM_MUST_CHECK enum dum_status segment_file_frames(
    struct segment_file *file, int fd, const struct container_key *key,
    segment_bytes_fn fn, void *arg, struct dum_error *err);

/* The records of one as they are, and not looked at. */
DUM_MUST_CHECK enum dum_status segment_file_bytes(
    const char *folder, const struct segment_name *name,
    const struct container_key *key, segment_bytes_fn fn, void *arg,
    struct dum_error *err);

#endif
