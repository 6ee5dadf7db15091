#ifndef DUM_BACKUP_PROOF_H
#define DUM_BACKUP_PROOF_H
/*
 * proof - would it all come back? The live database, the chain of the backups,
 * the last few of them, and a drill that restores the newest proven one into a
 * scratch database. For cron, once a night.
 */
#include "backup/backup_dir.h"
#include "backup/verify.h"
#include "store/db.h"

enum { PROOF_CHECKS_MAX = 16, PROOF_TEXT_MAX = 400 };

struct proof_check {
	const char *name; /* "database", "journal" ... a constant */
	bool ok;
	enum dum_status status;    /* when it is not */
	char text[PROOF_TEXT_MAX]; /* what was found, in one line */
};

struct proof {
	size_t count;
	size_t problems;
	struct proof_check checks[PROOF_CHECKS_MAX];
	int64_t started_at;
	int64_t duration_ms;
};

struct proof_options {
	int latest;                      /* so many backups are decoded */
	int64_t max_age_s;               /* of the newest proven one */
	const struct container_key *key; /* NULL: none */
};

/* What is wrong is in the proof. Anything but DUM_OK: it could not be made. */
DUM_MUST_CHECK enum dum_status proof_run(struct proof *out,
                                         const struct config *config,
                                         const struct backup_dir *dir,
                                         const struct origin *who,
                                         const struct proof_options *options,
                                         struct dum_error *err);

/* The proof as a JSON object. */
void proof_json(struct strbuf *out, const struct proof *proof);

/*
 * Add it as a line to verification.log in the folder; an old log that has
 * grown long is kept once, as verification.log.1.
 */
DUM_MUST_CHECK enum dum_status proof_log(const struct proof *proof,
                                         const struct backup_dir *dir,
                                         struct dum_error *err);

#endif
