#ifndef DUM_BACKUP_UNPACKED_H
#define DUM_BACKUP_UNPACKED_H
/*
 * unpacked - a backup that was verified and unpacked, opened as the database
 * that it is, to read from it. Of an older schema it is brought up to this
 * program's, in the scratch folder.
 */
#include "backup/image.h"
#include "backup/verify.h"
#include "store/db.h"

struct unpacked {
	struct manifest manifest; /* no id: it has none */
	struct image *image;
	struct config config; /* with the path of the image; borrowed parts */
	struct db *db;
};

/* End with unpacked_close(). Errors as of verify_backup() and db_open(). */
DUM_MUST_CHECK enum dum_status unpacked_open(
    struct unpacked *out, const struct config *config,
    const struct verify_request *request, const struct origin *who,
    struct dum_error *err);
void unpacked_close(struct unpacked *unpacked);

#endif
