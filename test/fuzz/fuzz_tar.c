/* A tar of small files; what is read says the same when it is written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tar_reader reader = {.data = (const char *)data, .len = size};
	struct strbuf again = STRBUF_INIT;
	struct tar_file file, same;
	bool any = true;

	while (tar_next(&file, &any, &reader, NULL) == DUM_OK && any) {
		struct tar_reader second;

		if (file.name[0] == '/' || strstr(file.name, "//") != NULL)
			abort();
		strbuf_reset(&again);
		/* A name that only fits without a slash to cut it at. */
		if (tar_add(&again, &file, NULL) != DUM_OK)
			continue;
		tar_end(&again);
		second = (struct tar_reader){.data = again.buf,
		                             .len = again.len};
		if (tar_next(&same, &any, &second, NULL) != DUM_OK || !any ||
		    strcmp(same.name, file.name) != 0 ||
		    same.mode != file.mode || same.len != file.len ||
		    memcmp(same.data, file.data, file.len) != 0)
			abort();
	}
	strbuf_release(&again);
	return 0;
}
