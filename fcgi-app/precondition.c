#include "precondition.h"

#include <stdio.h>
#include <string.h>

#include "answer_tag.h"
#include "problem.h"
#include "store/data_state.h"
#include "store/system_info.h"
#include "store/version.h"

static enum dum_status make_tag(char out[static ANSWER_TAG_MAX],
                                const struct app *app, const char *kind,
                                const char *text, struct dum_error *err)
{
	struct data_state state = {.timeline = 0};
	struct strbuf all = STRBUF_INIT;
	char hash[HASH_HEX_MAX];
	enum dum_status status;

	status = data_state_now(&state, app->db, err);
	if (status == DUM_OK)
		status = system_info_get(&all, app->db, "database_id", err);
	strbuf_addf(&all, "\n%lld\n%s\n%s", (long long)state.timeline, kind,
	            text);
	if (status == DUM_OK && !strbuf_ok(&all))
		status = error_set(err, DUM_ENOMEM, "out of memory");
	if (status == DUM_OK)
		status = hash_sha256_hex(hash, all.buf, all.len, err);
	if (status == DUM_OK)
		snprintf(out, ANSWER_TAG_MAX, "%.*s", (int)ANSWER_TAG_MAX - 1,
		         hash);
	strbuf_release(&all);
	return status;
}

enum dum_status precondition_usage_tag(char out[static ANSWER_TAG_MAX],
                                       const struct app *app,
                                       const struct usage *usage,
                                       const struct location *location,
                                       struct dum_error *err)
{
	char of_day[VERSION_MAX], of_location[VERSION_MAX];
	char both[sizeof(of_day) + sizeof(of_location)];
	enum dum_status status;

	status = usage_version(of_day, usage, err);
	if (status == DUM_OK)
		status = location_version(of_location, location, err);
	if (status != DUM_OK)
		return status;
	snprintf(both, sizeof(both), "%s %s", of_day, of_location);
	return make_tag(out, app, "usage", both, err);
}

enum dum_status precondition_location_tag(char out[static ANSWER_TAG_MAX],
                                          const struct app *app,
                                          const struct location *location,
                                          struct dum_error *err)
{
	char version[VERSION_MAX];
	enum dum_status status = location_version(version, location, err);

	if (status != DUM_OK)
		return status;
	return make_tag(out, app, "location", version, err);
}

enum dum_status precondition_summary_tag(char out[static ANSWER_TAG_MAX],
                                         const struct app *app,
                                         const struct summary *summary,
                                         struct dum_error *err)
{
	char version[VERSION_MAX];
	enum dum_status status = summary_version(version, summary, err);

	if (status != DUM_OK)
		return status;
	return make_tag(out, app, "summary", version, err);
}

enum dum_status precondition_text_tag(char out[static ANSWER_TAG_MAX],
                                      const struct app *app, const char *kind,
                                      const struct strbuf *text,
                                      struct dum_error *err)
{
	if (!strbuf_ok(text))
		return error_set(err, DUM_ENOMEM, "out of memory");
	return make_tag(out, app, kind, text->buf, err);
}

/*
 * A weak tag will do: nginx makes a tag weak where it compresses the answer,
 * and the tag names a state of the record, not the bytes that were sent.
 */
bool precondition_holds(const struct request *req, struct response *res,
                        const char *tag)
{
	const char *wanted = req->headers.if_match;

	if (*wanted == '\0' ||
	    (tag != NULL &&
	     (strcmp(wanted, "*") == 0 || answer_tag_matches(wanted, tag))))
		return true;
	problem_http(res, req, 412,
	             "The record was changed since; read it again and decide "
	             "anew.");
	return false;
}

void precondition_answer(const struct request *req, struct response *res)
{
	const char *known = req->headers.if_none_match;

	if (strcmp(known, "*") == 0 || answer_tag_matches(known, res->tag))
		response_not_modified(res);
}
