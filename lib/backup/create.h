#ifndef DUM_BACKUP_CREATE_H
#define DUM_BACKUP_CREATE_H
/*
 * create - make a backup, whole or not at all: written under a partial name,
 * flushed, read back, renamed, and only then given a manifest. Whoever finds a
 * backup by its name finds all of it.
 */
#include "backup/backup_dir.h"
#include "backup/manifest.h"

struct backup_options {
	const char *label;               /* NULL or "": none */
	const struct container_key *key; /* NULL: not encrypted */
	bool packed;
	int level; /* of verification, 0 to VERIFY_LEVEL_MAX */
	struct snapshot_pace pace;
	/* The configuration, as a tar of so many files; NULL: it stays here. */
	const struct strbuf *config_tar;
	int config_files;
};

/*
 * Back up the database of a configuration into the folder. DUM_EFULL: not
 * enough room; DUM_EDAMAGED: what was read back is not what was written, and
 * nothing is left of it. A bad label is DUM_EINVAL.
 */
DUM_MUST_CHECK enum dum_status backup_create(
    struct manifest *out, const struct config *config,
    const struct backup_dir *dir, const struct backup_options *options,
    struct dum_error *err);

#endif
