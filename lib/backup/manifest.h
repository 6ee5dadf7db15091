#ifndef DUM_BACKUP_MANIFEST_H
#define DUM_BACKUP_MANIFEST_H
/*
 * manifest - what is known of a backup, in a JSON file beside it:
 *
 *	{"format": 1,
 *	 "backup": what was backed up; never changes,
 *	 "stored": {name, bytes, sha256, ...}; changes with the key,
 *	 "verification": {level, ok, at, ...}; of the last time}
 *
 * "backup" names the hash of the "backup" before it, so that one that is
 * missing or another shows. The hash is SHA-256 over the member's JSON without
 * blanks and with sorted names.
 */
#include "backup/backup_name.h"
#include "backup/snapshot.h"
#include "base/clock.h"
#include "base/strbuf.h"

enum { MANIFEST_TEXT_MAX = 320, MANIFEST_BYTES_MAX = 262144 };

struct manifest_verification {
	int level; /* -1: never verified */
	bool ok;
	char at[CLOCK_TEXT_MAX];
	int64_t duration_ms;
	char image_sha256[HASH_HEX_MAX]; /* "": not decoded yet */
	char problem[MANIFEST_TEXT_MAX]; /* "" when ok */
};

/* Of the file with the configuration, where there is one. */
struct manifest_config {
	int64_t files; /* 0: there is none */
	int64_t bytes;
	char sha256[HASH_HEX_MAX];
	/* As it is stored. */
	int64_t stored_bytes;
	char stored_sha256[HASH_HEX_MAX];
};

struct manifest {
	/* "backup" */
	char id[SNAPSHOT_ID_MAX];
	int64_t sequence;                  /* 1 is the first */
	char previous_id[SNAPSHOT_ID_MAX]; /* "": the first */
	char previous_hash[HASH_HEX_MAX];
	char label[BACKUP_LABEL_MAX];
	char program[48], engine[32];
	char started_at[CLOCK_TEXT_MAX], finished_at[CLOCK_TEXT_MAX];
	int64_t duration_ms;
	struct snapshot_facts facts;
	/* "stored" */
	char name[BACKUP_NAME_MAX];
	bool packed, encrypted;
	int64_t stored_bytes;
	char stored_sha256[HASH_HEX_MAX];

	struct manifest_config config; /* a part of it in either */
	struct manifest_verification verification;
	/* of "backup"; set by manifest_format() and manifest_parse() */
	char hash[HASH_HEX_MAX];
};

/* Whole and verified by reading back. */
bool manifest_is_proven(const struct manifest *manifest);

/* Append the JSON text and set the hash. */
DUM_MUST_CHECK enum dum_status manifest_format(struct strbuf *out,
                                               struct manifest *manifest,
                                               struct dum_error *err);

/* DUM_EDAMAGED: it is no manifest. DUM_ESCHEMA: of a newer program. */
DUM_MUST_CHECK enum dum_status manifest_parse(struct manifest *out,
                                              const char *text, size_t len,
                                              struct dum_error *err);

/* Write it beside the backup, in its folder; atomic. */
DUM_MUST_CHECK enum dum_status manifest_write(struct manifest *manifest,
                                              const char *dir,
                                              struct dum_error *err);

/* DUM_ENOTFOUND: the backup has none. */
DUM_MUST_CHECK enum dum_status manifest_read(struct manifest *out,
                                             const char *dir, const char *name,
                                             struct dum_error *err);

#endif
