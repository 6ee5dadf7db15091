#ifndef DUM_EXCHANGE_VNSTAT_H
#define DUM_EXCHANGE_VNSTAT_H
/*
 * vnstat - take in the days that `vnstat --json d` prints: a location for
 * each interface, named as it is, or one location for a single interface.
 *
 *	vnstat_read(&vnstat, &report, data, len, &options, &take, err);
 *	vnstat_apply(vnstat, &report, db, &who, "vnstat.json", err);
 *	vnstat_free(vnstat);
 *
 * Of an interface its name and traffic.day are needed, of a day date, rx and
 * tx, in bytes; all else may be there or not. A day's use is rx + tx. A day
 * that is known gets the new amount, since the last one of a dump is still
 * growing.
 */
#include "exchange/import_report.h"

enum {
	VNSTAT_BYTES_MAX = 16 * 1024 * 1024, /* of a dump */
	VNSTAT_INTERFACES_MAX = 1000
};

struct vnstat_options {
	const char *interface; /* take this one only; NULL: all */
	const char *location;  /* its name here; NULL: that of the interface */
};

struct vnstat; /* a dump that was read and found good */

/*
 * Read a dump from memory into a report that starts as {0}; neither data nor
 * the options are needed afterwards. *out ends with vnstat_free().
 * DUM_EINVAL: refused, with complaints in the report, by line and column where
 * it is no JSON. DUM_ENOMEM.
 */
DUM_MUST_CHECK enum dum_status vnstat_read(struct vnstat **out,
                                           struct import_report *report,
                                           const void *data, size_t len,
                                           const struct vnstat_options *options,
                                           const struct import_options *take,
                                           struct dum_error *err);

/* Store it, as wide_csv_apply() does. */
DUM_MUST_CHECK enum dum_status vnstat_apply(
    struct vnstat *vnstat, struct import_report *report, struct db *db,
    const struct origin *who, const char *file_name, struct dum_error *err);
void vnstat_free(struct vnstat *vnstat);

#endif
