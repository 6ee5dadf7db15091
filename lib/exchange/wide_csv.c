#include "exchange/wide_csv.h"

#include <stdlib.h>
#include <string.h>

#include "exchange/wide_csv_plan.h"

/* The shape is known, and no cell has cost memory yet. */
static enum dum_status check_size(const struct wide_csv *csv,
                                  struct import_report *report,
                                  struct dum_error *err)
{
	int64_t most = csv->take.cells_now;

	report->put_off = most > 0 &&
	                  (int64_t)(csv->nrows * csv->ncolumns) > most;
	if (!report->put_off)
		return DUM_OK;
	return error_set(err, DUM_EBUSY,
	                 "the table has more than %lld cells, too many to be "
	                 "taken at once",
	                 (long long)most);
}

static enum dum_status read_text(struct wide_csv *csv,
                                 struct import_report *report, const void *data,
                                 size_t len, struct dum_error *err)
{
	struct csv_text text;
	enum dum_status status;

	status = csv_text_open(&text, data, len, err);
	if (status != DUM_OK)
		return status;
	report->csv.encoding = text.encoding;
	report->csv.separator = text.separator;
	status = wide_csv_scan(csv, report, &text, err);
	if (status == DUM_OK)
		status = check_size(csv, report, err);
	if (status == DUM_OK)
		status = wide_csv_take(csv, report, &text, err);
	csv_text_release(&text);
	if (status == DUM_OK)
		status = wide_csv_settle(csv, report, err);
	if (status == DUM_OK)
		status = import_check(report, &csv->take, err);
	if (status == DUM_OK)
		status = hash_sha256_hex(csv->hash, data, len, err);
	return status;
}

enum dum_status wide_csv_read(struct wide_csv **out,
                              struct import_report *report, const void *data,
                              size_t len, const struct csv_options *options,
                              const struct import_options *take,
                              struct dum_error *err)
{
	struct dum_error own = {0};
	enum dum_status status;
	struct wide_csv *csv;

	if (err == NULL)
		err = &own;
	csv = calloc(1, sizeof(*csv));
	if (csv == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	csv->options = *options;
	csv->take = *take;
	status = read_text(csv, report, data, len, err);
	if (status == DUM_OK) {
		*out = csv;
		return DUM_OK;
	}
	if (status == DUM_EINVAL)
		import_blame(report, 0, err);
	wide_csv_free(csv);
	return status;
}

void wide_csv_free(struct wide_csv *csv)
{
	if (csv == NULL)
		return;
	for (size_t i = 0; i < csv->ncolumns; i++)
		free(csv->columns[i].name);
	free(csv->columns);
	free(csv->rows);
	free(csv->cells);
	free(csv->order);
	free(csv);
}
