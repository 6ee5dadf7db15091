#ifndef DUM_BACKUP_IMAGE_SINK_H
#define DUM_BACKUP_IMAGE_SINK_H
/*
 * image_sink - a database that can only be written, once and from its second
 * page to its last: the target of SQLite's backup, which so becomes a stream.
 * The first page comes last and is kept here.
 */
#include <sqlite3.h>
#include <stddef.h>

#include "base/error.h"

/* Larger ones would not fit into the part of an archive that is kept back. */
enum { IMAGE_PAGE_MAX = 32768 };

struct image_sink;

/* Takes the pages after the first, in order. */
typedef enum dum_status (*image_sink_fn)(void *arg, const void *data,
                                         size_t len, struct dum_error *err);

DUM_MUST_CHECK enum dum_status image_sink_new(struct image_sink **out,
                                              image_sink_fn fn, void *arg,
                                              struct dum_error *err);
/* Closes its handle too. */
void image_sink_free(struct image_sink *sink);

/* The handle to back up into. */
sqlite3 *image_sink_handle(const struct image_sink *sink);

/* Why writing failed; DUM_OK when it did not. Sets err. */
enum dum_status image_sink_error(const struct image_sink *sink,
                                 struct dum_error *err);

/* The first page, once the backup is done; NULL before. */
const void *image_sink_first_page(const struct image_sink *sink,
                                  size_t *len_out);

#endif
