#ifndef DUM_BACKUP_REMOTE_KIND_H
#define DUM_BACKUP_REMOTE_KIND_H
/*
 * remote_kind - what the kinds of places have to be able to do; for remote.c,
 * remote_folder.c and remote_rclone.c alone. One file is written at a time.
 */
#include "backup/remote.h"

/* Takes a file from its first byte on. */
typedef enum dum_status (*remote_take_fn)(void *arg, const void *data,
                                          size_t len, struct dum_error *err);

struct remote_kind {
	enum dum_status (*list)(struct remote_list *out, void *place,
	                        struct dum_error *err);
	enum dum_status (*begin)(void *place, const char *name, int64_t bytes,
	                         struct dum_error *err);
	enum dum_status (*write)(void *place, const void *data, size_t len,
	                         struct dum_error *err);
	/* On the medium, as far as one can know. */
	enum dum_status (*end)(void *place, struct dum_error *err);
	/* What was begun and not ended; does nothing else. */
	void (*cancel)(void *place);
	enum dum_status (*read)(void *place, const char *name,
	                        remote_take_fn take, void *arg,
	                        struct dum_error *err);
	enum dum_status (*rename)(void *place, const char *from, const char *to,
	                          struct dum_error *err);
	enum dum_status (*remove)(void *place, const char *name,
	                          struct dum_error *err);
	void (*free)(void *place);
};

extern const struct remote_kind remote_folder, remote_rclone;

DUM_MUST_CHECK enum dum_status remote_folder_open(void **out, const char *path,
                                                  struct dum_error *err);
DUM_MUST_CHECK enum dum_status remote_rclone_open(void **out,
                                                  const struct config *config,
                                                  struct dum_error *err);

/* Add one; a name that is too long for one of ours is left out. */
DUM_MUST_CHECK enum dum_status remote_list_add(struct remote_list *list,
                                               size_t *room, const char *name,
                                               int64_t bytes,
                                               struct dum_error *err);

#endif
