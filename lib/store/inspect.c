#include "store/inspect.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/query.h"

/* The one text that a pragma gives first. */
static enum dum_status pragma_text(struct strbuf *out, struct db *db,
                                   const char *sql, struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	sqlite3_stmt *statement = NULL;
	int rc;

	rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		strbuf_adds(out,
		            (const char *)sqlite3_column_text(statement, 0));
	else
		status = db_error(db, rc, sql, err);
	sqlite3_finalize(statement);
	if (status == DUM_OK && !strbuf_ok(out))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	return status;
}

static enum dum_status newest_entry(struct db_facts *facts, struct db *db,
                                    struct dum_error *err)
{
	struct query q;

	query_start(&q, db, SQL_INSPECT_NEWEST_ENTRY, err);
	while (query_row(&q))
		snprintf(facts->newest_entry_at, sizeof(facts->newest_entry_at),
		         "%s", query_text(&q, 0));
	return query_end(&q);
}

/* 0 for one that is not there: without changes there is none. */
static int64_t log_bytes(const struct db *db)
{
	struct strbuf name = STRBUF_INIT;
	struct stat st = {.st_size = 0};

	strbuf_addf(&name, "%s-wal", db_path(db));
	if (!strbuf_ok(&name) || stat(name.buf, &st) != 0)
		st.st_size = 0;
	strbuf_release(&name);
	return st.st_size;
}

enum dum_status db_inspect(struct db_facts *out, struct db *db,
                           struct dum_error *err)
{
	struct strbuf mode = STRBUF_INIT;
	struct db_facts facts = {.schema_version = 0};
	int64_t page = 0, pages = 0, unused = 0;
	const struct {
		const char *sql;
		int64_t *to;
	} numbers[] = {
	    {"PRAGMA user_version", &facts.schema_version},
	    {"PRAGMA synchronous", &facts.synchronous},
	    {"PRAGMA wal_autocheckpoint", &facts.autocheckpoint},
	    {"PRAGMA page_size", &page},
	    {"PRAGMA page_count", &pages},
	    {"PRAGMA freelist_count", &unused},
	};
	enum dum_status status;

	status = pragma_text(&mode, db, "PRAGMA journal_mode", err);
	for (size_t i = 0;
	     status == DUM_OK && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		status = db_number(numbers[i].to, db, numbers[i].sql, err);
	if (status == DUM_OK)
		status = newest_entry(&facts, db, err);
	if (status == DUM_OK) {
		snprintf(facts.journal_mode, sizeof(facts.journal_mode), "%s",
		         mode.buf);
		facts.bytes = page * pages;
		facts.log_bytes = log_bytes(db);
		facts.free_bytes = page * unused;
		*out = facts;
	}
	strbuf_release(&mode);
	return status;
}

enum dum_status db_quick_check(struct strbuf *out, struct db *db,
                               struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	status = pragma_text(&text, db, "PRAGMA quick_check(1)", err);
	if (status == DUM_OK && strcmp(text.buf, "ok") != 0)
		strbuf_adds(out, text.buf);
	strbuf_release(&text);
	return status;
}
