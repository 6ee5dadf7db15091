#ifndef DUM_CALC_CSV_GUARD_H
#define DUM_CALC_CSV_GUARD_H
/*
 * csv_guard - names in tables that a spreadsheet may open: it runs a cell that
 * starts with = + - or @ as a formula, so such a name gets an apostrophe,
 * which makes it text there. Reading takes it away again, whatever the name:
 *
 *  - A name that consists of any number of ' and then one of = + - @, of
 *    their full-width forms, or of a blank that does not break (U+00A0,
 *    U+202F), and then anything, is written with one ' more in front.
 *  - A name that ends in such a blank and any number of ' is written with one
 *    ' more behind it: blanks at the ends of cells are cut off in reading.
 *  - A cell that looks so, and has a ' at that end, loses it in reading.
 *
 *	=1+2	 '=1+2		'=x	''=x		'tis	'tis
 *
 * The same test decides on both ways, so each name comes back as it was.
 *
 * Pure functions: no I/O, no globals.
 */
#include "base/strbuf.h"
#include "calc/csv_rows.h"

/* Append a name as a cell: guarded, and quoted where CSV needs that. */
void csv_guard_add(struct strbuf *out, const char *name);

/* The name in a cell: a part of it. */
struct csv_cell csv_guard_remove(struct csv_cell cell);

#endif
