#ifndef DUM_EXCHANGE_IMPORT_PLACE_H
#define DUM_EXCHANGE_IMPORT_PLACE_H
/*
 * import_place - an amount, where it stands in what is taken in, and the
 * rules that it has to pass whatever kind of file that is.
 */
#include "exchange/import_report.h"

struct import_place {
	const char *text; /* as it is written; not terminated */
	size_t len;
	int line, column;
	int day;          /* since 1970-01-01 */
	const char *name; /* of the location */
};

/* Days later than tomorrow are a complaint; false then. */
bool import_check_day(struct import_report *report,
                      const struct import_options *options, int day, int line,
                      int column);

/* It is left out, for that reason: counted as rejected, and a complaint. */
void import_reject(struct import_report *report, const struct import_place *at,
                   const char *why);

/* The same for an amount above the limit; unit is the one it was read in. */
void import_reject_large(struct import_report *report,
                         const struct import_options *options,
                         const struct import_place *at, enum byte_unit unit);

/* It is no number: passed over and counted, no complaint. */
void import_skip(struct import_report *report, const struct import_place *at);

/*
 * The text as an amount; -1 when it is none that can be taken, which then has
 * been counted. future: its day has been complained about already.
 */
int64_t import_amount(struct import_report *report,
                      const struct import_options *options,
                      const struct import_place *at, enum byte_unit unit,
                      bool future);

#endif
