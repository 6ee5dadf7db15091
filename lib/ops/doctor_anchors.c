/* Is the journal's end noted outside of it, and lately? */
#include <string.h>

#include "base/fsutil.h"
#include "ops/doctor_parts.h"
#include "store/journal_anchor.h"

enum {
	ANCHOR_AGE_MAX_S = 3 * 86400, /* one a day; a day off is no alarm */
	FILE_BYTES_MAX = 16 << 20     /* three centuries of them */
};

/* The newest of the file; its id is 0 where there is none. */
static enum dum_status read_newest(struct journal_anchor *newest,
                                   const char *path, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	status = fs_read_file(&text, path, FILE_BYTES_MAX, err);
	for (const char *at = text.buf; status == DUM_OK && *at != '\0';) {
		size_t len = strcspn(at, "\n");
		struct journal_anchor anchor;

		if (journal_anchor_parse(&anchor, at, len) &&
		    strcmp(anchor.at, newest->at) > 0)
			*newest = anchor;
		at += len + (at[len] == '\n');
	}
	strbuf_release(&text);
	return status;
}

void doctor_anchors(const struct config *config, const struct finder *to)
{
	const char *path = config->audit_anchor_file;
	struct journal_anchor newest = {.id = 0};
	char least[CLOCK_TEXT_MAX];
	struct dum_error err = {0};
	enum dum_status status;
	struct finding f;

	status = read_newest(&newest, path, &err);
	if (status != DUM_OK && status != DUM_ENOTFOUND) {
		finding_error(to, "anchors", &err,
		              "the anchors could not be read");
		return;
	}
	clock_format_utc(least, clock_now() - ANCHOR_AGE_MAX_S);
	if (newest.id == 0)
		finding_set(&f, FINDING_WARNING, "anchors",
		            "the journal has no anchor in %s: that its end was "
		            "cut off would not show",
		            path);
	else if (strcmp(newest.at, least) < 0)
		finding_set(&f, FINDING_WARNING, "anchors",
		            "the newest anchor in %s is of %s", path,
		            newest.at);
	else {
		finding_ok(to, "anchors", "the journal was last anchored at %s",
		           newest.at);
		return;
	}
	finding_advise(to, &f, "let cron run: dum-admin audit anchor");
}
