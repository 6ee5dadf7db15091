#include "access/hash_slot.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"

/* The byte of who waits comes after those of the slots. */
enum { WAITER = HASH_SLOTS };

static bool lock_byte(int fd, int type, int at)
{
	struct flock range = {.l_type = (short)type,
	                      .l_whence = SEEK_SET,
	                      .l_start = at,
	                      .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &range) == 0;
}

static bool try_any(int fd)
{
	for (int i = 0; i < HASH_SLOTS; i++)
		if (lock_byte(fd, F_WRLCK, i))
			return true;
	return false;
}

static bool wait_for_any(int fd)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	int64_t until_ms = clock_monotonic_ms() + HASH_SLOT_WAIT_MS;
	bool taken;

	if (!lock_byte(fd, F_WRLCK, WAITER))
		return false;
	while (!(taken = try_any(fd)) && clock_monotonic_ms() < until_ms)
		nanosleep(&pause, NULL);
	lock_byte(fd, F_UNLCK, WAITER);
	return taken;
}

enum dum_status hash_slot_take(struct hash_slot *out, const char *database_path,
                               struct dum_error *err)
{
	enum dum_status status;
	int fd = -1;

	status = fs_open_beside(&fd, database_path, "-login", err);
	if (status != DUM_OK)
		return status;
	if (!try_any(fd) && !wait_for_any(fd)) {
		close(fd);
		return error_set(err, DUM_EBUSY,
		                 "too many log-ins at this moment; try again");
	}
	out->fd = fd;
	return DUM_OK;
}

void hash_slot_release(struct hash_slot *slot)
{
	if (slot->fd < 0)
		return;
	close(slot->fd); /* and with it the lock */
	slot->fd = -1;
}
