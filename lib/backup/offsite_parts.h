#ifndef DUM_BACKUP_OFFSITE_PARTS_H
#define DUM_BACKUP_OFFSITE_PARTS_H
/* offsite_parts - what the files of offsite share; see backup/offsite.h. */
#include "backup/offsite.h"
#include "backup/offsite_ledger.h"
#include "backup/retention.h"
#include "backup/segment_name.h"

/* The first digits of a database's id, as in names of segments. */
enum { OFFSITE_MARK_MAX = SEGMENT_DATABASE_DIGITS + 1 };

/* A backup that is there, by the manifest that is there. */
struct offsite_copy {
	struct catalog_entry entry;
	char stored_sha256[HASH_HEX_MAX];
	int64_t config_bytes; /* 0: none */
	char config_sha256[HASH_HEX_MAX];
};

struct offsite_steps {
	struct offsite_step *list;
	size_t count, room;
};

/* Both places, as they were when it began. */
struct offsite_view {
	const char *folder;  /* of the backups */
	char *journal;       /* of the segments */
	struct catalog here; /* all of it */
	struct segment_list segments_here;
	struct remote_list there; /* all of it */
	struct offsite_copy *copies;
	size_t copy_count;
	char mark[OFFSITE_MARK_MAX]; /* of the database of the newest backup */
	/* What is there after: backups of either place, the oldest first. */
	struct catalog all;
	struct retention_verdict *verdicts;
	struct dum_error clock; /* why nothing may be removed; DUM_OK: it may */
};

struct offsite {
	const struct config *config;
	const struct offsite_options *options;
	struct offsite_result *result;
	struct backup_dir *known; /* the folder "offsite" */
	struct remote *remote;
	struct offsite_ledger ledger;
	struct offsite_view view;
	struct offsite_steps steps;
	int64_t done, to_do; /* bytes, for the progress */
};

/* Look at both places. Release the view, also after an error. */
DUM_MUST_CHECK enum dum_status offsite_view_read(struct offsite *o,
                                                 struct dum_error *err);
void offsite_view_release(struct offsite_view *view);

/* Of the view. NULL: it is not there, or not with a manifest of ours. */
const struct offsite_copy *offsite_copy_find(const struct offsite_view *view,
                                             const char *name);
/* NULL: it is not here, or not in a state to be copied. */
const struct catalog_entry *offsite_here(const struct offsite_view *view,
                                         const char *name);
bool offsite_is_ours(const struct offsite_view *view, const char *database_id);

/* What has to be done, in the order in which it is safe. */
DUM_MUST_CHECK enum dum_status offsite_plan(struct offsite *o,
                                            struct dum_error *err);

/* The part of it for segments. */
DUM_MUST_CHECK enum dum_status offsite_plan_segments(struct offsite *o,
                                                     struct dum_error *err);

/* Add a step: a file of so many bytes; one that is not there is not removed. */
DUM_MUST_CHECK enum dum_status offsite_plan_copy(
    struct offsite *o, const char *name, const char *backup, int64_t bytes,
    const char *sha256, struct dum_error *err);
DUM_MUST_CHECK enum dum_status offsite_plan_remove(struct offsite *o,
                                                   const char *name,
                                                   const char *backup,
                                                   const char *why,
                                                   struct dum_error *err);

/* Is a file of that size there, when it began? */
bool offsite_is_there(const struct offsite_view *view, const char *name,
                      int64_t bytes);

/* Note in the place which backups are not there on purpose. */
DUM_MUST_CHECK enum dum_status offsite_note_pruned(struct offsite *o,
                                                   struct dum_error *err);

/* Send a text, and note in the folder "offsite" what is there now. */
DUM_MUST_CHECK enum dum_status offsite_put_text(struct offsite *o,
                                                const char *name,
                                                const struct strbuf *text,
                                                struct dum_error *err);

/* Read back all that is there of ours. */
DUM_MUST_CHECK enum dum_status offsite_check(struct offsite *o,
                                             struct dum_error *err);

/* What is wrong with one file is told and counted. */
void offsite_problem(struct offsite *o, const struct dum_error *problem);
/* For remote_progress_fn: arg is the struct offsite. */
void offsite_progress(void *arg, int64_t bytes);

#endif
