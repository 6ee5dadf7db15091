/* Is the journal's end noted outside of it, and lately? */
#include <string.h>

#include "base/fsutil.h"
#include "ops/anchor.h"
#include "ops/doctor_parts.h"

/* One is made every day; a day off is no cause for alarm. */
enum { ANCHOR_AGE_MAX_S = 3 * 86400 };

static enum dum_status take_newest(void *arg, int line,
                                   const struct anchor *anchor,
                                   struct dum_error *err)
{
	struct anchor *newest = arg;

	(void)line;
	(void)err;
	if (anchor != NULL && strcmp(anchor->at, newest->at) > 0)
		*newest = *anchor;
	return DUM_OK;
}

void doctor_anchors(const struct config *config, const struct finder *to)
{
	const char *path = config->audit_anchor_file;
	struct anchor newest = {.id = 0};
	char least[CLOCK_TEXT_MAX];
	struct dum_error err = {0};
	enum dum_status status;
	struct finding f;

	status = anchor_each(path, take_newest, &newest, &err);
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
