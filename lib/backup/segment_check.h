#ifndef DUM_BACKUP_SEGMENT_CHECK_H
#define DUM_BACKUP_SEGMENT_CHECK_H
/*
 * segment_check - are the segments of the journal whole, each and as a row,
 * and do they lead on from where each backup stands?
 */
#include "backup/catalog.h"
#include "backup/segment_file.h"

struct segment_report {
	size_t segments;
	int64_t entries;
	int64_t last_id; /* of the newest timeline */
	char last_at[CLOCK_TEXT_MAX];
	size_t problems;
	enum dum_status status;       /* of the first problem */
	char text[MANIFEST_TEXT_MAX]; /* the same, in words */
};

/* Told of each segment; status is DUM_OK, or what is wrong with it. */
typedef void (*segment_told_fn)(void *arg, const struct segment_name *name,
                                const struct segment_file *file,
                                const struct dum_error *problem);

/*
 * Read all of them, of every database. tell may be NULL. Anything but DUM_OK:
 * they could not be looked at; DUM_EBUSY: another program is at work.
 */
DUM_MUST_CHECK enum dum_status segment_check(
    struct segment_report *out, const char *backup_dir,
    const struct catalog *catalog, const struct segment_access *access,
    segment_told_fn tell, void *arg, struct dum_error *err);

#endif
