#ifndef DUM_BACKUP_RESTORE_PARTS_H
#define DUM_BACKUP_RESTORE_PARTS_H
/* restore_parts - what the files of restore share; see backup/restore.h. */
#include "backup/restore.h"
#include "store/handle.h"

#define RESTORE_LABEL "before-restore"

struct restoring {
	const struct config *config;
	const struct backup_dir *dir;
	const struct origin *who;
	const struct restore_request *request;
	const char *name; /* of the backup */
	int64_t upto_id;  /* replay up to this entry; 0: to the instant */
	struct image
	    *image; /* the backup, unpacked, of this program's schema */
	struct content_tables wanted; /* what its tables of data hold */
	int64_t last_timeline;        /* of any backup there is */
	struct restore_result *out;
};

/*
 * Make the unpacked image one of this program's schema, and note what it
 * holds. DUM_ESCHEMA: it is of a newer program, or not ours.
 */
DUM_MUST_CHECK enum dum_status restore_prepare(struct restoring *r,
                                               struct dum_error *err);

/*
 * Ship the end of the journal while there is one; out->not_shipped tells why a
 * database that is gone, damaged or another one can not give it.
 */
DUM_MUST_CHECK enum dum_status restore_ship_end(struct restoring *r,
                                                struct dum_error *err);

/* Find the backup of an instant, verify and unpack it. */
DUM_MUST_CHECK enum dum_status restore_at_unpack(struct restoring *r,
                                                 struct dum_error *err);

/* Bring the unpacked image, of this program's schema, on to the instant. */
DUM_MUST_CHECK enum dum_status restore_at_replay(struct restoring *r,
                                                 struct dum_error *err);

/* Write the image to the file that was asked for. */
DUM_MUST_CHECK enum dum_status restore_to_file(struct restoring *r,
                                               struct dum_error *err);

/* Work out once more what is kept beside the rows of data. */
DUM_MUST_CHECK enum dum_status restore_recount(struct db *db,
                                               struct dum_error *err);

/* Bring the tables of data to those of the image, inside db_begin_long(). */
DUM_MUST_CHECK enum dum_status restore_rows(struct restoring *r, struct db *db,
                                            struct dum_error *err);

/*
 * Enter the restore into the journal of db, inside its change, on a timeline
 * of its own that is above `timeline` and every known one.
 */
DUM_MUST_CHECK enum dum_status restore_journal(struct restoring *r,
                                               struct db *db, int64_t timeline,
                                               struct dum_error *err);

/* Held against what the backup holds, before anybody else can see it. */
DUM_MUST_CHECK enum dum_status restore_compare(struct restoring *r,
                                               struct db *db,
                                               struct dum_error *err);

/* Replace the database's whole content. */
DUM_MUST_CHECK enum dum_status restore_whole(struct restoring *r,
                                             struct dum_error *err);

/*
 * Let what was revoked since the backup stay revoked in it, inside a change of
 * the image: keys, as far as the database (sound, or damaged and perhaps still
 * readable) and the shipped journal tell; recovery codes that were used or
 * replaced, and all of them where the database can not tell.
 */
DUM_MUST_CHECK enum dum_status restore_revoked(struct restoring *r,
                                               struct db *image, bool sound,
                                               bool damaged,
                                               struct dum_error *err);

/* The backup of what is there now, by the label above. */
DUM_MUST_CHECK enum dum_status restore_safety(struct restoring *r,
                                              struct dum_error *err);

/* A configuration for the image: the same, with its path. Borrowed parts. */
struct config restore_image_config(const struct restoring *r);

#endif
