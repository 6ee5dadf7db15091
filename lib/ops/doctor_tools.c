/* Are the programs there that the API starts for long work? */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "ops/doctor_parts.h"

/* 0, or the errno that starting it would come to. */
static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	/* A folder may be "executed", too. */
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) == 0 ? 0 : errno;
}

void doctor_tools(const struct config *config, const struct finder *to)
{
	static const char *const programs[] = {"dum-import", "dum-backup"};
	const size_t count = sizeof(programs) / sizeof(programs[0]);
	struct finding f;
	int why = 0;

	for (size_t i = 0; i < count && why == 0; i++) {
		struct strbuf path = STRBUF_INIT;

		strbuf_addf(&path, "%s/%s", config->tools_dir, programs[i]);
		why = strbuf_ok(&path) ? check_program(path.buf) : ENOMEM;
		if (why != 0)
			finding_set(&f, FINDING_PROBLEM, "tools",
			            "%s can not be started (%s): neither "
			            "imports nor backups of the dashboard work",
			            path.buf, strerror(why));
		strbuf_release(&path);
	}
	if (why == 0)
		finding_ok(to, "tools", "the programs for long work are in %s",
		           config->tools_dir);
	else
		finding_advise(to, &f,
		               "let TOOLS_DIR name the folder that holds "
		               "dum-import and dum-backup");
}
