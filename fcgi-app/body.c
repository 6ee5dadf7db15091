#include "body.h"

#include <string.h>

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

/*
 * What the parser says stands before what it read there, which may be half a
 * password; only the name of a repeated member is told.
 */
static enum dum_status refuse_json(json_error_t *where, struct dum_error *err)
{
	char *near = strstr(where->text, " near '");
	char *name, *end;

	if (near != NULL) {
		*near = '\0';
		name = near + sizeof(" near '\"") - 1;
		end = strrchr(name, '"');
		if (json_error_code(where) == json_error_duplicate_key &&
		    end != NULL) {
			*end = '\0';
			return error_field(err, DUM_EINVAL, name,
			                   "%.60s is there twice", name);
		}
	}
	return error_set(err, DUM_EINVAL,
	                 "the body is not valid JSON: line %d, column %d: "
	                 "%.120s",
	                 where->line, where->column, where->text);
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
		return refuse_json(&where, err);
	return DUM_OK;
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

/* The members of one object. */
static enum dum_status read_object(struct member_value *values,
                                   const struct member *table, json_t *object,
                                   int64_t **ids, struct dum_error *err)
{
	enum dum_status status = reject_unknown(table, object, err);

	for (size_t i = 0; status == DUM_OK && table[i].name != NULL; i++) {
		const json_t *value = json_object_get(object, table[i].name);

		values[i] = (struct member_value){.given = value != NULL};
		if (value != NULL)
			status = member_read(&values[i], &table[i], value, ids,
			                     err);
		else if (table[i].required)
			status = error_field(err, DUM_EINVAL, table[i].name,
			                     "%s is missing", table[i].name);
	}
	return status;
}

enum dum_status body_read(struct member_value *values,
                          const struct member *table, struct request *req,
                          struct dum_error *err)
{
	enum dum_status status;

	req->in_body = true;
	status = parse(req, err);
	if (status != DUM_OK)
		return status;
	if (!json_is_object(req->json))
		return error_set(err, DUM_EINVAL,
		                 "the body must be one JSON object");
	return read_object(values, table, req->json, &req->ids, err);
}
