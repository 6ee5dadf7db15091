#ifndef DUM_STORE_IMPORT_H
#define DUM_STORE_IMPORT_H
/* import - the list of files that were taken in: what, when, by whom. */
#include <stdint.h>

#include "store/db.h"

struct import_counts {
	int64_t rows;     /* data rows of the file */
	int64_t cells;    /* numbers taken */
	int64_t empty;    /* cells without text */
	int64_t skipped;  /* cells that are no number */
	int64_t rejected; /* cells left out for their value or day */
	int64_t new;      /* records */
	int64_t changed;
	int64_t same;
	int64_t locations_created;
};

/* Texts are borrowed. */
struct import_record {
	const char *kind;      /* "wide_csv" */
	const char *file_name; /* without its folder */
	const char *file_hash; /* SHA-256, hexadecimal */
	const char *options;   /* JSON object */
	struct import_counts counts;
};

/*
 * Enter an import, inside db_begin(); actor and time are the change's. Its id
 * is needed before the counts are known: enter it first, set the counts with
 * import_finish().
 */
DUM_MUST_CHECK enum dum_status import_start(int64_t *id_out, struct db *db,
                                            const struct import_record *record,
                                            struct dum_error *err);
DUM_MUST_CHECK enum dum_status import_finish(struct db *db, int64_t id,
                                             const struct import_record *record,
                                             struct dum_error *err);

/* One row of the list; texts live until fn returns. */
struct import_row {
	int64_t id;
	const char *at;
	const char *actor;
	const char *undone_at; /* NULL: it stands */
	const char *undone_by;
	struct import_record record;
};

typedef enum dum_status (*import_row_fn)(void *arg,
                                         const struct import_row *row,
                                         struct dum_error *err);

/*
 * Newest first; only those with an id below `before`, 0: all; at most limit of
 * them, -1: all.
 */
DUM_MUST_CHECK enum dum_status import_each(struct db *db, int64_t before,
                                           int64_t limit, import_row_fn fn,
                                           void *arg, struct dum_error *err);

/* Give one to fn. DUM_ENOTFOUND: there is none. */
DUM_MUST_CHECK enum dum_status import_get(struct db *db, int64_t id,
                                          import_row_fn fn, void *arg,
                                          struct dum_error *err);

#endif
