#include "ops/doctor.h"

#include "base/fsutil.h"
#include "ops/doctor_parts.h"
#include "ops/file_check.h"
#include "store/migrate.h"

static void check_there(const struct config *config, const struct finder *to)
{
	struct finding f;

	if (fs_exists(config->secret_key_file))
		return;
	finding_set(&f, FINDING_PROBLEM, "secret_key",
	            "the secret key %s is not there, or in a folder that is "
	            "closed to this user: nothing can be changed without it",
	            config->secret_key_file);
	finding_advise(to, &f,
	               "put it back from a copy; only where there "
	               "is no database yet: dum-admin init");
}

/* NULL: it could not be opened, which has been told. */
static struct db *open_database(const struct config *config,
                                const struct finder *to)
{
	struct dum_error err = {0};
	struct db *db = NULL;

	if (db_open(&db, config, &err) == DUM_OK)
		return db;
	finding_error(to, "database", &err,
	              err.status == DUM_EDAMAGED
	                  ? "stop the service, keep the file, and restore the "
	                    "newest backup that verifies"
	                  : "nothing that needs the database was looked at");
	return NULL;
}

void doctor(const struct config *config, const char *config_path,
            const struct finder *to)
{
	struct db *db;

	file_check(config, config_path, to);
	check_there(config, to);
	file_check_kept(config, to);
	doctor_disk(config, to);
	doctor_copies(config, to);
	doctor_tools(config, to);
	doctor_engine(to);
	db = open_database(config, to);
	if (db != NULL)
		doctor_database(db, to);
	doctor_clock(config, db, to);
	if (db != NULL)
		doctor_accounts(config, db, to);
	doctor_settings(config, to);
	doctor_anchors(config, to);
	db_free(db);
}
