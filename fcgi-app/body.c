#include "body.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"

/* jansson's own limit of 2048 is deeper than anything here has to be. */
static bool too_deep(const struct strbuf *text)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < text->len; i++) {
		char c = text->buf[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > BODY_DEPTH_MAX)
				return true;
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	return false;
}

static enum dum_status parse(struct request *req, struct dum_error *err)
{
	json_error_t where;

	if (req->body.len == 0)
		return error_set(err, DUM_EINVAL,
		                 "the request needs a JSON body");
	if (too_deep(&req->body))
		return error_set(err, DUM_EINVAL,
		                 "the JSON is nested deeper than %d",
		                 BODY_DEPTH_MAX);
	req->json = json_loadb(req->body.buf, req->body.len,
	                       JSON_REJECT_DUPLICATES, &where);
	if (req->json == NULL)
		return error_set(err, DUM_EINVAL,
		                 "the body is not valid JSON: line %d, column "
		                 "%d: %.120s",
		                 where.line, where.column, where.text);
	if (!json_is_object(req->json))
		return error_set(err, DUM_EINVAL,
		                 "the body must be one JSON object");
	return DUM_OK;
}

/*
 * A double holds each number of up to 15 digits exactly enough that rounding
 * to whole bytes gives what was written, up to a million GB with 9 decimals.
 */
static enum dum_status read_gb(struct member_value *out, const char *name,
                               const json_t *value, int64_t max_gb,
                               struct dum_error *err)
{
	double gb;

	if (!json_is_number(value))
		return error_field(err, DUM_EINVAL, name, "%s must be a number",
		                   name);
	gb = json_number_value(value);
	if (!(gb >= 0) || gb > (double)max_gb)
		return error_field(err, DUM_EINVAL, name,
		                   "%s must be from 0 to %lld", name,
		                   (long long)max_gb);
	out->bytes = llround(gb * (double)BYTES_PER_GB);
	return DUM_OK;
}

static enum dum_status read_date(struct member_value *out, const char *name,
                                 const json_t *value, struct dum_error *err)
{
	if (!json_is_string(value) ||
	    !date_parse(&out->date, json_string_value(value),
	                json_string_length(value)))
		return error_field(err, DUM_EINVAL, name,
		                   "%s must be a day, written YYYY-MM-DD",
		                   name);
	return DUM_OK;
}

static enum dum_status read_member(struct member_value *out,
                                   const struct member *member,
                                   const json_t *value, int64_t max_gb,
                                   struct dum_error *err)
{
	const char *name = member->name;

	switch (member->type) {
	case MEMBER_TEXT:
		if (!json_is_string(value))
			return error_field(err, DUM_EINVAL, name,
			                   "%s must be a text", name);
		out->text = json_string_value(value);
		return DUM_OK;
	case MEMBER_BOOL:
		if (!json_is_boolean(value))
			return error_field(err, DUM_EINVAL, name,
			                   "%s must be true or false", name);
		out->yes = json_is_true(value);
		return DUM_OK;
	case MEMBER_ID:
		if (!json_is_integer(value) || json_integer_value(value) < 1)
			return error_field(err, DUM_EINVAL, name,
			                   "%s must be a positive whole number",
			                   name);
		out->id = json_integer_value(value);
		return DUM_OK;
	case MEMBER_DATE:
		return read_date(out, name, value, err);
	case MEMBER_GB:
		break;
	}
	return read_gb(out, name, value, max_gb, err);
}

static enum dum_status reject_unknown(const struct member *table,
                                      json_t *object, struct dum_error *err)
{
	void *at = json_object_iter(object);

	for (; at != NULL; at = json_object_iter_next(object, at)) {
		const char *key = json_object_iter_key(at);
		bool known = false;

		for (size_t i = 0; table[i].name != NULL; i++)
			known = known || strcmp(table[i].name, key) == 0;
		if (!known)
			return error_field(err, DUM_EINVAL, key,
			                   "there is no member '%.60s' here",
			                   key);
	}
	return DUM_OK;
}

enum dum_status body_read(struct member_value *values,
                          const struct member *table, struct request *req,
                          int64_t max_gb, struct dum_error *err)
{
	enum dum_status status = parse(req, err);

	if (status == DUM_OK)
		status = reject_unknown(table, req->json, err);
	for (size_t i = 0; status == DUM_OK && table[i].name != NULL; i++) {
		const json_t *value = json_object_get(req->json, table[i].name);

		values[i] = (struct member_value){.given = value != NULL};
		if (value != NULL)
			status = read_member(&values[i], &table[i], value,
			                     max_gb, err);
		else if (table[i].required)
			status = error_field(err, DUM_EINVAL, table[i].name,
			                     "%s is missing", table[i].name);
	}
	return status;
}
