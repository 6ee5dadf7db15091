#include "access/hash_slot.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"

static bool try_any(int fd)
{
	for (int i = 0; i < HASH_SLOTS; i++) {
		struct flock range = {.l_type = F_WRLCK,
		                      .l_whence = SEEK_SET,
		                      .l_start = i,
		                      .l_len = 1};

		if (fcntl(fd, F_OFD_SETLK, &range) == 0)
			return true;
	}
	return false;
}

enum dum_status hash_slot_take(struct hash_slot *out, const char *database_path,
                               struct dum_error *err)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	int64_t until_ms = clock_monotonic_ms() + HASH_SLOT_WAIT_MS;
	enum dum_status status;
	int fd = -1;

	status = fs_open_beside(&fd, database_path, "-login", err);
	if (status != DUM_OK)
		return status;
	while (!try_any(fd)) {
		if (clock_monotonic_ms() >= until_ms) {
			close(fd);
			return error_set(err, DUM_EBUSY,
			                 "too many log-ins at this moment; try "
			                 "again");
		}
		nanosleep(&pause, NULL);
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
