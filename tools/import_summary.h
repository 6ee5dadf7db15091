#ifndef DUM_TOOLS_IMPORT_SUMMARY_H
#define DUM_TOOLS_IMPORT_SUMMARY_H
/* import_summary - what came of an import, for people and for programs. */
#include <stdbool.h>
#include <stdio.h>

#include "exchange/import_report.h"

/* One JSON object on stdout: import_report_json(). */
void import_print_json(const struct import_report *report, bool dry_run);

/* Some lines on stdout; file is what to call the file. */
void import_print_summary(const struct import_report *report, const char *file,
                          bool dry_run);

/* The first ten complaints, one a line, each with `before` before it. */
void import_print_complaints(FILE *to, const char *before,
                             const struct import_report *report);

#endif
