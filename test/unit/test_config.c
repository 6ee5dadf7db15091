/* Unit tests of config/config.h: the table, the file, the environment. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tempdir.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int setup(void **state)
{
	struct config *config = calloc(1, sizeof(*config));
	struct dum_error err = {0};

	for (const struct config_key *key = config_keys; key->name; key++)
		unsetenv(key->name);
	assert_non_null(config);
	assert_ok(config_init(config, &err), &err);
	*state = config;
	return 0;
}

static int teardown(void **state)
{
	config_release(*state);
	free(*state);
	return 0;
}

static enum dum_status read_text(struct config *config, const char *text,
                                 struct dum_error *err)
{
	return config_read_text(config, text, strlen(text), "/etc/dum", err);
}

static void the_defaults_are_those_of_the_table(void **state)
{
	const struct config *c = *state;
	struct strbuf value = STRBUF_INIT;

	assert_string_equal(c->database_path,
	                    "/var/lib/data-usage-monitor/data_usage.db");
	assert_string_equal(c->cors_origins, "");
	assert_string_equal(c->sqlite_synchronous, "FULL");
	assert_string_equal(c->timezone, "UTC");
	assert_int_equal(c->billing_cycle_day, 13);
	assert_int_equal(c->max_daily_gb, 10000);
	assert_int_equal(c->sqlite_busy_timeout, 2000);
	assert_int_equal(c->backup_retention_days, 30);
	assert_int_equal(c->backup_max_count, 50);
	assert_true(c->backup_compression);
	for (const struct config_key *key = config_keys; key->name; key++) {
		strbuf_reset(&value);
		config_value(&value, c, key);
		assert_string_equal(value.buf, key->initial);
		assert_true(strlen(key->help) > 5);
		assert_ptr_equal(config_key_find(key->name), key);
	}
	strbuf_release(&value);
}

static const struct {
	const char *text, *key, *value;
} lines[] = {
    {"LOG_LEVEL=DEBUG", "LOG_LEVEL", "DEBUG"},
    {"LOG_LEVEL=DEBUG\n", "LOG_LEVEL", "DEBUG"},
    {"LOG_LEVEL=DEBUG\r\n", "LOG_LEVEL", "DEBUG"},
    {"  LOG_LEVEL = DEBUG  ", "LOG_LEVEL", "DEBUG"},
    {"LOG_LEVEL=\"DEBUG\"", "LOG_LEVEL", "DEBUG"},
    {"LOG_LEVEL='DEBUG'  ", "LOG_LEVEL", "DEBUG"},
    {"# a\n; b\n\n \t\nLOG_LEVEL=DEBUG", "LOG_LEVEL", "DEBUG"},
    {"LOG_LEVEL=ERROR\nLOG_LEVEL=DEBUG", "LOG_LEVEL", "DEBUG"},
    {"CORS_ORIGINS=https://a,https://b", "CORS_ORIGINS", "https://a,https://b"},
    {"CORS_ORIGINS=*", "CORS_ORIGINS", "*"},
    {"CORS_ORIGINS=https://a.example:8443, http://[::1]:80", "CORS_ORIGINS",
     "https://a.example:8443, http://[::1]:80"},
    {"TRUSTED_PROXIES=", "TRUSTED_PROXIES", ""},
    {"TRUSTED_PROXIES=192.0.2.7, 2001:db8::/32 10.0.0.0/8", "TRUSTED_PROXIES",
     "192.0.2.7, 2001:db8::/32 10.0.0.0/8"},
    {"TIMEZONE=", "TIMEZONE", ""},
    {"TIMEZONE=\"\"", "TIMEZONE", ""},
    {"TIMEZONE=a=b", "TIMEZONE", "a=b"},
    {"TIMEZONE= ' two blanks ' ", "TIMEZONE", " two blanks "},
    {"TIMEZONE=\"it's\"", "TIMEZONE", "it's"},
    {"TIMEZONE=it's", "TIMEZONE", "it's"},
    {"TIMEZONE='a\\b'", "TIMEZONE", "a\\b"},
    {"TIMEZONE=# no remark", "TIMEZONE", "# no remark"},
    {"BILLING_CYCLE_DAY=1", "BILLING_CYCLE_DAY", "1"},
    {"BILLING_CYCLE_DAY=31", "BILLING_CYCLE_DAY", "31"},
    {"BILLING_CYCLE_DAY=007", "BILLING_CYCLE_DAY", "7"},
    {"MAX_DAILY_GB=1000000", "MAX_DAILY_GB", "1000000"},
    {"BACKUP_COMPRESSION=no", "BACKUP_COMPRESSION", "false"},
    {"BACKUP_COMPRESSION=off", "BACKUP_COMPRESSION", "false"},
    {"BACKUP_COMPRESSION=0", "BACKUP_COMPRESSION", "false"},
    {"BACKUP_COMPRESSION=yes", "BACKUP_COMPRESSION", "true"},
    {"DATABASE_PATH=/data/x.db", "DATABASE_PATH", "/data/x.db"},
    {"DATABASE_PATH=x.db", "DATABASE_PATH", "/etc/dum/x.db"},
    {"DATABASE_PATH=../x.db", "DATABASE_PATH", "/etc/dum/../x.db"},
    {"LOG_FILE=", "LOG_FILE", ""},
};

static void lines_mean_what_systemd_takes_them_for(void **state)
{
	struct config *config = *state;

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct strbuf value = STRBUF_INIT;
		struct dum_error err = {0};

		if (read_text(config, lines[i].text, &err) != DUM_OK)
			fail_msg("'%s': %s", lines[i].text, err.text);
		config_value(&value, config, config_key_find(lines[i].key));
		assert_string_equal(value.buf, lines[i].value);
		strbuf_release(&value);
	}
}

static const struct {
	const char *text;
	int line;
	const char *says, *says_too;
} wrong[] = {
    {"LOG_LEVLE=INFO", 1, "LOG_LEVLE", "nearest known key is LOG_LEVEL"},
    {"log_level=INFO", 1, "log_level", "nearest known key is LOG_LEVEL"},
    {"\n\nBILING_DAY=3", 3, "BILING_DAY",
     "nearest known key is BILLING_CYCLE_DAY"},
    {"DATABASE=x", 1, "DATABASE;", "nearest known key is DATABASE_PATH"},
    {"export LOG_LEVEL=INFO", 1, "nearest known key is LOG_LEVEL", ""},
    {"LOG_LEVEL=info", 1, "'info' is not one of", "DEBUG INFO WARNING ERROR"},
    {"LOG_LEVEL=", 1, "LOG_LEVEL", "DEBUG INFO WARNING ERROR"},
    {"LOG_LEVEL=INFO ERROR", 1, "LOG_LEVEL", "not one of"},
    {"SQLITE_SYNCHRONOUS=NORMAL", 1, "SQLITE_SYNCHRONOUS", "FULL EXTRA"},
    {"BILLING_CYCLE_DAY=0", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=32", 1, "'32' is not a whole number", "1 to 31"},
    {"BILLING_CYCLE_DAY=-1", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=13.0", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=1 3", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=+3", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY='\t3'", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=0x3", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=13 # mid", 1, "BILLING_CYCLE_DAY", "1 to 31"},
    {"BILLING_CYCLE_DAY=99999999999999999999999", 1, "BILLING_CYCLE_DAY",
     "1 to 31"},
    {"MAX_DAILY_GB=1000001", 1, "MAX_DAILY_GB", "1 to 1000000 GB"},
    {"BACKUP_COMPRESSION=maybe", 1, "'maybe'", "neither true nor false"},
    {"BACKUP_COMPRESSION=", 1, "BACKUP_COMPRESSION", "neither true nor false"},
    {"SESSION_IDLE_MINUTES=0", 1, "SESSION_IDLE_MINUTES", "1 to 1440"},
    {"SESSION_MAX_HOURS=721", 1, "SESSION_MAX_HOURS", "1 to 720"},
    {"REQUIRE_ADMIN_TOTP=sometimes", 1, "REQUIRE_ADMIN_TOTP", "neither"},
    {"CORS_ORIGINS=https://a.example/", 1, "CORS_ORIGINS", "no path"},
    {"CORS_ORIGINS=https://A.example", 1, "'https://A.example'", "lower case"},
    {"CORS_ORIGINS=a.example", 1, "'a.example' is not an origin", ""},
    {"CORS_ORIGINS=https://a.example:99999", 1, "99999", "an origin"},
    {"CORS_ORIGINS=https://a https://b", 1, "https://b", "an origin"},
    {"CORS_ORIGINS=https://a, null", 1, "'null' is not", "an origin"},
    {"CORS_ORIGINS=https://*.example", 1, "*.example", "an origin"},
    {"TRUSTED_PROXIES=proxy.example", 1, "TRUSTED_PROXIES", "192.0.2.10"},
    {"TRUSTED_PROXIES=10.0.0.1 10.0.0.256", 1, "'10.0.0.256'", "a network"},
    {"TRUSTED_PROXIES=10.0.0.0/33", 1, "'10.0.0.0/33'", "a network"},
    {"TRUSTED_PROXIES=10.0.0.0/08", 1, "'10.0.0.0/08'", "a network"},
    {"TRUSTED_PROXIES=::1/129", 1, "'::1/129'", "a network"},
    {"TRUSTED_PROXIES=10.0.0.1;", 1, "'10.0.0.1;'", "a network"},
    {"LOG_LEVEL", 1, "'LOG_LEVEL' is not of the form KEY=VALUE", ""},
    {"=INFO", 1, "unknown key", ""},
    {"LOG_LEVEL=INFO\n[Service]\n", 2, "KEY=VALUE", ""},
    {"LOG_LEVEL=\"INFO", 1, "quotes", ""},
    {"LOG_LEVEL=\"INFO'", 1, "quotes", ""},
    {"LOG_LEVEL='IN'FO'", 1, "quotes", ""},
    {"LOG_LEVEL=\"", 1, "quotes", ""},
    {"TIMEZONE=\"a\\nb\"", 1, "backslash", ""},
    {"TIMEZONE=a\\nb", 1, "backslash", ""},
    {"TIMEZONE=a\\\nLOG_LEVEL=INFO", 1, "next line", ""},
};

static void what_is_wrong_is_named_with_line_and_remedy(void **state)
{
	struct config *config = *state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct dum_error err = {0};

		if (read_text(config, wrong[i].text, &err) != DUM_EINVAL ||
		    err.line != wrong[i].line ||
		    strstr(err.text, wrong[i].says) == NULL ||
		    strstr(err.text, wrong[i].says_too) == NULL)
			fail_msg("'%s': line %d: %s", wrong[i].text, err.line,
			         err.text);
	}
	/* and no value came through */
	assert_string_equal(config->sqlite_synchronous, "FULL");
	assert_int_equal(config->billing_cycle_day, 13);
}

