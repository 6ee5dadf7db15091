#include "backup/backup_request.h"

#include <jansson.h>
#include <string.h>

#include "backup/verify.h"
#include "base/json_writer.h"

void backup_request_write(struct strbuf *out,
                          const struct backup_request *request)
{
	struct json_writer w = {.out = out};

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "label", request->label);
	jsonw_member_string(&w, "file", request->file);
	jsonw_member_int(&w, "level", request->level);
	jsonw_object_end(&w);
}

/* Names are checked again: the row may have been written by anybody. */
static bool fits(const char *label, const char *file, json_int_t level)
{
	struct backup_name parsed;

	return (*label == '\0' || backup_label_ok(label)) &&
	       (*file == '\0' || backup_name_parse(&parsed, file)) &&
	       level >= 0 && level <= VERIFY_LEVEL_MAX;
}

enum dum_status backup_request_read(struct backup_request *out,
                                    const char *text, struct dum_error *err)
{
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct backup_request request = {.level = 0};
	const char *label = "", *file = "";
	json_int_t level = 0;
	bool good;

	good = json_unpack(root, "{s:s, s:s, s:I !}", "label", &label, "file",
	                   &file, "level", &level) == 0 &&
	       fits(label, file, level);
	if (good) {
		memcpy(request.label, label, strlen(label));
		memcpy(request.file, file, strlen(file));
		request.level = (int)level;
	}
	json_decref(root);
	if (!good)
		return error_set(err, DUM_EDAMAGED,
		                 "what the job is to do can not be read");
	*out = request;
	return DUM_OK;
}
