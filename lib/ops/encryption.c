#include "ops/encryption.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "base/strbuf.h"

/* Devices on devices on devices: LVM on LUKS on RAID on a partition is four. */
enum { DEPTH_MAX = 10, SYSFS_BYTES_MAX = 4096, MOUNTS_BYTES_MAX = 1 << 20 };

static void verdict(struct encryption_verdict *out, enum encryption is,
                    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void verdict(struct encryption_verdict *out, enum encryption is,
                    const char *fmt, ...)
{
	va_list args;

	out->is = is;
	va_start(args, fmt);
	vsnprintf(out->how, sizeof(out->how), fmt, args);
	va_end(args);
}

/* The start of a file of sysfs; false: there is none. */
static bool read_line(char *out, size_t size, const char *folder,
                      const char *name)
{
	struct strbuf path = STRBUF_INIT, text = STRBUF_INIT;
	bool there;

	strbuf_addf(&path, "%s/%s", folder, name);
	there = strbuf_ok(&path) &&
	        fs_read_file(&text, path.buf, SYSFS_BYTES_MAX, NULL) == DUM_OK;
	if (there)
		snprintf(out, size, "%.*s", (int)strcspn(text.buf, "\n"),
		         text.buf);
	strbuf_release(&path);
	strbuf_release(&text);
	return there;
}

static void device_at(struct encryption_verdict *out, const char *folder,
                      int depth);

/* A device is as closed as the most open one that it lies on. */
static void devices_below(struct encryption_verdict *out, const char *folder,
                          DIR *slaves, int depth)
{
	struct strbuf path = STRBUF_INIT;
	struct encryption_verdict one;
	const struct dirent *entry;
	bool any = false;

	while ((entry = readdir(slaves)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		strbuf_reset(&path);
		strbuf_addf(&path, "%s/slaves/%s", folder, entry->d_name);
		device_at(&one, path.buf, depth + 1);
		if (!any || one.is == ENCRYPTION_NONE ||
		    (one.is == ENCRYPTION_UNKNOWN && out->is == ENCRYPTION_ON))
			*out = one;
		any = true;
	}
	if (!any)
		verdict(out, ENCRYPTION_NONE, "a plain block device");
	strbuf_release(&path);
}

static void device_at(struct encryption_verdict *out, const char *folder,
                      int depth)
{
	struct strbuf path = STRBUF_INIT;
	char uuid[200], loop[200];
	DIR *slaves = NULL;

	if (depth > DEPTH_MAX) {
		verdict(out, ENCRYPTION_UNKNOWN, "too many devices in a pile");
		return;
	}
	if (read_line(uuid, sizeof(uuid), folder, "dm/uuid") &&
	    strncmp(uuid, "CRYPT-", 6) == 0) {
		verdict(out, ENCRYPTION_ON, "dm-crypt (%.*s)",
		        (int)strcspn(uuid + 6, "-"), uuid + 6);
		return;
	}
	if (read_line(loop, sizeof(loop), folder, "loop/backing_file")) {
		verdict(out, ENCRYPTION_UNKNOWN,
		        "a loop device over the file "
		        "%.120s",
		        loop);
		return;
	}
	strbuf_addf(&path, "%s/slaves", folder);
	if (strbuf_ok(&path))
		slaves = opendir(path.buf);
	if (slaves != NULL)
		devices_below(out, folder, slaves, depth);
	else if (fs_exists(folder)) /* a partition has no slaves of its own */
		verdict(out, ENCRYPTION_NONE, "a plain block device");
	else
		verdict(out, ENCRYPTION_UNKNOWN,
		        "its block device can not be "
		        "seen from here");
	if (slaves != NULL)
		closedir(slaves);
	strbuf_release(&path);
}

void encryption_of_device(struct encryption_verdict *out, const char *folder)
{
	device_at(out, folder, 0);
}

static void of_number(struct encryption_verdict *out, dev_t device)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u", major(device),
	         minor(device));
	encryption_of_device(out, folder);
}

