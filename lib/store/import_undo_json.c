#include "store/import_undo.h"

void import_undone_json(struct json_writer *w, int64_t id,
                        const struct import_undone *u)
{
	jsonw_object_begin(w);
	jsonw_member_int(w, "import_id", id);
	jsonw_member_int(w, "removed", u->removed);
	jsonw_member_int(w, "restored", u->restored);
	jsonw_member_int(w, "summaries_removed", u->summaries_removed);
	jsonw_member_int(w, "summaries_restored", u->summaries_restored);
	jsonw_member_int(w, "locations_removed", u->locations_removed);
	jsonw_member_int(w, "locations_left", u->locations_left);
	jsonw_key(w, "touched");
	jsonw_array_begin(w);
	for (int i = 0; i < u->touched && i < IMPORT_TOUCHED_MAX; i++) {
		jsonw_object_begin(w);
		jsonw_member_string(w, "date", u->first[i].date);
		jsonw_member_string(w, "location", u->first[i].location);
		jsonw_member_bool(w, "summary", u->first[i].summary);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_member_int(w, "touched_total", u->touched);
	jsonw_object_end(w);
}