static void a_misspelt_key_finds_the_key_that_was_meant(void **state)
{
	(void)state;
	/* each key, with any one letter left out */
	for (const struct config_key *key = config_keys; key->name; key++) {
		size_t len = strlen(key->name);

		for (size_t i = 0; i < len; i++) {
			char name[64], wanted[80];
			struct dum_error err = {0};

			snprintf(name, sizeof(name), "%.*s%s", (int)i,
			         key->name, key->name + i + 1);
			snprintf(wanted, sizeof(wanted), "known key is %s",
			         key->name);
			assert_status(config_set(*state, name, "", NULL, &err),
			              DUM_EINVAL, &err);
			assert_non_null(strstr(err.text, wanted));
		}
	}
}

static void a_nul_byte_is_no_text(void **state)
{
	struct dum_error err = {0};

	assert_status(
	    config_read_text(*state, "LOG_LEVEL=INFO\0X=1", 18, "/", &err),
	    DUM_EINVAL, &err);
	assert_non_null(strstr(err.text, "NUL"));
}

static void lines_and_keys_without_end_are_refused(void **state)
{
	char *text = calloc(1, 70000);
	struct dum_error err = {0};

	assert_non_null(text);
	memcpy(text, "TIMEZONE=", 9);
	memset(text + 9, 'x', 4095);
	assert_ok(read_text(*state, text, &err), &err);
	text[9 + 4095] = 'x';
	assert_status(read_text(*state, text, &err), DUM_EINVAL, &err);
	assert_non_null(strstr(err.text, "4095 bytes"));
	error_clear(&err);
	memset(text, 'K', 60000);
	assert_status(read_text(*state, text, &err), DUM_EINVAL, &err);
	error_clear(&err);
	text[30000] = '=';
	assert_status(read_text(*state, text, &err), DUM_EINVAL, &err);
	assert_non_null(strstr(err.text, "unknown key KKK"));
	assert_in_range(strlen(err.text), 10, 200);
	free(text);
}

