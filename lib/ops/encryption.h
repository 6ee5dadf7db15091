#ifndef DUM_OPS_ENCRYPTION_H
#define DUM_OPS_ENCRYPTION_H
/*
 * encryption - does a file system keep what it is given in clear on the disk?
 *
 * What this machine does can be seen: a block device of dm-crypt (LUKS), also
 * below LVM or RAID, and folders under fscrypt. What lies deeper can not: a
 * disk that encrypts by itself, the host of a virtual machine, a file server.
 */
#include <stddef.h>

enum encryption { ENCRYPTION_NONE, ENCRYPTION_ON, ENCRYPTION_UNKNOWN };

struct encryption_verdict {
	enum encryption is;
	char how[200]; /* in a few words: "dm-crypt (LUKS2)" */
};

/* Of the file system that holds path, a folder or a file. */
void encryption_of(struct encryption_verdict *out, const char *path);

/* Of a block device, by its folder in sysfs: "/sys/dev/block/254:0" */
void encryption_of_device(struct encryption_verdict *out, const char *folder);

/*
 * The line of a mountinfo text (see proc(5)) for the mount that holds path,
 * which is absolute and without links. False: none does.
 */
struct mount_line {
	char type[64];    /* "ext4" */
	char source[512]; /* "/dev/sda1" */
};
int mount_find(struct mount_line *out, const char *mountinfo, const char *path);

#endif
