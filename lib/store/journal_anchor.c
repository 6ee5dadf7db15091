#include "store/journal_anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "store/journal_chain.h"
#include "store/journal_prune.h"
#include "store/query.h"

enum { LINE_MAX_BYTES = 200 };

enum dum_status journal_anchor_now(struct journal_anchor *out, struct db *db,
                                   struct dum_error *err)
{
	struct journal_anchor anchor = {.id = 0};
	enum dum_status status;
	struct query q;
	size_t len;

	status = journal_key(db, err);
	if (status != DUM_OK)
		return status;
	query_start(&q, db, SQL_JOURNAL_HEAD, err);
	while (query_row(&q)) {
		const void *mac = query_blob(&q, 1, &len);

		anchor.id = query_int(&q, 0);
		if (len == HASH_BYTES)
			memcpy(anchor.mac, mac, HASH_BYTES);
	}
	status = query_end(&q);
	if (status == DUM_OK && anchor.id == 0)
		status = error_set(err, DUM_EDAMAGED,
		                   "the journal is empty; it never is");
	if (status != DUM_OK)
		return status;
	clock_format_utc(anchor.at, db_now(db));
	memcpy(anchor.key_id, db->key_id, sizeof(anchor.key_id));
	*out = anchor;
	return DUM_OK;
}

void journal_anchor_format(struct strbuf *out,
                           const struct journal_anchor *anchor)
{
	char mac[HASH_HEX_MAX];

	hex_write(mac, anchor->mac, HASH_BYTES);
	strbuf_addf(out, "%s id=%lld mac=%s key=%s", anchor->at,
	            (long long)anchor->id, mac, anchor->key_id);
}

bool journal_anchor_parse(struct journal_anchor *out, const char *line,
                          size_t len)
{
	struct journal_anchor anchor = {.id = 0};
	char text[LINE_MAX_BYTES], mac[HASH_HEX_MAX];
	int end = 0;

	if (len >= sizeof(text) || memchr(line, '\0', len) != NULL)
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	if (sscanf(text,
	           "%20[0-9TZ:-] id=%18" SCNd64
	           " mac=%64[0-9a-f] key=%16[0-9a-f]%n",
	           anchor.at, &anchor.id, mac, anchor.key_id, &end) != 4 ||
	    (size_t)end != len || anchor.id < 1 ||
	    !hex_read(anchor.mac, HASH_BYTES, mac, strlen(mac)))
		return false;
	*out = anchor;
	return true;
}

/* Does the file end within a line, which a loss of power may have torn? */
static bool ends_torn(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

enum dum_status journal_anchor_append(const char *path,
                                      const struct journal_anchor *anchor,
                                      struct dum_error *err)
{
	struct strbuf line = STRBUF_INIT;
	enum dum_status status = DUM_OK;
	int fd;

	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	          0600);
	if (fd < 0)
		return error_set(err, DUM_ESYS, "%s: %s", path,
		                 strerror(errno));
	if (ends_torn(fd))
		strbuf_addc(&line, '\n');
	journal_anchor_format(&line, anchor);
	strbuf_addc(&line, '\n');
	if (!strbuf_ok(&line))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	else if (fs_write_all(fd, line.buf, line.len) != 0 || fsync(fd) != 0)
		status = error_set(err, fs_write_status(errno), "%s: %s", path,
		                   strerror(errno));
	if (status == DUM_OK)
		status = fs_sync_parent(path, err);
	close(fd);
	strbuf_release(&line);
	return status;
}

static void broken(struct journal_anchor_verdict *verdict, int line, int64_t id,
                   const char *why)
{
	verdict->broken_line = line;
	verdict->broken_id = id;
	snprintf(verdict->why, sizeof(verdict->why), "%s", why);
}

struct check {
	struct db *db;
	struct journal_start start;
	int64_t head_id;
	struct journal_anchor_verdict *verdict;
};

static enum dum_status check_anchor(struct check *check, int line,
                                    const struct journal_anchor *anchor,
                                    struct dum_error *err)
{
	unsigned char mac[HASH_BYTES];
	enum dum_status status;
	bool found = false;

	check->verdict->anchors++;
	if (anchor->id < check->start.upto_id) {
		check->verdict->pruned++;
		return DUM_OK;
	}
	if (anchor->id == check->start.upto_id) {
		memcpy(mac, check->start.mac, HASH_BYTES);
		found = true;
		status = DUM_OK;
	} else {
		status = journal_mac(mac, &found, check->db, anchor->id, err);
	}
	if (status != DUM_OK)
		return status;
	if (!found)
		broken(check->verdict, line, anchor->id,
		       anchor->id > check->head_id
		           ? "the journal ends before this entry: its tail "
		             "was cut off"
		           : "this entry is missing");
	else if (!hash_equal(mac, anchor->mac, HASH_BYTES))
		broken(check->verdict, line, anchor->id,
		       "this entry is another one than it was: the journal "
		       "was written anew");
	return DUM_OK;
}

static enum dum_status check_file(struct check *check, FILE *in,
                                  const char *path, struct dum_error *err)
{
	struct journal_anchor anchor;
	enum dum_status status = DUM_OK;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len = 0;
	int number = 0;

	while (status == DUM_OK && check->verdict->broken_line == 0 &&
	       (len = getline(&line, &cap, in)) > 0) {
		number++;
		if (line[len - 1] == '\n')
			len--;
		if (journal_anchor_parse(&anchor, line, (size_t)len))
			status = check_anchor(check, number, &anchor, err);
		else
			broken(check->verdict, number, 0,
			       "this line is no anchor; if a loss of power has "
			       "torn it, take it out");
	}
	if (status == DUM_OK && len < 0 && ferror(in))
		status = error_set(err, DUM_ESYS, "%s: %s", path,
		                   strerror(errno));
	free(line);
	return status;
}

enum dum_status journal_anchor_check(struct journal_anchor_verdict *out,
                                     struct db *db, const char *path,
                                     struct dum_error *err)
{
	struct journal_anchor_verdict verdict = {0};
	struct check check = {.db = db, .verdict = &verdict};
	struct journal_anchor head;
	enum dum_status status;
	FILE *in;

	in = fopen(path, "re");
	if (in == NULL)
		return error_set(err,
		                 errno == ENOENT ? DUM_ENOTFOUND : DUM_ESYS,
		                 "%s: %s", path, strerror(errno));
	status = journal_start(&check.start, db, err);
	if (status == DUM_OK)
		status = journal_anchor_now(&head, db, err);
	if (status == DUM_OK) {
		check.head_id = head.id;
		status = check_file(&check, in, path, err);
	}
	if (status == DUM_OK && verdict.broken_line == 0 &&
	    verdict.anchors == 0)
		broken(&verdict, 1, 0,
		       "the file is empty: its anchors were taken out");
	fclose(in); /* read only: no data to lose */
	if (status == DUM_OK)
		*out = verdict;
	return status;
}
