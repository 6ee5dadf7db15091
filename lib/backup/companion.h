#ifndef DUM_BACKUP_COMPANION_H
#define DUM_BACKUP_COMPANION_H
/*
 * companion - the configuration that goes along with a backup: a file beside
 * it, its name plus ".conf". It is a tar, in a container where the backup is
 * encrypted, with the same key. Its hash stands in the manifest.
 *
 * It is a file of its own so that the backup stays what it is: a database that
 * gunzip unpacks.
 */
#include "backup/backup_dir.h"
#include "backup/manifest.h"

#define COMPANION_END ".conf"

enum {
	COMPANION_NAME_MAX = BACKUP_NAME_MAX + sizeof(COMPANION_END),
	COMPANION_BYTES_MAX = 17 * 1024 * 1024
};

void companion_name(char out[static COMPANION_NAME_MAX], const char *backup);

/*
 * Write it, read it back and give it its name, which takes m->name, and note it
 * in m->config; key NULL: not encrypted. DUM_EDAMAGED: what was read back is
 * not what was written; DUM_EFULL. Then there is none.
 */
DUM_MUST_CHECK enum dum_status companion_write(
    struct manifest *m, const struct backup_dir *dir, const struct strbuf *tar,
    int files, const struct container_key *key, const struct container_ids *ids,
    struct dum_error *err);

/*
 * Append the tar of the backup's companion; it can hold keys: wipe it. m says
 * what it has to be; one without an id has no manifest, and nothing is held
 * against it. DUM_ENOTFOUND, DUM_EKEY, DUM_EDAMAGED, DUM_ETRUNCATED.
 */
DUM_MUST_CHECK enum dum_status companion_read(struct strbuf *tar,
                                              const struct manifest *m,
                                              const char *folder,
                                              const struct container_key *key,
                                              struct dum_error *err);

/*
 * Is it what the manifest says? Level 0: by its size and hash; above, decoded.
 * A backup without one is fine.
 */
DUM_MUST_CHECK enum dum_status companion_verify(const struct manifest *m,
                                                const char *folder, int level,
                                                const struct container_key *key,
                                                struct dum_error *err);

/*
 * Give it another key, in place; m->config notes what became of it. One that
 * the new key opens already is of a run that was cut short.
 */
DUM_MUST_CHECK enum dum_status companion_rekey(struct manifest *m,
                                               const struct backup_dir *dir,
                                               const struct container_key *from,
                                               const struct container_key *to,
                                               struct dum_error *err);

#endif
