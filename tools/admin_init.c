/* dum-admin init, migrate: what must be there before anything else works. */
#include <stdlib.h>
#include <string.h>

#include "admin_command.h"
#include "base/fsutil.h"
#include "crypto/secret_key.h"
#include "store/checkpoint.h"
#include "store/migrate.h"

/* A line for each thing, so that a second run shows that it did no harm. */
static void tell(const struct admin *admin, bool made, const char *what,
                 const char *path)
{
	if (!admin->json)
		printf("%-6s %-10s %s\n", made ? "made" : "kept", what, path);
}

static enum dum_status make_dir(const struct admin *admin, const char *what,
                                const char *path, struct dum_error *err)
{
	bool there = fs_exists(path);
	enum dum_status status = fs_make_dir(path, err);

	if (status == DUM_OK)
		tell(admin, !there, what, path);
	return status;
}

static enum dum_status make_parent(const struct admin *admin, const char *path,
                                   struct dum_error *err)
{
	char *parent = fs_parent(path);
	enum dum_status status = DUM_OK;

	if (parent == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	if (!fs_exists(parent))
		status = make_dir(admin, "folder", parent, err);
	free(parent);
	return status;
}

static enum dum_status make_key(const struct admin *admin,
                                struct dum_error *err)
{
	const char *path = admin->config.secret_key_file;
	struct dum_error inner = {0};
	struct secret_key key;
	enum dum_status status;

	/*
	 * A new key beside an old database would break its journal's chain: the
	 * key must come back, or the database go.
	 */
	if (!fs_exists(path) && fs_exists(admin->config.database_path))
		return error_set(err, DUM_ENOTFOUND,
		                 "the database %s is there but its secret key "
		                 "%s is not; put the key back",
		                 admin->config.database_path, path);
	status = secret_key_make(path, &inner);
	if (status == DUM_ECONFLICT) {
		status = secret_key_read(&key, path, "SECRET_KEY_FILE", err);
		if (status == DUM_OK)
			secret_key_wipe(&key);
		if (status == DUM_OK)
			tell(admin, false, "key", path);
		return status;
	}
	if (status == DUM_OK)
		tell(admin, true, "key", path);
	else
		error_set(err, status, "%s", inner.text);
	return status;
}

static enum dum_status make_database(struct admin *admin, struct dum_error *err)
{
	const char *path = admin->config.database_path;
	struct dum_error inner = {0};
	int from = 0, to = 0;
	enum dum_status status;
	bool made;

	status = db_create(&admin->db, &admin->config, &inner);
	made = status == DUM_OK;
	if (status == DUM_ECONFLICT)
		status = db_open_any_version(&admin->db, &admin->config, err);
	else if (status != DUM_OK)
		error_set(err, status, "%s", inner.text);
	if (status == DUM_OK)
		status = migrate(&from, &to, admin->db, &admin->who, err);
	if (status == DUM_OK)
		tell(admin, made, "database", path);
	/* A new database is whole in its own file; what is busy can wait. */
	if (status == DUM_OK && from != to)
		(void)!db_checkpoint(admin->db, &(struct dum_error){0});
	if (status == DUM_OK && !made && from != to && !admin->json)
		printf("schema version %d, was %d\n", to, from);
	return status;
}

enum dum_status admin_init(struct admin *admin, int *exit_out,
                           struct dum_error *err)
{
	const struct config *c = &admin->config;
	enum dum_status status;

	(void)exit_out;
	status = make_parent(admin, c->database_path, err);
	if (status == DUM_OK)
		status = make_dir(admin, "folder", c->database_backup_dir, err);
	if (status == DUM_OK)
		status = make_parent(admin, c->secret_key_file, err);
	if (status == DUM_OK)
		status = make_key(admin, err);
	if (status == DUM_OK)
		status = make_database(admin, err);
	if (status == DUM_OK && admin->json)
		printf("{\"schema_version\":%d}\n", migrate_newest());
	return status;
}

enum dum_status admin_migrate(struct admin *admin, int *exit_out,
                              struct dum_error *err)
{
	enum dum_status status;
	int from = 0, to = 0;

	(void)exit_out;
	status = db_open_any_version(&admin->db, &admin->config, err);
	if (status == DUM_OK)
		status = migrate(&from, &to, admin->db, &admin->who, err);
	if (status != DUM_OK)
		return status;
	if (admin->json)
		printf("{\"from\":%d,\"to\":%d}\n", from, to);
	else if (from == to)
		printf("schema version %d: nothing to do\n", to);
	else
		printf("schema version %d, was %d\n", to, from);
	return DUM_OK;
}
