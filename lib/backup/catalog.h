#ifndef DUM_BACKUP_CATALOG_H
#define DUM_BACKUP_CATALOG_H
/*
 * catalog - the backups of a folder: what each is, whether it is proven, and
 * whether the chain of manifests is whole.
 *
 * What retention removed is noted in pruned.json, so that a backup that is
 * missing from the chain can be told from one that was meant to go.
 */
#include <stdbool.h>
#include <stddef.h>

#include "backup/backup_dir.h"
#include "backup/manifest.h"

/* More than this many in one folder are not looked at. */
enum { CATALOG_MAX = 100000 };

enum backup_state {
	BACKUP_PROVEN,   /* verified whole, by reading it back */
	BACKUP_UNPROVEN, /* no manifest, or never verified */
	BACKUP_DAMAGED, /* its last verification failed, or its size is wrong */
	BACKUP_MISSING  /* a manifest, and no file */
};

struct catalog_entry {
	char name[BACKUP_NAME_MAX];
	struct backup_name parsed;
	enum backup_state state;
	int64_t bytes; /* of the file */
	bool has_manifest;
	/* What follows is of the manifest, empty without one. */
	char id[SNAPSHOT_ID_MAX];
	int64_t sequence;
	char previous_id[SNAPSHOT_ID_MAX];
	char previous_hash[HASH_HEX_MAX];
	char hash[HASH_HEX_MAX];
	bool has_config; /* the configuration went along with it */
	int64_t image_bytes;
	char database_id[SNAPSHOT_ID_MAX];
	int64_t timeline;
	int64_t journal_id; /* of the last entry of the journal in it */
	int level;          /* of the last verification; -1: none */
	char verified_at[CLOCK_TEXT_MAX];
	/* What is wrong with it or its place in the chain; "": nothing. */
	char note[MANIFEST_TEXT_MAX];
	enum dum_status problem; /* what kind of error the note is */
};

struct catalog {
	struct catalog_entry *list; /* the oldest first */
	size_t count;
	int64_t
	    last_sequence; /* the highest that was given, also to pruned ones */
	int64_t last_timeline;
};

/* Read a folder; one that is not there has no backups. catalog_release() it. */
DUM_MUST_CHECK enum dum_status catalog_read(struct catalog *out,
                                            const char *dir,
                                            struct dum_error *err);
void catalog_release(struct catalog *catalog);

/* NULL: there is none. */
const struct catalog_entry *catalog_find(const struct catalog *catalog,
                                         const char *name);
const struct catalog_entry *catalog_newest_proven(
    const struct catalog *catalog);
/* The end of the chain: the manifest with the highest number. */
const struct catalog_entry *catalog_chain_end(const struct catalog *catalog);

const char *backup_state_text(enum backup_state state);

/*
 * What a manifest says of a file that has so many bytes (-1: it is not there),
 * wherever the two are.
 */
void catalog_entry_of(struct catalog_entry *out, const char *name,
                      int64_t bytes, const struct manifest *manifest);

/* Bring a list into the order of catalogs. */
void catalog_sort(struct catalog *catalog);

/*
 * Remove a backup and its manifest, and note that it was meant to go.
 * catalog is as it was read; the entry stays in it.
 */
DUM_MUST_CHECK enum dum_status catalog_remove(const struct catalog *catalog,
                                              const struct catalog_entry *entry,
                                              const struct backup_dir *dir,
                                              struct dum_error *err);

#endif
