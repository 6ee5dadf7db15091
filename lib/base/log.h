#ifndef DUM_BASE_LOG_H
#define DUM_BASE_LOG_H
/*
 * log - lines for the person who looks after the service.
 *
 * One call is one line: time, level, program[pid], text. What input may have
 * put into a text can not start a second line or steer a terminal: all but
 * printable UTF-8 is written as \xNN, and a text is cut at 1023 bytes. A line
 * goes out in one write(2) to a file opened for appending, so lines of several
 * workers never mix. Where that is the journal of systemd, the level goes
 * before the line as its priority (<4>), so that "journalctl -p warning" finds
 * it.
 *
 * For programs; lib/ returns errors instead.
 */
#include "base/error.h"

enum log_level { LOG_AT_DEBUG, LOG_AT_INFO, LOG_AT_WARNING, LOG_AT_ERROR };

/* "DEBUG", "INFO", "WARNING" or "ERROR"; -1: no such level. */
int log_level_find(const char *name);

/*
 * Log to the file (made with 0640 when it is not there), or to stderr where
 * path is "" - also until log_open is called. program is kept by reference.
 */
DUM_MUST_CHECK enum dum_status log_open(const char *path, enum log_level least,
                                        const char *program,
                                        struct dum_error *err);

void log_line(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
