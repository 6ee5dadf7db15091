/* dum-verify - prove, once a night, that all of it would come back. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/proof.h"
#include "base/plural.h"
#include "interrupt.h"
#include "ops/notify.h"
#include "owner.h"
#include "tool.h"

#define PROGRAM "dum-verify"

static const char help_text[] =
    "Usage: dum-verify [OPTION...]\n"
    "\n"
    "Check the live database (integrity, foreign keys, journal, counters),\n"
    "the chain of the backups, the segments that the journal was shipped to,\n"
    "the last backups by decoding; restore the newest proven one into a\n"
    "scratch database, and replay the shipped journal from the one before it\n"
    "to it. For cron. What was found is added to verification.log in\n"
    "DATABASE_BACKUP_DIR, and handed to NOTIFY_COMMAND when anything is not\n"
    "right.\n"
    "\n"
    "  --latest N      decode so many backups (default 3)\n"
    "  --max-age H     the newest proven one may be so many hours old\n"
    "                  (default 48)\n"
    "  --key-file FILE the key of encrypted backups (else BACKUP_KEY_FILE)\n"
    "  --json          print what was found as JSON\n"
    "  --config FILE   settings (default $DUM_CONFIG or " CONFIG_DEFAULT_PATH
    ")\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 all is well, 1 a problem, 2 wrong usage, 3 wrong key,\n"
    "4 damaged, 5 truncated, 75 busy: try again.\n"
    "\n"
    "example:\n"
    "  dum-verify --latest 7 --max-age 26\n";

struct command {
	const char *config_path, *key_file;
	struct proof_options options;
	bool json, help, version;
};

static const struct option options[] = {
    {"latest", required_argument, NULL, 'l'},
    {"max-age", required_argument, NULL, 'm'},
    {"key-file", required_argument, NULL, 'k'},
    {"config", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* 1 to most; 0: it is no such number. */
static int64_t read_number(const char *text, int64_t most)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n <= most
	           ? n
	           : 0;
}

static bool take_option(struct command *c, int option)
{
	switch (option) {
	case 'l':
		c->options.latest = (int)read_number(optarg, 10000);
		return c->options.latest > 0;
	case 'm':
		c->options.max_age_s = read_number(optarg, 100000) * 3600;
		return c->options.max_age_s > 0;
	case 'k':
		c->key_file = optarg;
		return true;
	case 'c':
		c->config_path = optarg;
		return true;
	case 'j':
		c->json = true;
		return true;
	case 'h':
		c->help = true;
		return true;
	default:
		c->version = true;
		return true;
	}
}

static enum tool_exit read_command(struct command *c, int argc, char **argv)
{
	int option, at = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, &at)) != -1) {
		if (option == ':' || option == '?')
			return tool_usage_error(PROGRAM,
			                        "unknown or incomplete option "
			                        "%s",
			                        argv[optind - 1]);
		if (!take_option(c, option))
			return tool_usage_error(PROGRAM,
			                        "--%s %s: a whole number above "
			                        "0",
			                        options[at].name, optarg);
	}
	if (optind < argc)
		return tool_usage_error(PROGRAM, "'%s' is one too many",
		                        argv[optind]);
	return TOOL_DONE;
}

static void add_lines(struct strbuf *out, const struct proof *proof)
{
	for (size_t i = 0; i < proof->count; i++) {
		const struct proof_check *c = &proof->checks[i];

		strbuf_addf(out, "%-8s %-10s %s\n", c->ok ? "ok" : "PROBLEM",
		            c->name, c->text);
	}
}

static void show(const struct command *c, const struct proof *proof)
{
	struct strbuf text = STRBUF_INIT;

	if (c->json) {
		proof_json(&text, proof);
		strbuf_addc(&text, '\n');
	} else {
		add_lines(&text, proof);
	}
	fputs(text.buf, stdout);
	strbuf_release(&text);
}

/* Whoever reads it has perhaps nothing else to go by. */
static enum dum_status tell_owner(const struct config *config,
                                  const struct proof *proof,
                                  struct dum_error *err)
{
	struct strbuf text = STRBUF_INIT;
	char host[80] = "", subject[160];
	enum dum_status status;

