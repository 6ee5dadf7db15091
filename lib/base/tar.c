#include "base/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, FILE_MAX = 16 * 1024 * 1024 };

/* Of one block, as it stands in the file; numbers are octal text. */
struct header {
	char name[100];
	char mode[8], uid[8], gid[8];
	char size[12], at[12];
	char sum[8];
	char kind;
	char link[100];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[155];
	char rest[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* Of all bytes, those of the sum itself counted as blanks. */
static unsigned sum_of(const struct header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	size_t from = offsetof(struct header, sum), sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= from && i < from + sizeof(h->sum) ? ' ' : bytes[i];
	return (unsigned)sum;
}

/* Parts that are not empty, not "." and not "..", between single slashes. */
static bool name_ok(const char *name)
{
	if (name[0] == '\0' || strlen(name) >= TAR_NAME_MAX)
		return false;
	for (const char *part = name; part != NULL;) {
		size_t n = strcspn(part, "/");

		if (n == 0 || (part[0] == '.' && n == 1) ||
		    (part[0] == '.' && part[1] == '.' && n == 2))
			return false;
		part = part[n] == '/' ? part + n + 1 : NULL;
	}
	return true;
}

/* Whole where it fits, else cut at a slash. */
static bool put_name(struct header *h, const char *name)
{
	size_t len = strlen(name);

	if (len <= sizeof(h->name)) {
		memcpy(h->name, name, len);
		return true;
	}
	for (const char *slash = strchr(name, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		size_t before = (size_t)(slash - name),
		       after = len - before - 1;

		if (before <= sizeof(h->prefix) && after <= sizeof(h->name)) {
			memcpy(h->prefix, name, before);
			memcpy(h->name, slash + 1, after);
			return true;
		}
	}
	return false;
}

enum dum_status tar_add(struct strbuf *out, const struct tar_file *file,
                        struct dum_error *err)
{
	static const char zeros[BLOCK];
	struct header h;

	memset(&h, 0, sizeof(h));
	if (!name_ok(file->name) || !put_name(&h, file->name))
		return error_set(err, DUM_EINVAL,
		                 "'%.200s' is no name for a file in a tar",
		                 file->name);
	if (file->len > FILE_MAX)
		return error_set(err, DUM_EINVAL, "%s is too large",
		                 file->name);
	snprintf(h.mode, sizeof(h.mode), "%07o", (unsigned)file->mode & 0777u);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0u);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0u);
	snprintf(h.size, sizeof(h.size), "%011zo", file->len);
	snprintf(h.at, sizeof(h.at), "%011llo",
	         (unsigned long long)(file->at > 0 ? file->at : 0) &
	             077777777777ULL);
	h.kind = '0';
	memcpy(h.magic, "ustar", sizeof(h.magic));
	memcpy(h.version, "00", sizeof(h.version));
	snprintf(h.user, sizeof(h.user), "root");
	snprintf(h.group, sizeof(h.group), "root");
	snprintf(h.sum, sizeof(h.sum), "%06o", sum_of(&h) & 0777777u);
	h.sum[7] = ' ';
	strbuf_add(out, &h, sizeof(h));
	strbuf_add(out, file->data, file->len);
	strbuf_add(out, zeros, (BLOCK - file->len % BLOCK) % BLOCK);
	return strbuf_ok(out) ? DUM_OK
	                      : error_set(err, DUM_ENOMEM, "out of memory");
}

void tar_end(struct strbuf *out)
{
	static const char zeros[2 * BLOCK];

	strbuf_add(out, zeros, sizeof(zeros));
}

/* Octal digits, and blanks or NULs behind them; -1: something else. */
static int64_t number(const char *text, size_t size)
{
	int64_t n = 0;
	size_t i = 0;

	for (; i < size && text[i] >= '0' && text[i] <= '7'; i++)
		n = n * 8 + (text[i] - '0');
	if (i == 0)
		return -1;
	for (; i < size; i++)
		if (text[i] != ' ' && text[i] != '\0')
			return -1;
	return n;
}

static bool get_name(char out[static TAR_NAME_MAX], const struct header *h)
{
	int prefix = (int)strnlen(h->prefix, sizeof(h->prefix));

	if (snprintf(out, TAR_NAME_MAX, "%.*s%s%.*s", prefix, h->prefix,
	             prefix > 0 ? "/" : "",
	             (int)strnlen(h->name, sizeof(h->name)),
	             h->name) >= TAR_NAME_MAX)
		return false;
	return name_ok(out);
}

static enum dum_status check(const struct header *h, int64_t size, int64_t mode,
                             struct dum_error *err)
{
	if (memcmp(h->magic, "ustar", 5) != 0 ||
	    number(h->sum, sizeof(h->sum)) != sum_of(h) || size < 0 || mode < 0)
		return error_set(err, DUM_EDAMAGED, "this is no tar");
	if (h->kind != '0' && h->kind != '\0')
		return error_set(err, DUM_EDAMAGED,
		                 "it holds something else than files");
	return DUM_OK;
}

enum dum_status tar_next(struct tar_file *out, bool *any_out,
                         struct tar_reader *r, struct dum_error *err)
{
	static const char zeros[BLOCK];
	struct tar_file file = {.mode = 0};
	enum dum_status status;
	int64_t size, mode;
	struct header h;

	if (r->len - r->at < BLOCK)
		return error_set(err, DUM_ETRUNCATED, "the tar has no end");
	memcpy(&h, r->data + r->at, BLOCK);
	*any_out = memcmp(&h, zeros, BLOCK) != 0;
	if (!*any_out)
		return DUM_OK;
	size = number(h.size, sizeof(h.size));
	mode = number(h.mode, sizeof(h.mode));
	status = check(&h, size, mode, err);
	if (status != DUM_OK)
		return status;
	if (!get_name(file.name, &h))
		return error_set(err, DUM_EDAMAGED,
		                 "the tar holds a name that leads elsewhere");
	r->at += BLOCK;
	if ((uint64_t)size > r->len - r->at)
		return error_set(err, DUM_ETRUNCATED, "the tar ends within %s",
		                 file.name);
	file.mode = (mode_t)(mode & 0777);
	file.at = number(h.at, sizeof(h.at));
	file.data = r->data + r->at;
	file.len = (size_t)size;
	/* Of what is missing behind the last file, the end tells. */
	r->at += file.len + (BLOCK - file.len % BLOCK) % BLOCK;
	r->at = r->at < r->len ? r->at : r->len;
	*out = file;
	return DUM_OK;
}
