#include "res/parts.h"

#include <stdio.h>

#include "access/confirm.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/location.h"

struct location_limit parts_limit(const struct member_value *locations)
{
	if (!locations->given || locations->is_null)
		return (struct location_limit){.count = -1};
	return (struct location_limit){.count = (int64_t)locations->id_count,
	                               .ids = locations->ids};
}

enum dum_status parts_check_location(struct app *app, int64_t id,
                                     struct dum_error *err)
{
	struct dum_error inner = {0};
	struct location location;
	enum dum_status status;

	status = location_get(&location, app->db, id, &inner);
	if (status == DUM_ENOTFOUND)
		return error_field(err, DUM_EINVAL, "location_id", "%s",
		                   inner.text);
	if (status != DUM_OK)
		return error_set(err, status, "%s", inner.text);
	return DUM_OK;
}

enum dum_status parts_enter_event(struct app *app, const char *name,
                                  const char *object, struct dum_error *err)
{
	struct journal_event event = {.name = name, .object = object};

	return journal_event(app->db, &event, err);
}

void parts_write_time(struct json_writer *w, const char *name, int64_t at)
{
	char text[CLOCK_TEXT_MAX];

	if (at == 0) {
		jsonw_member_null(w, name);
		return;
	}
	clock_format_utc(text, at);
	jsonw_member_string(w, name, text);
}

void parts_write_date(struct json_writer *w, const char *name, struct date date)
{
	char text[DATE_TEXT_MAX];

	if (date.year == 0) {
		jsonw_member_null(w, name);
		return;
	}
	date_format(text, date);
	jsonw_member_string(w, name, text);
}

void parts_write_coverage(struct json_writer *w, int64_t present,
                          int64_t expected)
{
	jsonw_key(w, "coverage");
	jsonw_object_begin(w);
	jsonw_member_int(w, "present", present);
	jsonw_member_int(w, "expected", expected);
	jsonw_object_end(w);
}

void parts_write_text(struct json_writer *w, const char *name, const char *text)
{
	if (*text == '\0')
		jsonw_member_null(w, name);
	else
		jsonw_member_string(w, name, text);
}

static enum dum_status add_location(void *arg, int64_t location_id,
                                    struct dum_error *err)
{
	(void)err;
	jsonw_int(arg, location_id);
	return DUM_OK;
}

enum dum_status parts_write_locations(struct json_writer *w, struct app *app,
                                      const char *kind, int64_t id,
                                      bool is_limited, struct dum_error *err)
{
	enum dum_status status;
	char grantee[32];

	if (!is_limited) {
		jsonw_member_null(w, "locations");
		return DUM_OK;
	}
	snprintf(grantee, sizeof(grantee), "%s:%lld", kind, (long long)id);
	jsonw_key(w, "locations");
	jsonw_array_begin(w);
	status = grant_each(app->db, grantee, add_location, w, err);
	jsonw_array_end(w);
	return status;
}

enum dum_status parts_confirm_password(struct app *app,
                                       const struct request *req,
                                       struct response *res,
                                       const char *password, const char *field,
                                       struct dum_error *err)
{
	struct origin who = app_origin(req);
	enum dum_status status;

	status = confirm_password(&res->retry_after_s, app->db, &who,
	                          req->caller.id, password, field, err);
	if (status == DUM_EAUTH)
		parts_log_refusal(req, "login failed", req->caller.name);
	return status;
}

void parts_log_refusal(const struct request *req, const char *what,
                       const char *username)
{
	struct strbuf name = STRBUF_INIT;

	for (const char *c = username; *c != '\0'; c++)
		strbuf_addc(&name, *c == '"' ? '\'' : *c);
	log_line(LOG_AT_WARNING, "%s: user \"%s\" from %s", what, name.buf,
	         req->address);
	strbuf_release(&name);
}
