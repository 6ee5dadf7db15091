#include "store/writer_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsutil.h"

/* The locked bytes, and where the holder for long leaves its name. */
enum {
	TURNSTILE = 0,
	WRITER = 1,
	LONG_CHANGE = 2,
	NAME_OFFSET = 16,
	NAME_BYTES = 64,
};

enum { WRITER_LOOK_US = 300, TURNSTILE_LOOK_US = 1000, MANY_LOOKS = 8 };

/*
 * So often, and for so long, may one go again before it has to go through the
 * turnstile: on a slow disk 16 changes would be a third of a second.
 */
enum { AGAIN_MOST = 16, AGAIN_MS = 50 };

struct writer_lock {
	int fd; /* -1: the file system is read-only */
	bool held;
	bool for_long;
	int again; /* so often past the turnstile, one after the other */
	int64_t again_until_ms; /* and not after this */
};

enum dum_status writer_lock_open(struct writer_lock **out,
                                 const char *database_path,
                                 struct dum_error *err)
{
	struct writer_lock *lock = calloc(1, sizeof(*lock));
	struct dum_error inner = {0};
	enum dum_status status;

	if (lock == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	lock->fd = -1;
	status = fs_open_beside(&lock->fd, database_path, "-lock", &inner);
	/* Who only reads needs none. */
	if (status != DUM_OK && status != DUM_EREADONLY) {
		free(lock);
		return error_set(err, status, "%s", inner.text);
	}
	*out = lock;
	return DUM_OK;
}

void writer_lock_free(struct writer_lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->fd >= 0)
		close(lock->fd); /* and with it every lock of ours */
	free(lock);
}

static struct flock byte_range(int byte, short type)
{
	return (struct flock){
	    .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

static bool try_byte(const struct writer_lock *lock, int byte)
{
	struct flock range = byte_range(byte, F_WRLCK);

	return fcntl(lock->fd, F_OFD_SETLK, &range) == 0;
}

static void free_byte(const struct writer_lock *lock, int byte)
{
	struct flock range = byte_range(byte, F_UNLCK);

	(void)fcntl(lock->fd, F_OFD_SETLK, &range);
}

static bool other_holds(const struct writer_lock *lock, int byte)
{
	struct flock range = byte_range(byte, F_WRLCK);

	return fcntl(lock->fd, F_OFD_GETLK, &range) == 0 &&
	       range.l_type != F_UNLCK;
}

/*
 * How long until the next look. A change takes half a millisecond. The one
 * behind the turnstile, of whom there is one, looks about as often: more often
 * it would take the processor from who is at work, and the turn from who would
 * go again, whose pages it then had to read anew (measured with four workers:
 * a look each 50 us made a change twice as dear, and 1,330 a second of 1,750).
 * Those at the turnstile look each at another moment, and whoever has waited
 * for longer looks more often: nobody who comes anew again and again may always
 * be there before it.
 */
static void pause_between(int byte, int looks)
{
	long us = byte == WRITER        ? WRITER_LOOK_US
	          : looks >= MANY_LOOKS ? TURNSTILE_LOOK_US / 4
	                                : TURNSTILE_LOOK_US;
	struct timespec t;

	if (byte != WRITER) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		us += (t.tv_nsec / 16 + getpid()) % (2 * us);
	}
	t = (struct timespec){.tv_sec = 0, .tv_nsec = us * 1000};
	nanosleep(&t, NULL);
}

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

static enum dum_status busy_for_long(const struct writer_lock *lock,
                                     struct dum_error *err)
{
	char name[NAME_BYTES + 1] = "";
	ssize_t n = pread(lock->fd, name, NAME_BYTES, NAME_OFFSET);

	name[n > 0 ? n : 0] = '\0';
	if (!is_alive(name))
		name[0] = '\0';
	return error_set(err, DUM_EBUSY,
	                 "%s is changing much of the database; try again when "
	                 "it is done",
	                 name[0] != '\0' ? name : "another program");
}

static enum dum_status wait_for(const struct writer_lock *lock, int byte,
                                bool for_long, int64_t until_ms,
                                struct dum_error *err)
{
	for (int looks = 0; !try_byte(lock, byte); looks++) {
		if (!for_long && other_holds(lock, LONG_CHANGE))
			return busy_for_long(lock, err);
		if (clock_monotonic_ms() >= until_ms) {
			if (byte == LONG_CHANGE)
				return busy_for_long(lock, err);
			return error_set(err, DUM_EBUSY,
			                 "other changes keep the database "
			                 "busy; try again");
		}
		pause_between(byte, looks);
	}
	return DUM_OK;
}

static void take_name_away(const struct writer_lock *lock)
{
	static const char none[NAME_BYTES];

	(void)!pwrite(lock->fd, none, sizeof(none), NAME_OFFSET);
}

static void leave_name(const struct writer_lock *lock, const char *who)
{
	char name[NAME_BYTES] = "";

	snprintf(name, sizeof(name), "%.40s (process %ld)", who,
	         (long)getpid());
	/* Only a message hangs on it. */
	(void)!pwrite(lock->fd, name, sizeof(name), NAME_OFFSET);
}

/*
 * Who was the last to change the database has its pages in memory, which all
 * others have to read anew, and is the first to ask when its next request is
 * there: where nobody is at work it goes again, a few times.
 */
static bool go_again(struct writer_lock *lock)
{
	int64_t now = clock_monotonic_ms();

	if (lock->again == 0)
		lock->again_until_ms = now + AGAIN_MS;
	if (lock->again >= AGAIN_MOST || now >= lock->again_until_ms ||
	    !try_byte(lock, WRITER)) {
		lock->again = 0;
		return false;
	}
	lock->again++;
	return true;
}

static enum dum_status wait_for_turn(struct writer_lock *lock, bool for_long,
                                     int64_t until_ms, struct dum_error *err)
{
	enum dum_status status;

	if (!for_long && go_again(lock))
		return DUM_OK;
	status = wait_for(lock, TURNSTILE, for_long, until_ms, err);
	if (status != DUM_OK)
		return status;
	status = wait_for(lock, WRITER, for_long, until_ms, err);
	free_byte(lock, TURNSTILE);
	return status;
}

enum dum_status writer_lock_take(struct writer_lock *lock, bool for_long,
                                 const char *who, int timeout_ms,
                                 struct dum_error *err)
{
	int64_t until_ms = clock_monotonic_ms() + timeout_ms;
	enum dum_status status = DUM_OK;

	if (lock->fd < 0)
		return error_set(err, DUM_EREADONLY,
		                 "the database can only be read: its file "
		                 "system is read-only");
	if (!for_long && other_holds(lock, LONG_CHANGE))
		return busy_for_long(lock, err);
	if (for_long) {
		status = wait_for(lock, LONG_CHANGE, true, until_ms, err);
		if (status != DUM_OK)
			return status;
		leave_name(lock, who);
	}
	status = wait_for_turn(lock, for_long, until_ms, err);
	if (status != DUM_OK) {
		if (for_long) {
			take_name_away(lock);
			free_byte(lock, LONG_CHANGE);
		}
		return status;
	}
	lock->held = true;
	lock->for_long = for_long;
	return DUM_OK;
}

void writer_lock_release(struct writer_lock *lock)
{
	if (!lock->held)
		return;
	free_byte(lock, WRITER);
	if (lock->for_long) {
		take_name_away(lock);
		free_byte(lock, LONG_CHANGE);
	}
	lock->held = false;
	lock->for_long = false;
}
