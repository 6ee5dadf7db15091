/* Is the live database sound, and is its history the one that was backed up? */
#include <stdio.h>
#include <string.h>

#include "backup/image.h"
#include "backup/proof_parts.h"
#include "base/plural.h"
#include "store/journal.h"
#include "store/journal_prune.h"
#include "store/query.h"

static void check_journal(struct proving *p, struct db *db)
{
	struct journal_verdict verdict = {.entries = 0};
	struct dum_error err = {0};
	enum dum_status status;
	char text[64];

	status = journal_verify(&verdict, db, NULL, NULL, &err);
	if (status == DUM_OK && verdict.broken_id != 0)
		status = error_set(&err, DUM_EDAMAGED,
		                   "entry %lld of the journal is broken: %s",
		                   (long long)verdict.broken_id, verdict.why);
	snprintf(text, sizeof(text), "%lld %s, each fits the one before",
	         (long long)verdict.entries,
	         plural(verdict.entries, "entry", "entries"));
	proof_note(p, "journal", status, &err, text);
}

/* The mac of an entry; false: there is no such entry. */
static enum dum_status entry_mac(unsigned char out[static HASH_BYTES],
                                 bool *found, struct db *db, int64_t id,
                                 struct dum_error *err)
{
	const void *mac;
	struct query q;
	size_t len;

	*found = false;
	query_start(&q, db, SQL_JOURNAL_MAC, err);
	query_bind_int(&q, ":id", id);
	while (query_row(&q)) {
		mac = query_blob(&q, 0, &len);
		*found = len == HASH_BYTES;
		if (*found)
			memcpy(out, mac, HASH_BYTES);
	}
	return query_end(&q);
}

static enum dum_status compare_history(const struct manifest *m, struct db *db,
                                       struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	struct journal_start start;
	enum dum_status status;
	bool found = false;

	status = journal_start(&start, db, err);
	if (status != DUM_OK || m->facts.journal_id <= start.upto_id)
		return status;
	status = entry_mac(mac, &found, db, m->facts.journal_id, err);
	if (status == DUM_OK &&
	    (!found || !hash_equal(mac, m->facts.journal_mac, HASH_BYTES)))
		status = error_set(err, DUM_EDAMAGED,
		                   "entry %lld of the journal, with which %s "
		                   "ends, is %s: the database is another one, "
		                   "or went back to an older state",
		                   (long long)m->facts.journal_id, m->name,
		                   found ? "another" : "missing");
	return status;
}

/* The end that the newest backup saw must still be in the journal. */
static void check_history(struct proving *p, struct db *db)
{
	const struct catalog_entry *end = catalog_chain_end(&p->catalog);
	struct dum_error err = {0};
	enum dum_status status;
	struct manifest m;

	if (end == NULL)
		return;
	status = manifest_read(&m, backup_dir_path(p->dir), end->name, &err);
	if (status == DUM_OK)
		status = compare_history(&m, db, &err);
	proof_note(p, "history", status, &err,
	           "the newest backup is of this history");
}

/* The first row of a statement that looks for contradictions; 0: none. */
static enum dum_status first_id(int64_t *out, struct db *db,
                                enum sql_query which, struct dum_error *err)
{
	struct query q;

	*out = 0;
	query_start(&q, db, which, err);
	while (query_row(&q))
		*out = query_int(&q, 0);
	return query_end(&q);
}

static void check_content(struct proving *p, struct db *db)
{
	static const struct {
		enum sql_query which;
		const char *before, *after; /* of the number that it gives */
	} checks[] = {
	    {SQL_PROOF_RECORDS, "the count of the days of location ",
	     " is not what is there"},
	    {SQL_PROOF_LOCATIONS, "there are not ",
	     " active locations, as the counter says"},
	    {SQL_PROOF_JOURNAL_ROWS, "the day that entry ",
	     " of the journal tells of is another"},
	};
	struct dum_error err = {0};
	enum dum_status status = DUM_OK;
	int64_t id = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (status == DUM_OK)
			status = first_id(&id, db, checks[i].which, &err);
		if (status == DUM_OK && id != 0)
			status = error_set(&err, DUM_EDAMAGED, "%s%lld%s",
			                   checks[i].before, (long long)id,
			                   checks[i].after);
	}
	proof_note(p, "content", status, &err,
	           "counters and journal agree with the rows");
}

void proof_database(struct proving *p)
{
	struct dum_error err = {0};
	enum dum_status status;
	struct db *db = NULL;

	status = db_open(&db, p->config, &err);
	if (status == DUM_OK)
		status = image_check(db->sqlite, db_path(db), &err);
	proof_note(p, "database", status, &err,
	           "integrity and foreign keys are sound");
	if (status == DUM_OK) {
		check_journal(p, db);
		check_history(p, db);
		check_content(p, db);
	}
	db_free(db);
}
