/*
 * The end of the log alone is read: it has years of lines. A line that a power
 * cut tore, or somebody wrote into it, is passed over for the one before it.
 */
#include "backup/proof_last.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup_dir.h"

/* Longer than two of the longest lines. */
enum { END_BYTES = 64 * 1024 };

/* Is it such a line? Then as JSON that can stand in another. */
static bool add_line(struct strbuf *out, const char *line, size_t len)
{
	json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	char *text = NULL;

	if (json_is_string(json_object_get(root, "at")) &&
	    json_is_boolean(json_object_get(root, "ok")) &&
	    json_is_array(json_object_get(root, "checks")))
		text = json_dumps(root, JSON_COMPACT);
	if (text != NULL)
		strbuf_adds(out, text);
	free(text);
	json_decref(root);
	return text != NULL;
}

/* From the last line that ends to the first one that is there whole. */
static void find_line(struct strbuf *out, const char *text, size_t len)
{
	const char *end = memrchr(text, '\n', len);

	while (end != NULL) {
		const char *before = memrchr(text, '\n', (size_t)(end - text));
		const char *line = before != NULL ? before + 1 : text;

		if (add_line(out, line, (size_t)(end - line)))
			return;
		end = before;
	}
}

enum dum_status proof_last(struct strbuf *out, const char *dir,
                           struct dum_error *err)
{
	struct dum_error inner = {0};
	enum dum_status status;
	int64_t bytes = 0;
	char *text;
	ssize_t n;
	int fd = -1;

	status = backup_dir_read(&fd, &bytes, dir, "verification.log", &inner);
	if (status == DUM_ENOTFOUND)
		return DUM_OK;
	if (status != DUM_OK)
		return error_set(err, DUM_ESYS, "%s", inner.text);
	text = malloc(END_BYTES);
	if (text == NULL) {
		close(fd);
		return error_set(err, DUM_ENOMEM, "out of memory");
	}
	n = pread(fd, text, END_BYTES,
	          bytes > END_BYTES ? bytes - END_BYTES : 0);
	if (n < 0)
		status = error_set(err, DUM_ESYS, "%s/verification.log: %s",
		                   dir, strerror(errno));
	else
		find_line(out, text, (size_t)n);
	free(text);
	close(fd);
	return status;
}
