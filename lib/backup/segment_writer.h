#ifndef DUM_BACKUP_SEGMENT_WRITER_H
#define DUM_BACKUP_SEGMENT_WRITER_H
/*
 * segment_writer - entries into segments, one after the other: into the open
 * one as long as that is right, then it is sealed and a new one begins.
 *
 * Records gather in memory and go to the disk a frame at a time, by
 * segment_writer_flush(), which returns when they are there for good.
 */
#include "backup/backup_dir.h"
#include "backup/segment_file.h"

struct segment_writer;

DUM_MUST_CHECK enum dum_status segment_writer_new(
    struct segment_writer **out, const struct backup_dir *dir,
    const struct container_key *key, const char *database_id,
    struct dum_error *err);
/* What was not flushed is not written. */
void segment_writer_free(struct segment_writer *writer);

/* Go on with an open segment, as it was read; a torn tail is cut away. */
DUM_MUST_CHECK enum dum_status segment_writer_resume(
    struct segment_writer *writer, const struct segment_name *name,
    const struct segment_file *file, struct dum_error *err);

/* The next segment comes behind this sealed one. */
void segment_writer_follow(struct segment_writer *writer,
                           const struct segment_seen *sealed);

/* A segment is open, and so old or so large, and holds whole changes. */
bool segment_writer_is_due(const struct segment_writer *writer, int64_t bytes,
                           int64_t age_s);

/*
 * Would this entry start a new change? Only before such a one may a segment
 * be sealed.
 */
bool segment_writer_starts_change(const struct segment_writer *writer,
                                  const struct journal_record *entry);
/* Is one open, and of another timeline than this entry's? */
bool segment_writer_is_of_other(const struct segment_writer *writer,
                                const struct journal_record *entry);

/* DUM_EDAMAGED: it does not follow the last one. */
DUM_MUST_CHECK enum dum_status segment_writer_add(
    struct segment_writer *writer, const struct journal_record *entry,
    struct dum_error *err);

/* Bytes that wait for the flush. */
size_t segment_writer_waiting(const struct segment_writer *writer);

/* All changes so far are whole. */
void segment_writer_whole(struct segment_writer *writer);

DUM_MUST_CHECK enum dum_status segment_writer_flush(
    struct segment_writer *writer, struct dum_error *err);

/* Flush, and seal the open one; *sealed_out false: there is none. */
DUM_MUST_CHECK enum dum_status segment_writer_seal(
    bool *sealed_out, struct segment_writer *writer, struct dum_error *err);

#endif
