#ifndef DUM_EXCHANGE_TABLE_REQUEST_H
#define DUM_EXCHANGE_TABLE_REQUEST_H
/*
 * table_request - how a table is to be taken in, as one JSON object: what the
 * API hands to dum-import where that is to do it as a job.
 */
#include "exchange/table.h"

/* Kinds of jobs (store/job.h) that dum-import does. */
#define JOB_KIND_IMPORT "import"
#define JOB_KIND_UNDO   "import_undo"

struct table_request {
	enum table_kind kind;
	struct csv_options csv;
	/* All but .today and .progress, which are of who does it. */
	struct import_options take;
	char file_name[256];
};

/* What it is without any wish: as of dum-import without any option. */
void table_request_init(struct table_request *request);

void table_request_write(struct strbuf *out,
                         const struct table_request *request);

/* DUM_EDAMAGED: it is not of table_request_write(). */
DUM_MUST_CHECK enum dum_status table_request_read(struct table_request *out,
                                                  const char *text,
                                                  struct dum_error *err);

/* The same of an import that is to be taken back. */
void undo_request_write(struct strbuf *out, int64_t import_id);
DUM_MUST_CHECK enum dum_status undo_request_read(int64_t *id_out,
                                                 const char *text,
                                                 struct dum_error *err);

#endif
