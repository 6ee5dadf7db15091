#ifndef DUM_BASE_PROGRAM_H
#define DUM_BASE_PROGRAM_H
/*
 * program - run another program by its words, never through a shell, with one
 * pipe: into it, or out of it. The last line that it writes to its standard
 * error is kept, for the text of an error.
 *
 *	program_start(&p, words, PROGRAM_GIVES, err);
 *	while (program_read(&got, p, data, sizeof(data), err) == DUM_OK && got)
 *		...
 *	program_finish(&exit, said, p, err);
 *	program_free(p);
 */
#include <stddef.h>

#include "base/error.h"

enum program_pipe {
	PROGRAM_SILENT, /* none: reads and writes nothing */
	PROGRAM_TAKES,  /* into its standard input */
	PROGRAM_GIVES   /* out of its standard output */
};

enum { PROGRAM_SAID_MAX = 240 };

struct program;

/*
 * words ends with NULL; the first one is looked for in PATH. DUM_ENOTFOUND:
 * there is no such program.
 */
DUM_MUST_CHECK enum dum_status program_start(struct program **out,
                                             const char *const *words,
                                             enum program_pipe pipe,
                                             struct dum_error *err);

/* One that has not been finished is ended. */
void program_free(struct program *program);

/* DUM_ESYS: it reads no more; program_finish() tells why. */
DUM_MUST_CHECK enum dum_status program_write(struct program *program,
                                             const void *data, size_t len,
                                             struct dum_error *err);

/* *got_out is 0 at the end. */
DUM_MUST_CHECK enum dum_status program_read(size_t *got_out,
                                            struct program *program, void *data,
                                            size_t len, struct dum_error *err);

/*
 * Close the pipe and wait for its end: its exit status, -1 when a signal ended
 * it, and what it said last, "" for nothing.
 */
DUM_MUST_CHECK enum dum_status program_finish(
    int *exit_out, char said[static PROGRAM_SAID_MAX], struct program *program,
    struct dum_error *err);

#endif
