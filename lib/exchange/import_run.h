#ifndef DUM_EXCHANGE_IMPORT_RUN_H
#define DUM_EXCHANGE_IMPORT_RUN_H
/*
 * import_run - one import as one change of the database: the same for every
 * kind of file. What was read goes in by import_run_location() and
 * import_run_put(), called from the job's fill().
 */
#include "exchange/import_report.h"
#include "store/usage_batch.h"

struct import_run;

/* Store what was read. Another status than DUM_OK undoes all of it. */
typedef enum dum_status (*import_fill_fn)(void *arg, struct import_run *run,
                                          struct dum_error *err);

struct import_job {
	const char *kind;      /* "wide_csv" ... */
	const char *file_name; /* for the list of imports */
	const char *file_hash; /* SHA-256, hexadecimal */
	const char *options;   /* how it was understood: a JSON object */
	const struct import_options *take;
	int64_t records; /* about how many; many make it a long change */
	import_fill_fn fill;
	void *arg;
};

/*
 * Run it in a transaction of its own, or in the caller's (take->in_change). A
 * dry run does everything and rolls it back. The report's counts of records,
 * its import_id and its changes are set here; the rest is the reader's.
 * DUM_EINVAL from fill(); also what store/db.h says.
 */
DUM_MUST_CHECK enum dum_status import_run(struct import_report *report,
                                          struct db *db,
                                          const struct origin *who,
                                          const struct import_job *job,
                                          struct dum_error *err);

/*
 * The location of a name; made where there is none, with display_name, or, if
 * that is NULL, with one made from the name.
 */
DUM_MUST_CHECK enum dum_status import_run_location(int64_t *id_out,
                                                   struct import_run *run,
                                                   const char *name,
                                                   const char *display_name,
                                                   struct dum_error *err);

/* The same, with what location_add_as() needs for one that is made. */
DUM_MUST_CHECK enum dum_status import_run_location_as(
    int64_t *id_out, struct import_run *run, const char *name,
    const char *display_name, bool is_active, const char *created_at,
    struct dum_error *err);

/* Store a day. In ascending order of date, then location id, it is fast. */
DUM_MUST_CHECK enum dum_status import_run_put(
    struct import_run *run, struct date date, int64_t location_id,
    int64_t bytes, enum usage_put_mode mode, struct dum_error *err);

struct db *import_run_db(struct import_run *run);

#endif
