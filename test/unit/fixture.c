#include "fixture.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/secret_key.h"
#include "store/migrate.h"

const char *fixture_path(struct fixture *f, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct dum_error err = {0};
	int from = -1, to = -1;

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/dum-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->who = (struct origin){.actor = "tester", .source = "test"};
	assert_ok(config_init(&f->config, &err), &err);
	assert_ok(config_set(&f->config, "DATABASE_PATH", "data_usage.db",
	                     f->dir, &err),
	          &err);
	assert_ok(config_set(&f->config, "SECRET_KEY_FILE", "secret.key",
	                     f->dir, &err),
	          &err);
	assert_ok(config_set(&f->config, "AUDIT_ANCHOR_FILE", "anchors.log",
	                     f->dir, &err),
	          &err);
	assert_ok(secret_key_make(f->config.secret_key_file, &err), &err);
	assert_ok(db_create(&f->db, &f->config, &err), &err);
	assert_ok(migrate(&from, &to, f->db, &f->who, &err), &err);
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	db_free(f->db);
	config_release(&f->config);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

int64_t fixture_time;

int64_t fixture_clock(void)
{
	return fixture_time;
}

void fixture_stop_clock(struct fixture *f, int64_t at)
{
	fixture_time = at;
	db_use_clock(f->db, fixture_clock);
}

static sqlite3 *connect_raw(struct fixture *f)
{
	sqlite3 *raw = NULL;

	assert_int_equal(sqlite3_open(f->config.database_path, &raw),
	                 SQLITE_OK);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_exec(raw, "PRAGMA wal_autocheckpoint = 0", NULL, NULL, NULL);
	return raw;
}

int64_t fixture_number(struct fixture *f, const char *sql)
{
	sqlite3 *raw = connect_raw(f);
	sqlite3_stmt *statement = NULL;
	int64_t n;

	if (sqlite3_prepare_v2(raw, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(raw));
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	n = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(raw);
	return n;
}

void fixture_exec(struct fixture *f, const char *sql)
{
	sqlite3 *raw = connect_raw(f);

	if (sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(raw));
	sqlite3_close(raw);
}
