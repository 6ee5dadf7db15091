#include "exchange/long_table.h"

#include <stdlib.h>

#include "exchange/long_table_plan.h"

struct long_table *long_table_new(const char *kind,
                                  const struct csv_options *options,
                                  const struct import_options *take)
{
	struct long_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->kind = kind;
	table->options = *options;
	table->take = *take;
	table->list.empty = options->empty;
	return table;
}

enum dum_status long_table_name(int *out, struct long_table *table,
                                struct import_report *report, const char *name,
                                size_t len, int line, int column,
                                struct dum_error *err)
{
	enum dum_status status;
	bool new = false;

	status = day_list_name(out, &new, &table->list, name, len, err);
	if (status != DUM_OK || !new)
		return status;
	report->locations++;
	return import_check_name(report, line, column,
	                         table->list.names[*out]->name, err);
}

enum dum_status long_table_settle(struct long_table *table,
                                  struct import_report *report,
                                  const void *data, size_t len,
                                  struct dum_error *err)
{
	enum dum_status status;

	status = import_check(report, &table->take, err);
	if (status == DUM_OK)
		status = day_list_settle(&table->list, report, err);
	if (status == DUM_OK)
		status = import_check(report, &table->take, err);
	if (status == DUM_OK)
		status = hash_sha256_hex(table->hash, data, len, err);
	return status;
}

static void write_options(struct strbuf *out, const struct long_table *table,
                          const struct import_report *report)
{
	struct json_writer w = {.out = out};

	if (report->csv.encoding != NULL) {
		csv_options_write(out, &table->options, &table->take,
		                  &report->csv);
		return;
	}
	jsonw_object_begin(&w);
	jsonw_member_string(&w, "empty", csv_empty_name(table->options.empty));
	import_options_members(&w, &table->take);
	jsonw_object_end(&w);
}

enum dum_status long_table_apply(struct long_table *table,
                                 struct import_report *report, struct db *db,
                                 const struct origin *who,
                                 const char *file_name, struct dum_error *err)
{
	struct strbuf options = STRBUF_INIT;
	struct import_job job = {.kind = table->kind,
	                         .file_name = file_name,
	                         .file_hash = table->hash,
	                         .take = &table->take,
	                         .records = (int64_t)table->list.count,
	                         .fill = day_list_fill,
	                         .arg = &table->list};
	enum dum_status status;

	write_options(&options, table, report);
	job.options = options.buf;
	if (strbuf_ok(&options))
		status = import_run(report, db, who, &job, err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&options);
	return status;
}

void long_table_free(struct long_table *table)
{
	if (table == NULL)
		return;
	day_list_release(&table->list);
	free(table);
}
