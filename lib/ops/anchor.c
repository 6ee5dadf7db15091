#include "ops/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"

/* One a day for three centuries. */
enum { FILE_BYTES_MAX = 16 << 20 };

void anchor_format(char out[static ANCHOR_TEXT_MAX],
                   const struct anchor *anchor)
{
	char mac[HASH_HEX_MAX];

	hex_write(mac, anchor->mac, HASH_BYTES);
	snprintf(out, ANCHOR_TEXT_MAX, "%s id=%lld mac=%s key=%s", anchor->at,
	         (long long)anchor->id, mac, anchor->key_id);
}

/* The text is right when writing what was read gives it again. */
bool anchor_parse(struct anchor *out, const char *text, size_t len)
{
	char line[ANCHOR_TEXT_MAX], again[ANCHOR_TEXT_MAX];
	char mac[HASH_HEX_MAX];
	struct anchor a = {.id = 0};
	long long id;

	if (len >= sizeof(line))
		return false;
	memcpy(line, text, len);
	line[len] = '\0';
	if (sscanf(line, "%20s id=%lld mac=%64s key=%16s", a.at, &id, mac,
	           a.key_id) != 4 ||
	    id < 1 || !hex_read(a.mac, HASH_BYTES, mac, strlen(mac)))
		return false;
	a.id = id;
	anchor_format(again, &a);
	if (strcmp(again, line) != 0)
		return false;
	*out = a;
	return true;
}

/* A line that a power cut tore must not swallow the next one. */
static bool ends_in_mid_line(int fd)
{
	struct stat st;
	char last;

	return fstat(fd, &st) == 0 && st.st_size > 0 &&
	       pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

enum dum_status anchor_append(const char *path, const struct anchor *anchor,
                              struct dum_error *err)
{
	char text[ANCHOR_TEXT_MAX], line[ANCHOR_TEXT_MAX + 2];
	bool there = fs_exists(path);
	enum dum_status status = DUM_OK;
	int fd;

	fd = open(path,
	          O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
	              O_NOCTTY,
	          0640);
	if (fd < 0)
		return error_set(err, DUM_ESYS, "anchors' file %s: %s", path,
		                 strerror(errno));
	anchor_format(text, anchor);
	snprintf(line, sizeof(line), "%s%s\n", ends_in_mid_line(fd) ? "\n" : "",
	         text);
	if (fs_write_all(fd, line, strlen(line)) != 0 || fsync(fd) != 0)
		status = error_set(err, errno == ENOSPC ? DUM_EFULL : DUM_ESYS,
		                   "anchors' file %s: %s", path,
		                   strerror(errno));
	close(fd); /* fsync has told already */
	if (status == DUM_OK && !there)
		status = fs_sync_parent(path, err);
	return status;
}

enum dum_status anchor_each(const char *path, anchor_fn fn, void *arg,
                            struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;
	int line = 0;

	status = fs_read_file(&text, path, FILE_BYTES_MAX, err);
	for (const char *at = text.buf; status == DUM_OK && *at != '\0';) {
		size_t len = strcspn(at, "\n");
		struct anchor anchor;
		bool good = anchor_parse(&anchor, at, len);

		line++;
		if (len > 0)
			status = fn(arg, line, good ? &anchor : NULL, err);
		at += len + (at[len] == '\n');
	}
	strbuf_release(&text);
	return status;
}