/* fscrypt closes folders of ext4, F2FS and UBIFS one by one. */
static bool has_fscrypt(const char *path)
{
	struct fscrypt_get_policy_ex_arg arg = {
	    .policy_size = sizeof(arg.policy)};
	bool on;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	on = ioctl(fd, FS_IOC_GET_ENCRYPTION_POLICY_EX, &arg) == 0;
	close(fd);
	return on;
}

/* "\040" and the like are blanks in a name. Returns the length. */
static size_t unescape(char *out, size_t size, const char *in, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (in[i] == '\\' && i + 3 < len) {
			out[n++] = (char)((in[i + 1] - '0') * 64 +
			                  (in[i + 2] - '0') * 8 +
			                  (in[i + 3] - '0'));
			i += 3;
		} else {
			out[n++] = in[i];
		}
	}
	out[n] = '\0';
	return n;
}

/* The n-th field of a line, from 0; "" when there are not so many. */
static const char *field(const char *line, const char *end, int n, size_t *len)
{
	while (n-- > 0) {
		const char *blank = memchr(line, ' ', (size_t)(end - line));

		line = blank != NULL ? blank + 1 : end;
	}
	*len = strcspn(line, " \n");
	return line;
}

static bool lies_in(const char *path, const char *folder, size_t len)
{
	if (len == 1 && folder[0] == '/')
		return true;
	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

static bool read_mount(struct mount_line *out, const char *line,
                       const char *end)
{
	const char *rest, *at;
	size_t len;

	/* Optional fields stand before the " - ". */
	rest = memmem(line, (size_t)(end - line), " - ", 3);
	if (rest == NULL)
		return false;
	rest += 3;
	at = field(rest, end, 0, &len);
	unescape(out->type, sizeof(out->type), at, len);
	at = field(rest, end, 1, &len);
	unescape(out->source, sizeof(out->source), at, len);
	return true;
}

int mount_find(struct mount_line *out, const char *mountinfo, const char *path)
{
	size_t best = 0, len;
	int found = 0;

	for (const char *line = mountinfo; *line != '\0';) {
		const char *end = line + strcspn(line, "\n");
		char point[4096];
		const char *at = field(line, end, 4, &len);

		len = unescape(point, sizeof(point), at, len);
		/* Of two on one point the later covers the earlier. */
		if (len > 0 && len >= best && lies_in(path, point, len) &&
		    read_mount(out, line, end)) {
			best = len;
			found = 1;
		}
		line = *end == '\n' ? end + 1 : end;
	}
	return found;
}

/* File systems over no block device of their own, by what they say. */
static void by_mount(struct encryption_verdict *out, const char *path)
{
	struct strbuf text = STRBUF_INIT;
	struct mount_line mount;
	struct stat st;
	bool known;

	known = fs_read_file(&text, "/proc/self/mountinfo", MOUNTS_BYTES_MAX,
	                     NULL) == DUM_OK &&
	        mount_find(&mount, text.buf, path);
	strbuf_release(&text);
	if (!known)
		verdict(out, ENCRYPTION_UNKNOWN, "its mount can not be found");
	else if (strcmp(mount.type, "ecryptfs") == 0)
		verdict(out, ENCRYPTION_ON, "ecryptfs");
	else if (strcmp(mount.type, "tmpfs") == 0)
		verdict(out, ENCRYPTION_UNKNOWN,
		        "tmpfs, kept in memory and perhaps in swap");
	else if (stat(mount.source, &st) == 0 && S_ISBLK(st.st_mode))
		of_number(out, st.st_rdev);
	else
		verdict(out, ENCRYPTION_UNKNOWN,
		        "%s, whose disks can not be seen from here",
		        mount.type);
}

void encryption_of(struct encryption_verdict *out, const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (real == NULL || stat(real, &st) != 0)
		verdict(out, ENCRYPTION_UNKNOWN, "%s", strerror(errno));
	else if (has_fscrypt(real))
		verdict(out, ENCRYPTION_ON, "fscrypt");
	else if (major(st.st_dev) != 0)
		of_number(out, st.st_dev);
	else
		by_mount(out, real);
	free(real);
}
