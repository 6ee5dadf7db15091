#include "store/job_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"

/*
 * Slots are used again after so many jobs, so that the file stays small. By
 * then the first one of a slot was finished and forgotten long ago.
 */
enum { SLOTS = 100000 };

static off_t place_of(int64_t id)
{
	return (off_t)(id % SLOTS) * (off_t)sizeof(int32_t);
}

static struct flock byte_of(int64_t id)
{
	return (struct flock){.l_type = F_WRLCK,
	                      .l_whence = SEEK_SET,
	                      .l_start = place_of(id),
	                      .l_len = 1};
}

enum dum_status job_slot_open(int *fd_out, const char *database_path,
                              struct dum_error *err)
{
	return fs_open_beside(fd_out, database_path, "-jobs", err);
}

void job_slot_tell(int fd, int64_t id, int progress)
{
	int32_t number = progress;

	(void)!pwrite(fd, &number, sizeof(number), place_of(id));
}

enum dum_status job_slot_take(int *fd_out, const char *database_path,
                              int64_t id, struct dum_error *err)
{
	struct flock byte = byte_of(id);
	enum dum_status status;
	int fd = -1;

	status = job_slot_open(&fd, database_path, err);
	if (status != DUM_OK)
		return status;
	if (fcntl(fd, F_OFD_SETLK, &byte) != 0) {
		status = errno == EAGAIN || errno == EACCES
		             ? error_set(err, DUM_EBUSY,
		                         "another job is still at work; try "
		                         "again")
		             : error_set(err, DUM_ESYS, "%s-jobs: %s",
		                         database_path, strerror(errno));
		close(fd);
		return status;
	}
	job_slot_tell(fd, id, 0);
	*fd_out = fd;
	return DUM_OK;
}

enum dum_status job_slot_look(struct job_sign *out, const char *database_path,
                              int64_t id, struct dum_error *err)
{
	struct flock byte = byte_of(id);
	int32_t number = 0;
	enum dum_status status;
	int fd = -1;

	status = job_slot_open(&fd, database_path, err);
	if (status != DUM_OK)
		return status;
	if (fcntl(fd, F_OFD_GETLK, &byte) != 0)
		status = error_set(err, DUM_ESYS, "%s-jobs: %s", database_path,
		                   strerror(errno));
	if (pread(fd, &number, sizeof(number), place_of(id)) !=
	        (ssize_t)sizeof(number) ||
	    number < 0 || number > JOB_SLOT_WHOLE)
		number = 0;
	close(fd);
	if (status == DUM_OK)
		*out = (struct job_sign){.held = byte.l_type != F_UNLCK,
		                         .progress = number};
	return status;
}
