#ifndef DUM_EXCHANGE_IMPORT_REPORT_H
#define DUM_EXCHANGE_IMPORT_REPORT_H
/*
 * import_report - what came of taking something in, whatever it was: counts,
 * and what was wrong with it, by line and column.
 *
 * Starts as {0}; end with import_report_release().
 */
#include "base/json_writer.h"
#include "calc/csv_number.h"
#include "calc/date.h"
#include "calc/day_format.h"
#include "store/import.h"
#include "store/location.h"

enum {
	IMPORT_COMPLAINTS_MAX = 100, /* that are kept */
	IMPORT_CHANGES_MAX = 1000    /* that a dry run lists */
};

/* The rules for all that is taken in, from a file of any kind. */
struct import_options {
	int64_t max_bytes;  /* of a day, 0..USAGE_BYTES_MAX */
	bool allow_future;  /* also days later than tomorrow */
	bool skip_rejected; /* leave out what would stop it */
	bool dry_run;       /* do all of it, then undo it */
	/* The caller's db_begin() runs: its end, and the roll-back of a dry
	 * run, are the caller's too. */
	bool in_change;
	/* Cells of a table to be read now: one with more is put off, before it
	 * costs memory. 0: as many as a table may have. */
	int64_t cells_now;
	struct date today;
	/* Called now and then while records are written; may be NULL. */
	void (*progress)(void *arg, long long done, long long all);
	void *progress_arg;
};

struct import_complaint {
	int line;        /* 0: not one line */
	int column;      /* 0: not one cell */
	char option[16]; /* that takes it or tells ("date_format"); or "" */
	char text[320];  /* one line of UTF-8 */
};

/*
 * What is said after a complaint that an option would have prevented, in the
 * words of whoever reads it: ": say --year YEAR". "": nothing.
 */
typedef const char *(*import_hint_fn)(const char *option);

/* How a text of separated values was understood. */
struct csv_reading {
	const char *encoding; /* NULL: it was no such text */
	char separator;
	enum day_format date_format;
	bool descending; /* newest first, where the years were found */
	enum csv_decimal decimal;
};

/* What else came out of a foreign database, beside locations and days. */
struct import_takeover {
	bool any;                 /* it was one */
	int64_t locations_merged; /* were there by that name */
	int64_t locations_refused;
	int64_t summaries; /* rows */
	int64_t summaries_new, summaries_changed, summaries_same;
	int64_t summaries_refused;
};

/* Filled in as far as it went, also when it was refused. */
struct import_report {
	import_hint_fn hint; /* set before; NULL: the option alone is told */
	/*
	 * Records: each that the file speaks of is new, changed or same; one
	 * that it may not replace is same.
	 */
	struct import_counts counts;
	bool put_off;       /* it has more than options.cells_now */
	int64_t import_id;  /* 0: nothing was stored */
	int64_t complaints; /* all; the first of them are kept */
	struct import_complaint complaint[IMPORT_COMPLAINTS_MAX];
	struct import_complaint first_skipped; /* line 0: none */
	int locations;                         /* that the file names */
	int locations_inactive; /* of these, there and counted no longer */
	char first_inactive[LOCATION_NAME_MAX];
	struct date first, last; /* year 0: no dates yet */
	struct csv_reading csv;
	struct import_takeover takeover;
	struct strbuf changes; /* of a dry run: JSON objects with commas */
	int changes_listed;
};

void import_report_release(struct import_report *report);

/*
 * Enter a complaint: the report keeps the first ones and counts all. Texts of
 * the file in it are made fit to be shown by the caller: csv_quote().
 */
void import_complain(struct import_report *report, int line, int column,
                     const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same, of what that option is for. */
void import_complain_option(struct import_report *report, int line, int column,
                            const char *option, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for what stops it, whatever the options: DUM_EINVAL. */
enum dum_status import_refuse(struct import_report *report, int line,
                              int column, struct dum_error *err,
                              const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Make the error a complaint, unless there is one; its field is the option that
 * it is about. err is not NULL. */
void import_blame(struct import_report *report, int column,
                  const struct dum_error *err);

/* DUM_EINVAL, for the first complaint, unless complaints are left out. */
DUM_MUST_CHECK enum dum_status import_check(
    const struct import_report *report, const struct import_options *options,
    struct dum_error *err);

/* Can it be the name of a location? As import_refuse() if it can not. */
DUM_MUST_CHECK enum dum_status import_check_name(struct import_report *report,
                                                 int line, int column,
                                                 const char *name,
                                                 struct dum_error *err);

/* The members of a JSON object that say by which rules it was taken. */
void import_options_members(struct json_writer *w,
                            const struct import_options *options);

/*
 * Write it as one object, for programs: `dum-import --json` and the API. A
 * dry run lists the first IMPORT_CHANGES_MAX cells that it would change.
 */
void import_report_json(struct json_writer *w,
                        const struct import_report *report, bool dry_run);

#endif
