#ifndef DUM_STORE_CYCLE_SETTING_H
#define DUM_STORE_CYCLE_SETTING_H
/*
 * cycle_setting - the cycle day over time, as it is stored: for all, and for
 * locations that have their own.
 */
#include "calc/cycle.h"
#include "store/db.h"

/* Owns the settings that .plan points to; end with cycle_settings_release(). */
struct cycle_settings {
	struct cycle_plan plan;
	struct cycle_setting *list;
	size_t own; /* the last so many are the location's own */
};

/*
 * The plan of a location, or that for all when location_id is 0 or it has none
 * of its own. Before a location's first setting the plan for all holds, and so
 * a setting never moves the cycles before it. first_day (of the configuration)
 * holds until the first setting for all.
 */
DUM_MUST_CHECK enum dum_status cycle_settings_load(struct cycle_settings *out,
                                                   struct db *db,
                                                   int64_t location_id,
                                                   int first_day,
                                                   struct dum_error *err);
void cycle_settings_release(struct cycle_settings *settings);

/* A setting as it is stored. */
struct cycle_setting_row {
	int64_t id;
	int64_t location_id; /* 0: for all that have none of their own */
	struct cycle_setting setting;
};

typedef enum dum_status (*cycle_setting_fn)(void *arg,
                                            const struct cycle_setting_row *row,
                                            struct dum_error *err);

/*
 * Those that cycle_settings_load() makes the plan of a location of, or with
 * location_id 0 all there are; by valid_from.
 */
DUM_MUST_CHECK enum dum_status cycle_setting_each(struct db *db,
                                                  int64_t location_id,
                                                  cycle_setting_fn fn,
                                                  void *arg,
                                                  struct dum_error *err);

/* DUM_ENOTFOUND. */
DUM_MUST_CHECK enum dum_status cycle_setting_get(struct cycle_setting_row *out,
                                                 struct db *db, int64_t id,
                                                 struct dum_error *err);

/* What a setting does to the cycles around it. */
struct cycle_change {
	struct cycle last;  /* of the old day */
	struct cycle first; /* of the new day */
	bool is_stub;       /* last was cut short */
};

enum { CYCLE_PREVIEW_MAX = 8 };

struct cycle_preview {
	struct cycle_change change;
	bool holds; /* cycle_setting_holds(): .change.first comes about */
	/*
	 * One after the other: the cycle before .change.last, that one, and
	 * .change.first; or what settings after this one make of them.
	 */
	struct cycle cycles[CYCLE_PREVIEW_MAX];
	bool stubs[CYCLE_PREVIEW_MAX]; /* which of them are cut short */
	int count;
};

/*
 * What cycle_setting_put() would do, of which nothing is stored; it takes and
 * refuses the same.
 */
DUM_MUST_CHECK enum dum_status cycle_setting_preview(
    struct cycle_preview *out, struct db *db, int64_t location_id,
    const struct cycle_setting *setting, int first_day, struct date today,
    struct dum_error *err);

/*
 * Let cycles start on cycle_day from valid_from on, for a location or, with
 * location_id 0, for all that have none of their own; inside db_begin(). One
 * that is there for the same day is replaced. Cycles that are over stay as
 * they were, so valid_from is not before the start of the cycle that holds
 * today (unless that setting is there already), nor more than ten years ahead.
 * DUM_EINVAL with field "cycle_day", "valid_from" or "location_id".
 */
DUM_MUST_CHECK enum dum_status cycle_setting_put(
    struct cycle_preview *out, struct db *db, int64_t location_id,
    const struct cycle_setting *setting, int first_day, struct date today,
    struct dum_error *err);

/*
 * Take a setting away as if it had never been made; inside db_begin(). A
 * location whose last own one it was goes by those for all again.
 * DUM_ENOTFOUND. DUM_ECONFLICT: without it, cycles that are over or the start
 * of the one that runs would have been others.
 */
DUM_MUST_CHECK enum dum_status cycle_setting_delete(struct db *db, int64_t id,
                                                    int first_day,
                                                    struct date today,
                                                    struct dum_error *err);

#endif
