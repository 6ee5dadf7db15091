#ifndef DUM_BACKUP_CONTENT_H
#define DUM_BACKUP_CONTENT_H
/*
 * content - what the tables of a database hold: for each, how many rows, the
 * last id, and a hash of all values, whatever pages they lie on. Two databases
 * with equal contents say the same, restored, vacuumed or not.
 *
 * The hash is SHA-256 over the rows in the order of their key, each column
 * that is stored as one byte for its type and its value: "n"; "i" and 64 bits;
 * "r" and an IEEE 754 double; "t" (UTF-8) or "b" (bytes) and 32 bits of length
 * before it. Numbers are big-endian.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "crypto/hash.h"

enum { CONTENT_NAME_MAX = 48, CONTENT_TABLES_MAX = 48 };

struct content_table {
	char name[CONTENT_NAME_MAX];
	int64_t rows;
	int64_t last_id; /* -1: its key is no number, or it has no rows */
	unsigned char hash[HASH_BYTES];
};

struct content_tables {
	size_t count;
	struct content_table list[CONTENT_TABLES_MAX]; /* by name */
};

/* NULL: there is no such table. */
const struct content_table *content_find(const struct content_tables *tables,
                                         const char *name);

/* Is it a table of data, which a restore brings back? */
bool content_is_data(const char *table);

/* A walk over all tables, a few rows at a time. */
struct content_walk;

/* The handle is borrowed and path is for messages. */
DUM_MUST_CHECK enum dum_status content_walk_new(struct content_walk **out,
                                                sqlite3 *handle,
                                                const char *path,
                                                struct dum_error *err);
void content_walk_free(struct content_walk *walk);

/* Look at so many rows more, and tell whether there are others. */
DUM_MUST_CHECK enum dum_status content_walk_step(bool *more_out,
                                                 struct content_walk *walk,
                                                 int64_t rows,
                                                 struct dum_error *err);

/* Borrowed; whole when there are no more rows. */
const struct content_tables *content_walk_tables(
    const struct content_walk *walk);

/* All of it in one go; data_only: the tables of data and no others. */
DUM_MUST_CHECK enum dum_status content_read(struct content_tables *out,
                                            sqlite3 *handle, const char *path,
                                            bool data_only,
                                            struct dum_error *err);

/*
 * The same rows in the tables of data (in all tables where all is set)? If
 * not, DUM_EDAMAGED, and the text names the first difference.
 */
DUM_MUST_CHECK enum dum_status content_compare(
    const struct content_tables *found, const struct content_tables *wanted,
    bool all, struct dum_error *err);

/* Only the numbers of rows, of all tables. */
DUM_MUST_CHECK enum dum_status content_compare_counts(
    sqlite3 *handle, const struct content_tables *wanted,
    struct dum_error *err);

#endif
