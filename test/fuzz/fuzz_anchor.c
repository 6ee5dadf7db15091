/* A line of the file of anchors; what is read says the same when written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/journal_anchor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal_anchor anchor, again;
	struct strbuf line = STRBUF_INIT;

	if (!journal_anchor_parse(&anchor, (const char *)data, size))
		return 0;
	journal_anchor_format(&line, &anchor);
	if (!journal_anchor_parse(&again, line.buf, line.len) ||
	    again.id != anchor.id || strcmp(again.at, anchor.at) != 0 ||
	    strcmp(again.key_id, anchor.key_id) != 0 ||
	    memcmp(again.mac, anchor.mac, sizeof(again.mac)) != 0)
		abort();
	strbuf_release(&line);
	return 0;
}
