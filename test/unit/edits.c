#include "edits.h"

#include <stdio.h>

#include "store/cycle_setting.h"
#include "store/import.h"
#include "store/import_undo.h"
#include "store/location.h"
#include "store/summary.h"
#include "store/usage_batch.h"

enum { DAYS = 30 };

unsigned edits_draw(struct edits *w, unsigned below)
{
	w->number = w->number * 1664525u + 1013904223u;
	return (w->number >> 8) % below;
}

static struct date a_day(struct edits *w)
{
	return date_add((struct date){2020, 2, 20}, (int)edits_draw(w, DAYS));
}

static int64_t a_location(struct edits *w)
{
	return 1 + edits_draw(w, (unsigned)w->locations);
}

void edits_put_day(struct edits *w)
{
	enum usage_change change;
	struct dum_error err = {0};
	struct usage usage;

	assert_ok(usage_put(&usage, &change, w->f->db, a_day(w), a_location(w),
	                    edits_draw(w, 5), &err),
	          &err);
	if (edits_draw(w, 4) == 0)
		assert_ok(usage_delete(w->f->db, usage.id, &err), &err);
	else if (edits_draw(w, 4) == 0)
		assert_ok(usage_set(&usage, w->f->db, usage.id, 77, &err),
		          &err);
}

/* One day may be put in twice, and more than once within one entry. */
static void put_days(struct edits *w, int64_t import_id)
{
	struct usage_batch *batch = NULL;
	enum usage_change change;
	struct dum_error err = {0};

	assert_ok(usage_batch_open(&batch, w->f->db, import_id, &err), &err);
	for (unsigned n = 1 + edits_draw(w, 40); n > 0; n--)
		assert_ok(usage_batch_put(&change, batch, a_day(w),
		                          a_location(w), edits_draw(w, 9),
		                          USAGE_REPLACE, &err),
		          &err);
	assert_ok(usage_batch_finish(batch, &err), &err);
	usage_batch_free(batch);
}

void edits_add_location(struct edits *w)
{
	char name[32];
	struct location location;
	struct dum_error err = {0};

	snprintf(name, sizeof(name), "place-%lld", (long long)w->locations + 1);
	assert_ok(location_add(&location, w->f->db, name, NULL, &err), &err);
	w->locations = location.id;
}

static void import(struct edits *w)
{
	const struct import_record record = {.kind = "long_csv",
	                                     .file_name = "a \"b\".csv",
	                                     .file_hash = "00",
	                                     .options = "{\"a\":1}",
	                                     .counts = {.rows = 3}};
	struct dum_error err = {0};
	int64_t id = 0;

	assert_ok(import_start(&id, w->f->db, &record, &err), &err);
	put_days(w, id);
	assert_ok(import_finish(w->f->db, id, &record, &err), &err);
	w->imports = id;
}

/* What was touched since can not be taken back; then nothing is done. */
static bool undo(struct edits *w)
{
	struct import_undone undone;
	struct dum_error err = {0};

	return w->imports > 0 &&
	       import_undo(&undone, w->f->db, w->imports, &err) == DUM_OK;
}

static void put_summary(struct edits *w)
{
	struct summary wanted = {.start = {2020, 1, 13},
	                         .end = {2020, 2, 12},
	                         .location_id = a_location(w),
	                         .bytes = edits_draw(w, 3),
	                         .manual = edits_draw(w, 2) == 0};
	enum usage_change change;
	struct dum_error err = {0};
	struct summary summary;

	assert_ok(summary_put(&summary, &change, w->f->db, &wanted, &err),
	          &err);
}

static void put_setting(struct edits *w)
{
	const struct cycle_setting setting = {
	    .cycle_day = 1 + (int)edits_draw(w, 31),
	    .valid_from = {2021, 1, 1 + (int)edits_draw(w, 3)}};
	struct cycle_change change;
	struct dum_error err = {0};

	assert_ok(cycle_setting_put(&change, w->f->db,
	                            edits_draw(w, 2) == 0 ? 0 : a_location(w),
	                            &setting, 13, (struct date){2020, 12, 24},
	                            &err),
	          &err);
}

void edits_change_location(struct edits *w)
{
	char name[32];
	const struct location_change change = {
	    .name = edits_draw(w, 2) == 0 ? name : NULL,
	    .display_name = "Größe \"1\"",
	    .is_active = (int)edits_draw(w, 2)};
	struct location location;
	struct dum_error err = {0};

	snprintf(name, sizeof(name), "name-%u", w->number);
	assert_ok(
	    location_update(&location, w->f->db, a_location(w), &change, &err),
	    &err);
}

bool edits_any(struct edits *w)
{
	switch (edits_draw(w, 9)) {
	case 0:
		edits_add_location(w);
		return true;
	case 1:
		edits_change_location(w);
		return true;
	case 2:
		put_summary(w);
		return true;
	case 3:
		put_setting(w);
		return true;
	case 4:
		put_days(w, 0);
		return true;
	case 5:
		import(w);
		return true;
	case 6:
		return undo(w);
	default:
		edits_put_day(w);
		return true;
	}
}
