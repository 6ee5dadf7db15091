/*
 * What is read of backups beside the files themselves, by the first byte: a
 * name, that of a segment, a manifest, what a job is to do. What is taken says
 * the same when it is written again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backup/backup_request.h"
#include "backup/manifest.h"
#include "backup/segment_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *text)
{
	char again[BACKUP_NAME_MAX];
	struct backup_name name;

	if (!backup_name_parse(&name, text))
		return;
	backup_name_format(again, &name);
	/* It can not lead out of its folder. */
	if (strcmp(again, text) != 0 || strpbrk(text, "/%\n") != NULL)
		abort();
}

static void check_segment_name(const char *text)
{
	char again[SEGMENT_NAME_MAX];
	struct segment_name name;

	if (!segment_name_parse(&name, text))
		return;
	segment_name_format(again, &name);
	if (strcmp(again, text) != 0 || strpbrk(text, "/%\n") != NULL)
		abort();
}

static void check_manifest(const char *text, size_t len)
{
	static struct manifest first, second;
	struct strbuf written = STRBUF_INIT;
	struct dum_error err = {0};

	if (manifest_parse(&first, text, len, &err) == DUM_OK &&
	    manifest_format(&written, &first, &err) == DUM_OK &&
	    manifest_parse(&second, written.buf, written.len, &err) == DUM_OK &&
	    (strcmp(first.name, second.name) != 0 ||
	     first.stored_bytes != second.stored_bytes ||
	     manifest_is_proven(&first) != manifest_is_proven(&second)))
		abort();
	strbuf_release(&written);
}

static void check_request(const char *text)
{
	struct backup_request first, second;
	struct strbuf written = STRBUF_INIT;
	struct dum_error err = {0};

	if (backup_request_read(&first, text, &err) != DUM_OK)
		return;
	backup_request_write(&written, &first);
	if (backup_request_read(&second, written.buf, &err) != DUM_OK ||
	    strcmp(first.label, second.label) != 0 ||
	    strcmp(first.file, second.file) != 0 || first.level != second.level)
		abort();
	strbuf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	if (text == NULL)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'N')
		check_name(text);
	else if (data[0] == 'S')
		check_segment_name(text);
	else if (data[0] == 'M')
		check_manifest(text, size - 1);
	else
		check_request(text);
	free(text);
	return 0;
}