	if (config->notify_command[0] == '\0' || proof->problems == 0)
		return DUM_OK;
	(void)!gethostname(host, sizeof(host) - 1);
	snprintf(subject, sizeof(subject),
	         "Data Usage Monitor on %s: %zu problem%s", host,
	         proof->problems, plural_s((int64_t)proof->problems));
	strbuf_addf(&text, "dum-verify found that not all is well.\n\n");
	add_lines(&text, proof);
	strbuf_addf(&text, "\nDatabase: %s\nBackups:  %s\n",
	            config->database_path, config->database_backup_dir);
	status = notify_send(config->notify_command, subject, text.buf, err);
	strbuf_release(&text);
	return status;
}

/* The status of the first problem; it is the one that others follow from. */
static enum tool_exit exit_of(const struct proof *proof)
{
	for (size_t i = 0; i < proof->count; i++)
		if (!proof->checks[i].ok)
			return tool_exit_status(proof->checks[i].status);
	return TOOL_DONE;
}

static enum tool_exit prove(struct command *c, const struct config *config,
                            const struct backup_dir *dir,
                            const struct origin *who)
{
	struct dum_error err = {0}, log_err = {0}, mail_err = {0};
	enum tool_exit result;
	struct proof proof;

	if (proof_run(&proof, config, dir, who, &c->options, &err) != DUM_OK)
		return tool_fail(PROGRAM, &err);
	show(c, &proof);
	result = exit_of(&proof);
	if (proof_log(&proof, dir, &log_err) != DUM_OK) {
		tool_fail(PROGRAM, &log_err);
		result = result == TOOL_DONE ? TOOL_PROBLEM : result;
	}
	if (tell_owner(config, &proof, &mail_err) != DUM_OK) {
		tool_fail(PROGRAM, &mail_err);
		result = result == TOOL_DONE ? TOOL_PROBLEM : result;
	}
	return result;
}

static enum tool_exit run(struct command *c, const struct config *config)
{
	const char *key_file = c->key_file != NULL ? c->key_file
	                                           : config->backup_key_file;
	struct backup_dir *dir = NULL;
	struct container_key key = {0};
	struct dum_error err = {0};
	enum dum_status status = DUM_OK;
	char actor[80], owner[OWNER_NAME_MAX] = "";
	enum tool_exit result;
	struct origin who;

	who = tool_origin(PROGRAM, actor, sizeof(actor));
	/* The keys as who runs it, all else as the service. */
	if (key_file[0] != '\0') {
		status = container_key_read(
		    &key, key_file,
		    c->key_file != NULL ? "--key-file" : "BACKUP_KEY_FILE",
		    &err);
		c->options.key = &key;
	}
	if (status == DUM_OK)
		status = owner_become(owner, config, &err);
	if (status == DUM_OK)
		status = backup_dir_open(&dir, config->database_backup_dir,
		                         PROGRAM, &err);
	if (status == DUM_OK)
		interrupt_begin(PROGRAM, dir);
	result = status == DUM_OK ? prove(c, config, dir, &who)
	                          : tool_fail(PROGRAM, &err);
	interrupt_end();
	backup_dir_close(dir);
	container_key_wipe(&key);
	c->options.key = NULL;
	return result;
}

int main(int argc, char **argv)
{
	struct command c = {
	    .options = {.latest = 3, .max_age_s = 48 * INT64_C(3600)}};
	struct dum_error err = {0};
	struct config config;
	enum tool_exit status;

	status = read_command(&c, argc, argv);
	if (status != TOOL_DONE)
		return status;
	if (c.help) {
		fputs(help_text, stdout);
		return tool_finish(PROGRAM, TOOL_DONE);
	}
	if (c.version)
		return tool_version(PROGRAM);
	if (tool_config(&config, c.config_path, &err) != DUM_OK)
		return tool_fail(PROGRAM, &err);
	status = run(&c, &config);
	config_release(&config);
	return tool_finish(PROGRAM, status);
}