static void random_bytes_never_do_harm(void **state)
{
	static const char pieces[] =
	    "LOG_LEVEL=\"'\\#;\n\r \t=INFO\x80\x01\x7f";

	srandom(6);
	for (int round = 0; round < 20000; round++) {
		char text[64];
		size_t len = (size_t)random() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = pieces[(size_t)random() % sizeof(pieces)];
		(void)!config_read_text(*state, text, len, "/d", NULL);
	}
}

static void the_environment_overrides_the_file(void **state)
{
	struct config *config = *state;
	struct dum_error err = {0};

	setenv("LOG_LEVEL", "ERROR", 1);
	setenv("DATABASE_PATH", "here.db", 1);
	setenv("SOMETHING_ELSE", "not ours", 1);
	assert_ok(read_text(config, "LOG_LEVEL=DEBUG\nMAX_DAILY_GB=5", &err),
	          &err);
	assert_ok(config_read_environment(config, &err), &err);
	assert_string_equal(config->log_level, "ERROR");
	assert_int_equal(config->max_daily_gb, 5);
	/* of the caller's folder, which is where it was typed */
	assert_string_equal(config->database_path, "here.db");
}

static void a_wrong_value_in_the_environment_is_an_error(void **state)
{
	struct dum_error err = {0};

	setenv("MAX_DAILY_GB", "lots", 1);
	assert_status(config_read_environment(*state, &err), DUM_EINVAL, &err);
	assert_non_null(strstr(err.text, "MAX_DAILY_GB: 'lots'"));
	assert_non_null(strstr(err.text, "environment"));
	assert_int_equal(err.line, 0);
}

