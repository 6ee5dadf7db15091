#ifndef DUM_BACKUP_PROOF_PARTS_H
#define DUM_BACKUP_PROOF_PARTS_H
/* proof_parts - what the files of proof share; see backup/proof.h. */
#include "backup/catalog.h"
#include "backup/proof.h"

struct proving {
	struct proof *out;
	const struct config *config;
	const struct backup_dir *dir;
	const struct origin *who;
	const struct proof_options *options;
	struct catalog catalog;
};

/* Note the outcome of a check: text when it is ok, else what err says. */
void proof_note(struct proving *p, const char *name, enum dum_status status,
                const struct dum_error *err, const char *text);

/* The checks of the live database, and those of the folder. */
void proof_database(struct proving *p);
void proof_backups(struct proving *p);

#endif
