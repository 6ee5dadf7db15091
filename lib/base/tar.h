#ifndef DUM_BASE_TAR_H
#define DUM_BASE_TAR_H
/*
 * tar - a few small files in one (POSIX.1-1988 ustar), in memory: what tar(1)
 * makes and takes apart, of regular files alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

enum { TAR_NAME_MAX = 256 };

struct tar_file {
	char name[TAR_NAME_MAX]; /* "etc/hosts": no slash before it */
	mode_t mode;             /* 0..0777 */
	int64_t at;              /* when it was changed last */
	const char *data;        /* borrowed */
	size_t len;
};

/* Append a file. DUM_EINVAL: its name does not fit, or is none for a tar. */
DUM_MUST_CHECK enum dum_status tar_add(struct strbuf *out,
                                       const struct tar_file *file,
                                       struct dum_error *err);
/* Append the end. */
void tar_end(struct strbuf *out);

struct tar_reader {
	const char *data;
	size_t len, at;
};

/*
 * The next file, which points into what is read; *any_out is false behind the
 * last one. DUM_EDAMAGED: this is no tar, or one that holds something else than
 * files with names below where it is unpacked. DUM_ETRUNCATED.
 */
DUM_MUST_CHECK enum dum_status tar_next(struct tar_file *out, bool *any_out,
                                        struct tar_reader *reader,
                                        struct dum_error *err);

#endif
