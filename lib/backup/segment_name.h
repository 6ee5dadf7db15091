#ifndef DUM_BACKUP_SEGMENT_NAME_H
#define DUM_BACKUP_SEGMENT_NAME_H
/*
 * segment_name - the files that entries of the journal are shipped to, in the
 * folder "journal" of that of the backups:
 *
 *	journal_DATABASE_TIMELINE_FIRST-LAST.log	sealed
 *	journal_DATABASE_TIMELINE_FIRST.log.open	being filled
 *
 * DATABASE is the first 8 digits of the database's id, FIRST and LAST are ids
 * of entries. So a list of names tells what there is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

enum {
	SEGMENT_NAME_MAX = 96,
	SEGMENT_DATABASE_DIGITS = 8,
	SEGMENTS_MAX = 1000000 /* more of them in one folder are refused */
};

struct segment_name {
	char database[SEGMENT_DATABASE_DIGITS + 1];
	int64_t timeline;
	int64_t first_id;
	int64_t last_id; /* 0: it is open */
};

void segment_name_format(char out[static SEGMENT_NAME_MAX],
                         const struct segment_name *name);

/* False: this is no name of a segment. */
bool segment_name_parse(struct segment_name *out, const char *text);

/*
 * In the order in which they were shipped; of several databases, by database.
 */
struct segment_list {
	struct segment_name *list;
	size_t count;
};

/* The folder of the segments below that of the backups. */
DUM_MUST_CHECK enum dum_status segment_folder(struct strbuf *out,
                                              const char *backup_dir,
                                              struct dum_error *err);

/*
 * Read such a folder; one that is not there has none. An open one that is
 * sealed already, of a run cut short between the two, is left out. Owns
 * memory: segment_list_release().
 */
DUM_MUST_CHECK enum dum_status segment_list_read(struct segment_list *out,
                                                 const char *folder,
                                                 struct dum_error *err);
void segment_list_release(struct segment_list *list);

/*
 * Add those of another list that are not in it. DUM_ENOMEM, DUM_EINVAL: too
 * many.
 */
DUM_MUST_CHECK enum dum_status segment_list_join(
    struct segment_list *list, const struct segment_list *other,
    struct dum_error *err);

/* Keep those of one database, by its whole id. */
void segment_list_keep(struct segment_list *list, const char *database_id);

#endif
