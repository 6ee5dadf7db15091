#ifndef DUM_STORE_ANONYMISE_H
#define DUM_STORE_ANONYMISE_H
/*
 * anonymise - a copy of the database that can be given away, for a report of a
 * fault or a measurement: with the days and amounts as they are, and without
 * anything that says whose they are.
 *
 * Names of locations become HMACs under a random key that is thrown away, so
 * nobody gets from the copy to the name, nor from one copy to another. What
 * goes: display names, file names and options of imports, the journal,
 * accounts, sessions, keys, attempts, and the database's id. The copy is
 * rebuilt at the end, so that nothing is left in pages that are free.
 *
 * What stays: how much was used on which day. Where somebody knows such
 * amounts from elsewhere, they tell which location it is.
 */
#include <stdint.h>

#include "store/db.h"

struct anonymise_counts {
	int64_t locations;
	int64_t records;
};

/*
 * Make the file path, 0600, whole or not at all. Changes of others go on
 * meanwhile; the copy shows one moment. DUM_ECONFLICT: the file exists.
 */
DUM_MUST_CHECK enum dum_status anonymise(struct anonymise_counts *out,
                                         struct db *db, const char *path,
                                         struct dum_error *err);

#endif
