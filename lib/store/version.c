/* Eight bytes of a SHA-256 are enough: nobody gains by forging a version. */
#include "store/version.h"

#include "base/strbuf.h"
#include "crypto/hash.h"

/* Fields end with a character that no printable text has. */
#define END "\x1f"

static enum dum_status finish(char out[static VERSION_MAX], struct strbuf *text,
                              struct dum_error *err)
{
	unsigned char raw[HASH_BYTES];
	enum dum_status status;

	if (strbuf_ok(text))
		status = hash_sha256(raw, text->buf, text->len, err);
	else
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		hex_write(out, raw, (VERSION_MAX - 1) / 2);
	strbuf_release(text);
	return status;
}

enum dum_status usage_version(char out[static VERSION_MAX],
                              const struct usage *usage, struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char date[DATE_TEXT_MAX];

	date_format(date, usage->date);
	strbuf_addf(
	    &text,
	    "usage" END "%lld" END "%s" END "%lld" END "%lld" END "%s" END "%s",
	    (long long)usage->id, date, (long long)usage->location_id,
	    (long long)usage->bytes, usage->created_at, usage->updated_at);
	return finish(out, &text, err);
}

enum dum_status location_version(char out[static VERSION_MAX],
                                 const struct location *location,
                                 struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(
	    &text, "location" END "%lld" END "%s" END "%s" END "%d" END "%s",
	    (long long)location->id, location->name, location->display_name,
	    location->is_active, location->created_at);
	return finish(out, &text, err);
}

enum dum_status summary_version(char out[static VERSION_MAX],
                                const struct summary *summary,
                                struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char start[DATE_TEXT_MAX], end[DATE_TEXT_MAX];

	date_format(start, summary->start);
	date_format(end, summary->end);
	strbuf_addf(&text,
	            "summary" END "%lld" END "%s" END "%s" END "%lld" END
	            "%lld" END "%d" END "%s" END "%s",
	            (long long)summary->id, start, end,
	            (long long)summary->location_id, (long long)summary->bytes,
	            summary->manual, summary->created_at, summary->updated_at);
	return finish(out, &text, err);
}
