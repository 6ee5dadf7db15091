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

static enum dum_status refuse_depth(struct dum_error *err)
{
	return error_set(err, DUM_EINVAL, "the JSON is nested deeper than %d",
	                 BODY_DEPTH_MAX);
}

static enum dum_status parse(struct request *req, struct dum_error *err)
{
	json_error_t where;

	if (req->body.len == 0)
		return error_set(err, DUM_EINVAL,
		                 "the request needs a JSON body");
	if (too_deep(&req->body))
		return refuse_depth(err);
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

/* The members of one object, which is req->json. */
static enum dum_status read_object(struct member_value *values,
                                   const struct member *table,
                                   struct request *req, struct dum_error *err)
{
	enum dum_status status = reject_unknown(table, req->json, err);

	for (size_t i = 0; status == DUM_OK && table[i].name != NULL; i++) {
		struct member member = table[i];
		const json_t *value = json_object_get(req->json, member.name);

		if (member.is_of_day && req->max_daily_gb < member.max)
			member.max = req->max_daily_gb;
		values[i] = (struct member_value){.given = value != NULL};
		if (value != NULL)
			status = member_read(&values[i], &member, value,
			                     &req->ids, err);
		else if (member.required)
			status = error_field(err, DUM_EINVAL, member.name,
			                     "%s is missing", member.name);
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
	return read_object(values, table, req, err);
}

/* What JSON has between values. */
static void skip_blanks(struct body_items *items)
{
	const struct strbuf *body = &items->req->body;

	while (items->at < body->len &&
	       strchr(" \t\r\n", body->buf[items->at]) != NULL &&
	       body->buf[items->at] != '\0')
		items->at++;
}

/* The next character that counts; 0 at the end. */
static char peek(struct body_items *items)
{
	skip_blanks(items);
	return items->at < items->req->body.len
	           ? items->req->body.buf[items->at]
	           : '\0';
}

bool body_is_array(const struct request *req)
{
	/* It looks, and writes nothing. */
	struct body_items items = {.req = (struct request *)req};

	return peek(&items) == '[';
}

static enum dum_status refuse_array(struct body_items *items,
                                    struct dum_error *err)
{
	items->req->in_item = 0;
	return error_set(err, DUM_EINVAL,
	                 "the body is not valid JSON: after %d items of its "
	                 "array",
	                 items->count);
}

/* Go over what stands before an item; false: there is none, or an error. */
static bool step(struct body_items *items, enum dum_status *status,
                 struct dum_error *err)
{
	bool first = items->count == 0;
	char c = peek(items);

	items->at++;
	if (c == (first ? '[' : ',')) {
		if (!first || peek(items) != ']')
			return true;
		*status = error_set(err, DUM_EINVAL,
		                    "the array is empty; it has 1 to %d items",
		                    BODY_ITEMS_MAX);
		return false;
	}
	skip_blanks(items);
	if (c != ']' || items->at < items->req->body.len)
		*status = refuse_array(items, err);
	return false;
}

static enum dum_status parse_item(struct body_items *items,
                                  struct dum_error *err)
{
	struct request *req = items->req;
	json_error_t where;

	json_decref(req->json);
	req->json = json_loadb(
	    req->body.buf + items->at, req->body.len - items->at,
	    JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY,
	    &where);
	if (req->json == NULL)
		return refuse_json(&where, err);
	items->at += (size_t)where.position;
	if (!json_is_object(req->json))
		return error_set(err, DUM_EINVAL,
		                 "element %d of the array is no object",
		                 items->count - 1);
	return DUM_OK;
}

bool body_next(struct member_value *values, struct body_items *items,
               const struct member *table, enum dum_status *status,
               struct dum_error *err)
{
	if (items->count == 0 && too_deep(&items->req->body))
		*status = refuse_depth(err);
	if (*status != DUM_OK || !step(items, status, err)) {
		items->req->in_item = 0;
		return false;
	}
	if (items->count == BODY_ITEMS_MAX) {
		items->req->in_item = 0;
		*status = error_set(err, DUM_EINVAL,
		                    "the array has more than %d items",
		                    BODY_ITEMS_MAX);
		return false;
	}
	items->req->in_item = ++items->count;
	*status = parse_item(items, err);
	if (*status == DUM_OK)
		*status = read_object(values, table, items->req, err);
	return *status == DUM_OK;
}