static void a_file_counts_paths_from_its_own_folder(void **state)
{
	struct config config;
	struct dum_error err = {0};
	const char *path = tempdir_path(state, "dum.conf");

	assert_ok(config_init(&config, &err), &err);
	tempdir_write(path, "DATABASE_PATH=a.db\nLOG_FILE=/var/log/x\n");
	assert_ok(config_read_file(&config, path, &err), &err);
	assert_string_equal(config.database_path, tempdir_path(state, "a.db"));
	assert_string_equal(config.log_file, "/var/log/x");
	config_release(&config);
}

static void a_file_that_is_missing_or_endless_is_told_apart(void **state)
{
	struct config config;
	struct dum_error err = {0};
	const char *path = tempdir_path(state, "no.conf");

	assert_ok(config_init(&config, &err), &err);
	assert_status(config_read_file(&config, path, &err), DUM_ENOTFOUND,
	              &err);
	assert_non_null(strstr(err.text, path));
	error_clear(&err);
	assert_status(config_read_file(&config, "/dev/zero", &err), DUM_EINVAL,
	              &err);
	config_release(&config);
	config_release(&config); /* twice is fine */
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct config *config = *state;
	struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(read_text(config, "LOG_LEVEL=DEBUG\nMAX_DAILY_GB=77\n", &err),
	          &err);
	for (const struct config_key *key = config_keys; key->name; key++) {
		strbuf_addf(&text, "%s=", key->name);
		config_value(&text, config, key);
		strbuf_addc(&text, '\n');
	}
	assert_ok(read_text(config, text.buf, &err), &err);
	for (const struct config_key *key = config_keys; key->name; key++) {
		strbuf_addf(&again, "%s=", key->name);
		config_value(&again, config, key);
		strbuf_addc(&again, '\n');
	}
	assert_string_equal(text.buf, again.buf);
	strbuf_release(&text);
	strbuf_release(&again);
}

#define WITH_CONFIG(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define IN_FOLDER(f) \
	cmocka_unit_test_setup_teardown(f, tempdir_setup, tempdir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_CONFIG(the_defaults_are_those_of_the_table),
	    WITH_CONFIG(lines_mean_what_systemd_takes_them_for),
	    WITH_CONFIG(what_is_wrong_is_named_with_line_and_remedy),
	    WITH_CONFIG(a_misspelt_key_finds_the_key_that_was_meant),
	    WITH_CONFIG(a_nul_byte_is_no_text),
	    WITH_CONFIG(lines_and_keys_without_end_are_refused),
	    WITH_CONFIG(random_bytes_never_do_harm),
	    WITH_CONFIG(the_environment_overrides_the_file),
	    WITH_CONFIG(a_wrong_value_in_the_environment_is_an_error),
	    IN_FOLDER(a_file_counts_paths_from_its_own_folder),
	    IN_FOLDER(a_file_that_is_missing_or_endless_is_told_apart),
	    WITH_CONFIG(what_is_written_reads_back_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
