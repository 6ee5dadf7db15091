#include "base/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { NAME_BYTES = 128 };

struct lock_file {
	int fd;
};

/*
 * A holder that was killed leaves its name, and the next one has not left its
 * own yet: a name is only good while its process is there.
 */
static bool is_alive(const char *name)
{
	const char *at = strrchr(name, '(');
	long pid = 0;

	return at != NULL && sscanf(at, "(process %ld)", &pid) == 1 &&
	       pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static enum dum_status tell_holder(int fd, struct dum_error *err)
{
	char name[NAME_BYTES + 1] = "";
	ssize_t n = pread(fd, name, NAME_BYTES, 0);

	name[n > 0 ? n : 0] = '\0';
	if (!is_alive(name))
		name[0] = '\0';
	return error_set(err, DUM_EBUSY,
	                 "%s is at work; try again when it is done",
	                 name[0] != '\0' ? name : "another program");
}

static void leave_name(int fd, const char *who)
{
	char name[NAME_BYTES] = "";

	snprintf(name, sizeof(name), "%.80s (process %ld)", who,
	         (long)getpid());
	/* Only a message hangs on it. */
	(void)!pwrite(fd, name, sizeof(name), 0);
}

enum dum_status lock_file_take(struct lock_file **out, const char *path,
                               const char *who, struct dum_error *err)
{
	struct lock_file *lock = NULL;
	enum dum_status status;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		status = errno == EWOULDBLOCK
		             ? tell_holder(fd, err)
		             : error_set(err, DUM_ESYS, "%s: %s", path,
		                         strerror(errno));
		close(fd);
		return status;
	}
	lock = calloc(1, sizeof(*lock));
	if (lock == NULL) {
		close(fd);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	leave_name(fd, who);
	lock->fd = fd;
	*out = lock;
	return DUM_OK;
}

void lock_file_release(struct lock_file *lock)
{
	static const char none[NAME_BYTES];

	if (lock == NULL)
		return;
	(void)!pwrite(lock->fd, none, sizeof(none), 0);
	close(lock->fd);
	free(lock);
}
