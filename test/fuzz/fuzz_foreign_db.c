/*
 * A database of the Flask system, as a file. Its rows are read as an import
 * would; what they hold is checked for what the callers rely on.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "store/foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum dum_status see_location(void *arg,
                                    const struct foreign_location *location,
                                    struct dum_error *err)
{
	char at[CLOCK_TEXT_MAX];

	(void)err;
	foreign_time(at, location->created_at);
	*(int64_t *)arg += location->name != NULL;
	return DUM_OK;
}

static enum dum_status see_day(void *arg, const struct foreign_day *day,
                               struct dum_error *err)
{
	(void)err;
	if (day->amount.is_null && day->amount.is_number)
		abort();
	*(int64_t *)arg += day->date != NULL;
	return DUM_OK;
}

static enum dum_status see_summary(void *arg,
                                   const struct foreign_summary *summary,
                                   struct dum_error *err)
{
	(void)err;
	if (summary->amount.is_null && summary->amount.is_number)
		abort();
	*(int64_t *)arg += summary->start != NULL;
	return DUM_OK;
}

/* Each status counts: the compiler wants them looked at. */
static void read_all(struct foreign *foreign)
{
	struct dum_error err = {0};
	int64_t seen = 0, days = 0;

	if (foreign_location_each(foreign, see_location, &seen, &err) ==
	        DUM_OK &&
	    foreign_day_count(&days, foreign, &err) == DUM_OK &&
	    foreign_day_each(foreign, see_day, &seen, &err) == DUM_OK &&
	    foreign_summary_each(foreign, see_summary, &seen, &err) == DUM_OK &&
	    foreign_check_unchanged(foreign, &err) != DUM_OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct foreign *foreign = NULL;
	struct dum_error err = {0};
	char path[64];
	int fd = memfd_create("foreign", MFD_CLOEXEC);

	if (fd < 0 || fs_write_all(fd, data, size) != 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (foreign_open(&foreign, path, &err) == DUM_OK)
		read_all(foreign);
	foreign_free(foreign);
	close(fd);
	return 0;
}
