#ifndef DUM_BACKUP_IMAGE_HASH_H
#define DUM_BACKUP_IMAGE_HASH_H
/*
 * image_hash - one hash of an image whose first page comes last.
 *
 *	pages = SHA-256(SHA-256(first page) || SHA-256(all that follows it))
 *
 * which can be worked out while a backup is made, and so holds what came out
 * of the database against what can be read back. Reading back also gives the
 * plain SHA-256 of the whole, which is what `sha256sum` says.
 */
#include <stdint.h>

#include "base/error.h"
#include "crypto/hash.h"

/* Works out the first kind, page by page. */
DUM_MUST_CHECK enum dum_status image_hash_join(
    unsigned char out[static HASH_BYTES], const void *first_page,
    size_t page_size, const unsigned char rest[static HASH_BYTES],
    struct dum_error *err);

/* Reads an image from its first byte on. */
struct image_reader;

struct image_seen {
	int64_t bytes;
	int64_t page_size;               /* as the image itself says */
	int64_t page_count;              /* the same */
	unsigned char pages[HASH_BYTES]; /* of both kinds, see above */
	unsigned char whole[HASH_BYTES];
};

DUM_MUST_CHECK enum dum_status image_reader_new(struct image_reader **out,
                                                struct dum_error *err);
void image_reader_free(struct image_reader *reader);

/* DUM_EDAMAGED: it does not start as a database does. */
DUM_MUST_CHECK enum dum_status image_reader_write(struct image_reader *reader,
                                                  const void *data, size_t len,
                                                  struct dum_error *err);

/* DUM_ETRUNCATED, DUM_EDAMAGED: its length is not what its first page says. */
DUM_MUST_CHECK enum dum_status image_reader_finish(struct image_seen *out,
                                                   struct image_reader *reader,
                                                   struct dum_error *err);

#endif
