#ifndef DUM_BACKUP_SNAPSHOT_H
#define DUM_BACKUP_SNAPSHOT_H
/*
 * snapshot - one state of the live database into an archive, in one pass and
 * without a copy on the way, while others write.
 *
 * A read transaction holds the state, so that the backup never starts over and
 * may take its time. It blocks nobody; the write-ahead log grows meanwhile.
 * The rows are hashed in the same transaction, in the time that compressing
 * leaves.
 */
#include <stdbool.h>
#include <stdint.h>

#include "backup/archive.h"
#include "backup/content.h"
#include "backup/progress.h"
#include "store/db.h"

enum { SNAPSHOT_ID_MAX = 33 };

/* What the image is of. */
struct snapshot_facts {
	char database_id[SNAPSHOT_ID_MAX];
	int64_t application_id;
	int64_t schema_version;
	int64_t timeline;
	int64_t generation;
	int64_t page_size, page_count, free_pages;
	int64_t journal_id;                    /* 0: no entries */
	unsigned char journal_mac[HASH_BYTES]; /* of that entry */
	unsigned char pages_hash[HASH_BYTES];  /* see backup/image_hash.h */
	struct content_tables tables;
};

struct snapshot_pace {
	int64_t bytes_per_s; /* of the database; 0: as fast as it goes */
	backup_progress_fn progress; /* may be NULL */
	void *arg;
};

struct snapshot;

/*
 * Open the database once more (db stays free for a change that is running) and
 * hold its state; any schema version of ours will do.
 */
DUM_MUST_CHECK enum dum_status snapshot_open(struct snapshot **out,
                                             const struct config *config,
                                             struct dum_error *err);
void snapshot_free(struct snapshot *snapshot);

/* Known from the start: all but the hash of the pages and the tables. */
const struct snapshot_facts *snapshot_facts(const struct snapshot *snapshot);

/* Write the image to fd; the facts are whole after. */
DUM_MUST_CHECK enum dum_status snapshot_write(struct snapshot *snapshot, int fd,
                                              const struct archive_form *form,
                                              const struct snapshot_pace *pace,
                                              struct dum_error *err);

#endif
