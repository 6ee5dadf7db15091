#ifndef DUM_EXCHANGE_FOREIGN_DB_H
#define DUM_EXCHANGE_FOREIGN_DB_H
/*
 * foreign_db - take over a database of the Flask system that came before this
 * one: its locations, days and monthly summaries.
 *
 * Locations are matched by name; one that is here already keeps its display
 * name and whether it is active, the others are made as they were, with the
 * time they were made at. A day or a summary that is known gets the value of
 * the database. Its gigabytes are binary fractions: the nearest byte is taken,
 * which is exact for up to 9 decimals. A day whose use is NULL stays unknown.
 * Days are new records here, made now; summaries keep their times.
 */
#include "exchange/import_report.h"

/*
 * Take over the file in one transaction; the report starts as {0}. DUM_EINVAL:
 * refused, with complaints in the report; also the statuses of
 * store/foreign.h and store/db.h. Memory: the names of the locations.
 */
DUM_MUST_CHECK enum dum_status foreign_db_import(
    struct import_report *report, struct db *db, const struct origin *who,
    const char *path, const char *file_name, const struct import_options *take,
    struct dum_error *err);

#endif
