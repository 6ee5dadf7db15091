#ifndef DUM_STORE_FOREIGN_OPEN_H
#define DUM_STORE_FOREIGN_OPEN_H
/* foreign_open - the file below a foreign database; for its files alone. */
#include <sqlite3.h>
#include <sys/stat.h>

#include "store/foreign.h"

struct foreign {
	sqlite3 *sqlite;
	char *path;
	bool immutable;   /* nobody has it open; nothing is locked */
	struct stat seen; /* the file as it was opened */
	bool plain_locations, plain_summaries, no_summaries;
};

/* What a result code of SQLite means here. */
enum dum_status foreign_error(struct foreign *f, int rc, struct dum_error *err);

/* Find the file and open it; its schema is not looked at. */
DUM_MUST_CHECK enum dum_status foreign_connect(struct foreign *f,
                                               struct dum_error *err);

#endif
