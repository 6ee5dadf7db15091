#include "openapi_schema.h"

#define DATE_PATTERN "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
#define TIME_PATTERN                           \
	"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}" \
	":[0-9]{2}:[0-9]{2}Z$"
#define FILE_PATTERN                           \
	"^data_usage_backup_[0-9]{8}_[0-9]{6}" \
	"(_[A-Za-z0-9-]{1,40})?(_[0-9]{1,6})?" \
	"\\.db(\\.gz)?(\\.enc)?$"

static json_t *enum_schema(const char *const *choices)
{
	json_t *list = json_array();

	for (int i = 0; choices[i] != NULL; i++)
		(void)json_array_append_new(list, json_string(choices[i]));
	return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *text_schema(int64_t min, int64_t max)
{
	return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength",
	                 (json_int_t)min, "maxLength", (json_int_t)max);
}

static json_t *int_schema(int64_t min, int64_t max)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
	                 (json_int_t)min, "maximum", (json_int_t)max);
}

static json_t *pattern_schema(const char *format, const char *pattern)
{
	return json_pack("{s:s, s:s, s:s}", "type", "string", "format", format,
	                 "pattern", pattern);
}

static json_t *list_schema(json_t *items, int64_t min, int64_t max)
{
	json_t *list = json_pack("{s:s, s:o, s:b, s:I}", "type", "array",
	                         "items", items, "uniqueItems", 1, "minItems",
	                         (json_int_t)min);

	if (max > 0)
		(void)json_object_set_new(list, "maxItems", json_integer(max));
	return list;
}

static json_t *id_schema(void)
{
	return json_pack("{s:s, s:i}", "type", "integer", "minimum", 1);
}

json_t *openapi_param(const struct param *p, const json_t *given)
{
	const json_t *shown = json_object_get(given, "default");
	json_t *schema = NULL, *initial = NULL;

	switch (p->type) {
	case PARAM_INT:
		schema = int_schema(p->min, p->max);
		if (p->initial != 0)
			initial = json_integer(p->initial);
		break;
	case PARAM_BOOL:
		schema = json_pack("{s:s}", "type", "boolean");
		initial = json_boolean(p->initial != 0);
		break;
	case PARAM_DATE:
		schema = pattern_schema("date", DATE_PATTERN);
		break;
	case PARAM_TEXT:
		schema = text_schema(1, p->max);
		break;
	case PARAM_CHOICE:
		/* Where none is given, that may be no choice at all. */
		schema = enum_schema(p->choices);
		if (shown != NULL)
			initial = json_string(p->choices[p->initial]);
		break;
	}
	if (initial != NULL)
		(void)json_object_set_new(schema, "default", initial);
	return schema;
}

static json_t *member_type_schema(const struct member *m)
{
	json_t *schema = NULL;

	switch (m->type) {
	case MEMBER_TEXT:
		return text_schema(m->min, m->max);
	case MEMBER_SECRET:
		schema = text_schema(m->min, m->max);
		(void)json_object_set_new(schema, "format",
		                          json_string("password"));
		return schema;
	case MEMBER_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case MEMBER_INT:
		return int_schema(m->min, m->max);
	case MEMBER_ID:
		return id_schema();
	case MEMBER_IDS:
		return list_schema(id_schema(), m->min, m->max);
	case MEMBER_CHOICE:
		return enum_schema(m->choices);
	case MEMBER_CHOICES:
		return list_schema(enum_schema(m->choices), 1, 0);
	case MEMBER_DATE:
		return pattern_schema("date", DATE_PATTERN);
	case MEMBER_TIME:
		return pattern_schema("date-time", TIME_PATTERN);
	case MEMBER_GB:
		break;
	}
	schema = int_schema(0, m->max);
	(void)json_object_set_new(schema, "type", json_string("number"));
	return schema;
}

json_t *openapi_member(const struct member *m)
{
	json_t *schema = member_type_schema(m), *type;

	if (m->nullable) {
		type = json_incref(json_object_get(schema, "type"));
		(void)json_object_set_new(schema, "type",
		                          json_pack("[o, s]", type, "null"));
	}
	return schema;
}

json_t *openapi_id(void)
{
	return int_schema(1, PARAM_ID_MAX);
}

json_t *openapi_file(void)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern",
	                 FILE_PATTERN);
}
