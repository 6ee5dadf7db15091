#ifndef DUM_TOOLS_IMPORT_COMMAND_H
#define DUM_TOOLS_IMPORT_COMMAND_H
/* import_command - what the command line of dum-import asks for. */
#include <stdbool.h>
#include <stdint.h>

#include "exchange/csv_options.h"
#include "exchange/table.h"
#include "exchange/vnstat.h"
#include "tool.h"

#define IMPORT_PROGRAM "dum-import"

enum import_mode {
	IMPORT_TABLE, /* a text of separated values, or JSON of dum-export */
	IMPORT_VNSTAT,
	IMPORT_DATABASE,
	IMPORT_LIST,
	IMPORT_UNDO,
	IMPORT_JOB /* for dum-api; see ops/job_start.h */
};

struct import_command {
	enum import_mode mode;
	const char *config_path;
	const char *path; /* NULL: the standard input */
	const char *name; /* of the file, for people */
	bool json;
	bool help, version;
	enum table_kind kind; /* IMPORT_TABLE */
	int64_t undo_id;      /* of an import */
	int64_t job_id;
	struct csv_options csv;
	struct vnstat_options vnstat;
	struct import_options take;
};

/* TOOL_DONE, or what was wrong has been told. */
enum tool_exit import_command_read(struct import_command *out, int argc,
                                   char **argv);

extern const char import_help[];

/* What runs a mode; the settings are read. */
enum tool_exit import_run_file(struct import_command *command,
                               struct config *config);
enum tool_exit import_run_list(const struct import_command *command,
                               struct config *config);
enum tool_exit import_run_undo(const struct import_command *command,
                               struct config *config);
enum tool_exit import_run_job(const struct import_command *command,
                              struct config *config);

/* All of the standard input, at most limit bytes. */
DUM_MUST_CHECK enum dum_status import_read_stdin(struct strbuf *out,
                                                 size_t limit,
                                                 struct dum_error *err);

#endif
