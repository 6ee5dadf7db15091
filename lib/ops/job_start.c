/*
 * posix_spawn() and not fork(): it tells when the program can not be run, and
 * between the two no code of ours runs in a copy of a worker.
 */
#include "ops/job_start.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the job's process has its slot. */
enum { SLOT_FD = STDERR_FILENO + 1 };

/* Each 0, or what is wrong. */
static int plan_files(posix_spawn_file_actions_t *files, int input, int slot)
{
	int rc;

	if (input >= 0)
		rc = posix_spawn_file_actions_adddup2(files, input,
		                                      STDIN_FILENO);
	else
		rc = posix_spawn_file_actions_addopen(files, STDIN_FILENO,
		                                      "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(files, STDOUT_FILENO,
		                                      "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, slot, SLOT_FD);
	/* The connection to nginx is not closed by exec, for one. */
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(files,
		                                              SLOT_FD + 1);
	return rc;
}

/* A worker blocks and ignores signals that should end a tool. */
static int plan_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attributes, &all);
	if (rc == 0)
		rc = posix_spawnattr_setflags(
		    attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
		                    POSIX_SPAWN_SETSIGDEF);
	return rc;
}

static int spawn(const char *path, char *const *argv, int input, int slot)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	pid_t pid;
	int rc;

	rc = posix_spawn_file_actions_init(&files);
	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc == 0) {
		rc = plan_files(&files, input, slot);
		if (rc == 0)
			rc = plan_signals(&attributes);
		if (rc == 0)
			rc = posix_spawn(&pid, path, &files, &attributes, argv,
			                 environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

enum dum_status job_start(struct db *db, int64_t id,
                          const struct job_start *start, struct dum_error *err)
{
	const char *dir = db_config(db)->tools_dir;
	struct strbuf path = STRBUF_INIT;
	enum dum_status status;
	char number[24];
	int slot = -1, rc;

	snprintf(number, sizeof(number), "%lld", (long long)id);
	strbuf_addf(&path, "%s/%s", dir, start->program);
	if (!strbuf_ok(&path)) {
		status = error_set(err, DUM_ENOMEM, "out of memory");
		goto out;
	}
	status = job_slot_take(&slot, db_path(db), id, err);
	if (status != DUM_OK)
		goto out;
	/* exec does not write to what it is given. */
	rc = spawn(path.buf,
	           (char *const[]){path.buf, (char *)"--config",
	                           (char *)start->config_path, (char *)"--job",
	                           number, NULL},
	           start->input, slot);
	if (rc != 0)
		status = error_set(err, DUM_ESYS,
		                   "%s can not be started (%s): see TOOLS_DIR",
		                   path.buf, strerror(rc));
out:
	if (slot >= 0)
		close(slot);
	strbuf_release(&path);
	return status;
}
