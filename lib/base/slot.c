#include "base/slot.h"

#include <fcntl.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"

static bool lock_byte(int fd, int type, int at)
{
	struct flock range = {.l_type = (short)type,
	                      .l_whence = SEEK_SET,
	                      .l_start = at,
	                      .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &range) == 0;
}

static bool try_any(int fd, int slots)
{
	for (int i = 0; i < slots; i++)
		if (lock_byte(fd, F_WRLCK, i))
			return true;
	return false;
}

/* The byte of who waits comes after those of the slots. */
static bool wait_for_any(int fd, int slots, int wait_ms)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	int64_t until_ms = clock_monotonic_ms() + wait_ms;
	bool taken;

	if (!lock_byte(fd, F_WRLCK, slots))
		return false;
	while (!(taken = try_any(fd, slots)) && clock_monotonic_ms() < until_ms)
		nanosleep(&pause, NULL);
	lock_byte(fd, F_UNLCK, slots);
	return taken;
}

enum dum_status slot_take(struct slot *out, const char *path,
                          const char *suffix, int slots, int wait_ms,
                          struct dum_error *err)
{
	enum dum_status status;
	int fd = -1;

	status = fs_open_beside(&fd, path, suffix, err);
	if (status != DUM_OK)
		return status;
	if (!try_any(fd, slots) &&
	    (wait_ms == 0 || !wait_for_any(fd, slots, wait_ms))) {
		close(fd);
		return error_set(err, DUM_EBUSY,
		                 "too many of these at this moment; try again");
	}
	out->fd = fd;
	return DUM_OK;
}

void slot_release(struct slot *slot)
{
	if (slot->fd < 0)
		return;
	close(slot->fd); /* and with it the lock */
	slot->fd = -1;
}
