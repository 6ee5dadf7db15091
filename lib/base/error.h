#ifndef DUM_BASE_ERROR_H
#define DUM_BASE_ERROR_H
/*
 * error - what went wrong, for the caller to tell apart and a person to read.
 *
 * A function that can fail returns enum dum_status, takes a struct dum_error
 * as its last argument and writes its results only on DUM_OK. Every caller
 * has to look at the status: DUM_MUST_CHECK makes gcc insist.
 */

enum dum_status {
	DUM_OK = 0,
	DUM_EINVAL,     /* the input is wrong: HTTP 400, exit 2 */
	DUM_ENOTFOUND,  /* no such row or file: HTTP 404, exit 1 */
	DUM_ECONFLICT,  /* against a constraint or state: HTTP 409, exit 1 */
	DUM_EAUTH,      /* not allowed: HTTP 403, exit 1 */
	DUM_EBUSY,      /* locked past the time-out: HTTP 503, exit 75 */
	DUM_EFULL,      /* the disk is full: HTTP 507, exit 1 */
	DUM_EKEY,       /* a key is missing or another: HTTP 500, exit 3 */
	DUM_EDAMAGED,   /* a file is damaged: HTTP 503, exit 4 */
	DUM_ETRUNCATED, /* a file ends too soon: HTTP 503, exit 5 */
	DUM_ESCHEMA, /* not our file, or of another version: HTTP 503, exit 1 */
	DUM_EREADONLY, /* it can only be read: HTTP 503, exit 1 */
	DUM_EUNKNOWN, /* I/O error at commit, outcome unknown: HTTP 500, exit 1 */
	DUM_ENOMEM,   /* out of memory: HTTP 500, exit 1 */
	DUM_ESYS      /* anything else from the system: HTTP 500, exit 1 */
};

#define DUM_MUST_CHECK __attribute__((warn_unused_result))

/* One error. The caller owns it, on its stack; it holds no pointers. */
struct dum_error {
	enum dum_status status;
	int line;       /* line of the input, 1 is the first; 0: not known */
	char field[48]; /* name of the input member that is wrong, or "" */
	char text[320]; /* one sentence, no newline, no secrets */
};

/*
 * Record an error and return its status, so that callers can write
 * `return error_set(err, DUM_EINVAL, ...)`. err may be NULL (text dropped).
 * A text that does not fit is cut; what is no printable UTF-8 becomes '?'. The
 * first error is kept: cleanup code that fails too cannot hide the cause.
 */
enum dum_status error_set(struct dum_error *err, enum dum_status status,
                          const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, and name the input member (such as "usage_gb") at fault. */
enum dum_status error_field(struct dum_error *err, enum dum_status status,
                            const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Note the input line of an error, once; line 1 is the first. err may be NULL.
 */
void error_at(struct dum_error *err, int line);

/* Forget an error that has been dealt with. */
void error_clear(struct dum_error *err);

#endif
