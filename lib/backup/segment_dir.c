#include "backup/segment_dir.h"

#include <time.h>

#include "backup/segment_name.h"
#include "base/clock.h"
#include "base/fsutil.h"

enum { WAIT_MS = 20000, PAUSE_NS = 50 * 1000 * 1000 };

enum dum_status segment_dir_take(struct backup_dir **out,
                                 const char *backup_dir, const char *who,
                                 bool make, struct dum_error *err)
{
	int64_t until_ms = clock_monotonic_ms() + WAIT_MS;
	struct strbuf folder = STRBUF_INIT;
	struct backup_dir *dir = NULL;
	struct dum_error inner;
	enum dum_status status;

	status = segment_folder(&folder, backup_dir, err);
	if (status == DUM_OK && (make || fs_exists(folder.buf))) {
		do {
			inner = (struct dum_error){.status = DUM_OK};
			status = backup_dir_open(&dir, folder.buf, who, &inner);
			if (status != DUM_EBUSY)
				break;
			nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS},
			          NULL);
		} while (clock_monotonic_ms() < until_ms);
		if (status != DUM_OK)
			error_set(err, status, "%s", inner.text);
	}
	strbuf_release(&folder);
	if (status == DUM_OK)
		*out = dir;
	return status;
}
