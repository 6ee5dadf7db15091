/*
 * A segment of the journal, by what the first byte says: its records, in
 * pieces of several sizes, which must not matter; or frames, as a file.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backup/segment_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum dum_status look(void *arg, const struct journal_record *e,
                            struct dum_error *err)
{
	int64_t *sum = arg;

	(void)err;
	/* Every text has its end, and every byte of it is there. */
	*sum += (int64_t)strlen(e->at) + (int64_t)strlen(e->actor) +
	        (int64_t)strlen(e->op) + (int64_t)strlen(e->table) +
	        (e->after != NULL ? (int64_t)strlen(e->after) : 0) +
	        e->prev[HASH_BYTES - 1] + e->mac[HASH_BYTES - 1];
	return DUM_OK;
}

static enum dum_status read_records(const uint8_t *data, size_t size,
                                    size_t piece, int64_t *sum)
{
	struct segment_reader *reader = NULL;
	struct dum_error err = {0};
	struct segment_seen seen;
	enum dum_status status;

	status = segment_reader_new(&reader, NULL, look, sum, &err);
	for (size_t at = 0; at < size && status == DUM_OK; at += piece)
		status = segment_reader_write(
		    reader, data + at, size - at < piece ? size - at : piece,
		    &err);
	if (status == DUM_OK)
		status = segment_reader_finish(&seen, reader, &err);
	segment_reader_free(reader);
	return status;
}

static enum dum_status to_reader(void *arg, const void *data, size_t len,
                                 struct dum_error *err)
{
	return segment_reader_write(arg, data, len, err);
}

static void read_frames(const uint8_t *data, size_t size)
{
	static const struct container_key key = {.kind = CONTAINER_KEY_FILE};
	struct segment_file file = {.bytes = 0};
	struct segment_reader *reader = NULL;
	struct dum_error err = {0};
	int fd = memfd_create("segment", MFD_CLOEXEC);
	int64_t sum = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    segment_reader_new(&reader, NULL, look, &sum, &err) != DUM_OK)
		abort();
	(void)!segment_file_frames(&file, fd, &key, to_reader, reader, &err);
	segment_reader_free(reader);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t whole = 0, pieces = 0;

	if (size == 0)
		return 0;
	if (data[0] == 'F') {
		read_frames(data + 1, size - 1);
		return 0;
	}
	if (read_records(data, size, size, &whole) !=
	        read_records(data, size, 3, &pieces) ||
	    whole != pieces)
		abort();
	return 0;
}
