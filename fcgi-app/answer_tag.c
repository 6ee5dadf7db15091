#include "answer_tag.h"

#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "store/data_state.h"
#include "store/grant.h"
#include "store/system_info.h"

enum dum_status answer_tag_base(char out[static HASH_HEX_MAX], struct db *db,
                                const struct config *config,
                                struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	enum dum_status status;

	strbuf_addf(&text, "%s\n", DUM_VERSION);
	for (const struct config_key *key = config_keys; key->name; key++) {
		config_value(&text, config, key);
		strbuf_addc(&text, '\n');
	}
	status = system_info_get(&text, db, "database_id", err);
	if (status == DUM_OK && !strbuf_ok(&text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = hash_sha256_hex(out, text.buf, text.len, err);
	strbuf_release(&text);
	return status;
}

static enum dum_status add_id(void *arg, int64_t id, struct dum_error *err)
{
	struct strbuf *text = arg;

	(void)err;
	strbuf_addi(text, id);
	strbuf_addc(text, ',');
	return DUM_OK;
}

/* The locations themselves: a limit can change, and the data stay. */
static enum dum_status add_visibility(struct strbuf *text,
                                      const struct app *app,
                                      const struct request *req,
                                      struct dum_error *err)
{
	if (*req->caller.viewer == '\0') {
		strbuf_adds(text, "all\n");
		return DUM_OK;
	}
	strbuf_adds(text, "of ");
	return grant_each(app->db, req->caller.viewer, add_id, text, err);
}

enum dum_status answer_tag_make(char out[static ANSWER_TAG_MAX],
                                const struct app *app,
                                const struct request *req,
                                struct dum_error *err)
{
	struct date today = app_today(app);
	struct strbuf text = STRBUF_INIT;
	struct data_state state = {0};
	char hash[HASH_HEX_MAX];
	enum dum_status status;

	status = data_state_now(&state, app->db, err);
	if (status != DUM_OK)
		return status;
	strbuf_addf(&text, "%s\n%lld %lld\n%d-%d-%d\n", app->base_digest,
	            (long long)state.timeline, (long long)state.generation,
	            today.year, today.month, today.day);
	status = add_visibility(&text, app, req, err);
	strbuf_addf(&text, "\n%s%s?%s", req->as_csv ? "csv " : "", req->path,
	            req->query);
	if (status == DUM_OK && !strbuf_ok(&text))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = hash_sha256_hex(hash, text.buf, text.len, err);
	if (status == DUM_OK)
		snprintf(out, ANSWER_TAG_MAX, "%.*s", (int)ANSWER_TAG_MAX - 1,
		         hash);
	strbuf_release(&text);
	return status;
}

bool answer_tag_matches(const char *if_none_match, const char *tag)
{
	size_t len = strlen(tag);

	for (const char *p = if_none_match; *p != '\0';) {
		p += strspn(p, " \t,");
		if (strncmp(p, "W/", 2) == 0)
			p += 2;
		if (*p != '"')
			return false;
		p++;
		if (strncmp(p, tag, len) == 0 && p[len] == '"')
			return true;
		p += strcspn(p, "\"");
		p += *p == '"';
	}
	return false;
}
