#ifndef DUM_BACKUP_SHIP_H
#define DUM_BACKUP_SHIP_H
/*
 * ship - append what is new in the journal to its segments, for cron, once a
 * minute. Reads the database and changes nothing in it.
 *
 * An entry is shipped once: where to go on is what the segments hold, not a
 * note beside them. Whatever a killed run leaves is a frame that is whole, or
 * a torn one that the next run cuts away. A segment holds whole changes of one
 * timeline; it is sealed when it is large or old, or the timeline ends.
 */
#include "backup/backup_dir.h"
#include "backup/segment_file.h"
#include "config/config.h"

struct ship_options {
	const char *who;                 /* told to others while it works */
	const struct container_key *key; /* NULL: not encrypted */
	int64_t segment_bytes;           /* of records; then it is sealed */
	int64_t segment_age_s;           /* the same, by its age */
	bool seal_now;                   /* whatever its size and age */
};

/* As the configuration says. */
struct ship_options ship_options(const struct config *config, const char *who,
                                 const struct container_key *key);

struct ship_result {
	int64_t entries;      /* shipped by this run */
	int64_t last_id;      /* of the last one shipped, ever; 0: none */
	int64_t sealed;       /* segments */
	int64_t mended_bytes; /* of a torn tail */
};

/*
 * DUM_EBUSY: another ships. DUM_ECONFLICT: the journal is not the one that was
 * shipped before, because the database was replaced by something else than a
 * restore. DUM_EFULL, DUM_EKEY, DUM_EDAMAGED.
 */
DUM_MUST_CHECK enum dum_status ship_journal(struct ship_result *out,
                                            const struct config *config,
                                            const struct ship_options *options,
                                            struct dum_error *err);

/* Is shipping in use: is there a folder of segments? */
bool ship_is_used(const struct config *config);

#endif
