#ifndef DUM_STORE_CYCLE_SETTING_H
#define DUM_STORE_CYCLE_SETTING_H
/* cycle_setting - the cycle day over time, as it is stored. */
#include "calc/cycle.h"
#include "store/db.h"

/* Owns the settings that .plan points to; end with cycle_settings_release(). */
struct cycle_settings {
	struct cycle_plan plan;
	struct cycle_setting *list;
};

/*
 * The plan of a location, or that of all when location_id is 0 or it has none
 * of its own. first_day (of the configuration) holds until the first setting.
 */
DUM_MUST_CHECK enum dum_status cycle_settings_load(struct cycle_settings *out,
                                                   struct db *db,
                                                   int64_t location_id,
                                                   int first_day,
                                                   struct dum_error *err);
void cycle_settings_release(struct cycle_settings *settings);

#endif
