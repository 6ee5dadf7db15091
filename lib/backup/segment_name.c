#include "backup/segment_name.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void segment_name_format(char out[static SEGMENT_NAME_MAX],
                         const struct segment_name *name)
{
	if (name->last_id == 0)
		snprintf(out, SEGMENT_NAME_MAX,
		         "journal_%.8s_%06" PRId64 "_%012" PRId64 ".log.open",
		         name->database, name->timeline, name->first_id);
	else
		snprintf(out, SEGMENT_NAME_MAX,
		         "journal_%.8s_%06" PRId64 "_%012" PRId64 "-%012" PRId64
		         ".log",
		         name->database, name->timeline, name->first_id,
		         name->last_id);
}

bool segment_name_parse(struct segment_name *out, const char *text)
{
	struct segment_name name = {.timeline = 0};
	char again[SEGMENT_NAME_MAX];

	if (strlen(text) >= SEGMENT_NAME_MAX)
		return false;
	if (sscanf(text,
	           "journal_%8[0-9a-f]_%18" SCNd64 "_%18" SCNd64 "-%18" SCNd64,
	           name.database, &name.timeline, &name.first_id,
	           &name.last_id) < 3)
		return false;
	if (name.timeline < 1 || name.first_id < 1 ||
	    strlen(name.database) != SEGMENT_DATABASE_DIGITS ||
	    (name.last_id != 0 && name.last_id < name.first_id))
		return false;
	/* There is one way to write each: others are not ours. */
	segment_name_format(again, &name);
	if (strcmp(again, text) != 0)
		return false;
	*out = name;
	return true;
}

enum dum_status segment_folder(struct strbuf *out, const char *backup_dir,
                               struct dum_error *err)
{
	strbuf_addf(out, "%s/journal", backup_dir);
	return strbuf_ok(out) ? DUM_OK
	                      : error_set(err, DUM_ENOMEM, "out of memory");
}

/* An open one comes behind the sealed one that begins as it does. */
static int by_order(const void *a, const void *b)
{
	const struct segment_name *x = a, *y = b;
	int database = strcmp(x->database, y->database);

	if (database != 0)
		return database;
	if (x->timeline != y->timeline)
		return x->timeline < y->timeline ? -1 : 1;
	if (x->first_id != y->first_id)
		return x->first_id < y->first_id ? -1 : 1;
	return (x->last_id == 0) - (y->last_id == 0);
}

static enum dum_status add(struct segment_list *list, size_t *room,
                           const struct segment_name *name, const char *folder,
                           struct dum_error *err)
{
	if (list->count == SEGMENTS_MAX)
		return error_set(err, DUM_EINVAL,
		                 "%s has more than %d segments of the journal",
		                 folder, SEGMENTS_MAX);
	if (list->count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		struct segment_name *grown = realloc(list->list,
		                                     more * sizeof(*grown));

		if (grown == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
		list->list = grown;
		*room = more;
	}
	list->list[list->count++] = *name;
	return DUM_OK;
}

static bool same_start(const struct segment_name *a,
                       const struct segment_name *b)
{
	return strcmp(a->database, b->database) == 0 &&
	       a->timeline == b->timeline && a->first_id == b->first_id;
}

/*
 * What was sealed already is in the sealed one; and of two the same, one goes.
 */
static void put_in_order(struct segment_list *list)
{
	size_t kept = 0;

	if (list->count > 0)
		qsort(list->list, list->count, sizeof(*list->list), by_order);
	for (size_t i = 0; i < list->count; i++) {
		if (kept > 0 &&
		    (list->list[i].last_id == 0 ||
		     list->list[i].last_id == list->list[kept - 1].last_id) &&
		    same_start(&list->list[kept - 1], &list->list[i]))
			continue;
		list->list[kept++] = list->list[i];
	}
	list->count = kept;
}

enum dum_status segment_list_read(struct segment_list *out, const char *folder,
                                  struct dum_error *err)
{
	struct segment_list list = {.count = 0};
	enum dum_status status = DUM_OK;
	struct segment_name name;
	size_t room = 0;
	DIR *dir = opendir(folder);

	if (dir == NULL && errno != ENOENT)
		return error_set(err, DUM_ESYS, "%s: %s", folder,
		                 strerror(errno));
	if (dir != NULL) {
		for (struct dirent *e = readdir(dir);
		     e != NULL && status == DUM_OK; e = readdir(dir))
			if (segment_name_parse(&name, e->d_name))
				status = add(&list, &room, &name, folder, err);
		closedir(dir);
	}
	if (status != DUM_OK) {
		segment_list_release(&list);
		return status;
	}
	put_in_order(&list);
	*out = list;
	return DUM_OK;
}

enum dum_status segment_list_join(struct segment_list *list,
                                  const struct segment_list *other,
                                  struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	size_t room = list->count;

	for (size_t i = 0; i < other->count && status == DUM_OK; i++)
		status = add(list, &room, &other->list[i], "SYNC_TARGET", err);
	put_in_order(list);
	return status;
}

void segment_list_release(struct segment_list *list)
{
	free(list->list);
	*list = (struct segment_list){.count = 0};
}

void segment_list_keep(struct segment_list *list, const char *database_id)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->list[i].database, database_id,
		            SEGMENT_DATABASE_DIGITS) == 0)
			list->list[kept++] = list->list[i];
	list->count = kept;
}
