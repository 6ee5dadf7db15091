#ifndef DUM_TOOLS_IMPORT_SUMMARY_H
#define DUM_TOOLS_IMPORT_SUMMARY_H
/* import_summary - what came of an import, for people and for programs. */
#include "exchange/import_report.h"
#include "import_command.h"

/* It was done: on stdout, as the command wants it. */
enum tool_exit import_show(const struct import_command *c,
                           const struct import_report *report);

/* It was refused, for the reasons in the report: on stderr. */
enum tool_exit import_show_refused(const struct import_command *c,
                                   const struct import_report *report);

/* For import_options; arg is a struct tool_progress. */
void import_show_progress(void *arg, long long done, long long all);

#endif
