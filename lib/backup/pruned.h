#ifndef DUM_BACKUP_PRUNED_H
#define DUM_BACKUP_PRUNED_H
/*
 * pruned - the backups that were removed on purpose, for as long as one that
 * follows them in the chain is there (pruned.json in the folder).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backup/snapshot.h"
#include "base/strbuf.h"

struct pruned_entry {
	char id[SNAPSHOT_ID_MAX];
	char hash[HASH_HEX_MAX];
	int64_t sequence;
};

struct pruned {
	struct pruned_entry *list;
	size_t count;
};

/* None is an empty list. Owns memory: pruned_release(). */
DUM_MUST_CHECK enum dum_status pruned_read(struct pruned *out, const char *dir,
                                           struct dum_error *err);
void pruned_release(struct pruned *pruned);

bool pruned_has(const struct pruned *pruned, const char *id, const char *hash);

/* Append the text of the file. */
void pruned_format(struct strbuf *out, const struct pruned *pruned);

/* Add one, forget those numbered below keep_from, and write the file. */
DUM_MUST_CHECK enum dum_status pruned_add(const char *dir,
                                          const struct pruned_entry *entry,
                                          int64_t keep_from,
                                          struct dum_error *err);

#endif
