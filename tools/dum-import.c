/* dum-import - take in a file with the use of many locations and days. */
#include "import_command.h"

/*
 * Page cache of an import, at least, in KiB: what the index by location needs
 * so that a day of a thousand locations does not push out its own pages.
 * Measured with 3,650,000 cells: 46 s with 2,000 KiB, 22 s with this, and no
 * less with four times as much.
 */
enum { CACHE_KIB = 16384 };

/* What the settings and the clock have to say. */
static void complete(struct import_command *c, struct config *config)
{
	struct import_options *take = &c->take;

	if (config->sqlite_cache_size < CACHE_KIB)
		config->sqlite_cache_size = CACHE_KIB;
	if (take->max_bytes == 0)
		take->max_bytes = config->max_daily_gb * BYTES_PER_GB;
	clock_civil(clock_now(), &take->today.year, &take->today.month,
	            &take->today.day);
}

static enum tool_exit run(struct import_command *c, struct config *config)
{
	switch (c->mode) {
	case IMPORT_LIST:
		return import_run_list(c, config);
	case IMPORT_UNDO:
		return import_run_undo(c, config);
	case IMPORT_JOB:
		return import_run_job(c, config);
	case IMPORT_TABLE:
	case IMPORT_VNSTAT:
	case IMPORT_DATABASE:
		break;
	}
	return import_run_file(c, config);
}

int main(int argc, char **argv)
{
	struct dum_error err = {0};
	struct import_command c;
	struct config config;
	enum tool_exit status;

	status = import_command_read(&c, argc, argv);
	if (status != TOOL_DONE)
		return status;
	if (c.help) {
		fputs(import_help, stdout);
		return tool_finish(IMPORT_PROGRAM, TOOL_DONE);
	}
	if (c.version)
		return tool_version(IMPORT_PROGRAM);
	if (tool_config(&config, c.config_path, &err) != DUM_OK)
		return tool_fail(IMPORT_PROGRAM, &err);
	complete(&c, &config);
	status = run(&c, &config);
	config_release(&config);
	return status;
}
