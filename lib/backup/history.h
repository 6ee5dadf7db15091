#ifndef DUM_BACKUP_HISTORY_H
#define DUM_BACKUP_HISTORY_H
/*
 * history - the shipped journal of one database as a path to walk along: from
 * where a backup stands to an instant, on one timeline.
 */
#include "backup/backup_dir.h"
#include "backup/segment_file.h"

struct history {
	struct backup_dir *dir; /* nobody else changes it meanwhile */
	struct strbuf folder;
	struct segment_list list; /* of the database alone */
	struct segment_access access;
};

/*
 * End with history_close(). access is copied, what it points to borrowed.
 * DUM_EBUSY: another program is at work in the folder.
 */
DUM_MUST_CHECK enum dum_status history_open(struct history *out,
                                            const char *backup_dir,
                                            const char *database_id,
                                            const struct segment_access *access,
                                            struct dum_error *err);
void history_close(struct history *history);

/* The timeline that ran at an instant; 0: no entry is so old. */
DUM_MUST_CHECK enum dum_status history_timeline(int64_t *out,
                                                const struct history *history,
                                                const char *at,
                                                struct dum_error *err);

/* The newest timeline that has segments; 0: none. */
int64_t history_last_timeline(const struct history *history);

struct history_walk {
	int64_t timeline;
	int64_t after_id; /* where to start, and that entry's mac */
	unsigned char after_mac[HASH_BYTES];
	const char *until; /* entries later than this end it; NULL: none does */
	int64_t upto_id;   /* the same by the id; 0: none does */
};

struct history_end {
	int64_t entries;              /* that were given */
	int64_t last_id;              /* of the last one, or after_id */
	char last_at[CLOCK_TEXT_MAX]; /* "" where none was given */
	bool reached; /* a later entry is there; else the journal ends here */
};

/*
 * Give the entries behind the start to fn, whole changes alone. All segments
 * on the way are read and checked before the first entry is given.
 * DUM_EDAMAGED: a segment is damaged or missing.
 */
DUM_MUST_CHECK enum dum_status history_walk(struct history_end *out,
                                            const struct history *history,
                                            const struct history_walk *walk,
                                            journal_record_fn fn, void *arg,
                                            struct dum_error *err);

#endif
