/*
 * The files that stand in the folder of the backups beside them, by the first
 * byte: pruned.json, sync.json, verification.log. They are read from a folder,
 * as the programs do.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/offsite_ledger.h"
#include "backup/proof_last.h"
#include "backup/pruned.h"
#include "base/fsutil.h"
#include "fuzz_app.h"

#define TARGET "/copies" /* that of which the seeds are */

static char dir[] = "/tmp/dum-fuzz-XXXXXX";
static int dir_fd = -1;

static void end(void)
{
	unlinkat(dir_fd, "pruned.json", 0);
	unlinkat(dir_fd, "sync.json", 0);
	unlinkat(dir_fd, "verification.log", 0);
	rmdir(dir);
}

/* Not by way of fs_write_atomic(), which waits for the disk. */
static void put(const char *name, const void *data, size_t size)
{
	int fd;

	if (dir_fd < 0) {
		FUZZ_CHECK(mkdtemp(dir) != NULL);
		dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		FUZZ_CHECK(dir_fd >= 0);
		atexit(end);
	}
	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	            0600);
	FUZZ_CHECK(fd >= 0 && fs_write_all(fd, data, size) == 0);
	close(fd);
}

static void check_pruned(const uint8_t *data, size_t size)
{
	struct pruned first = {.count = 0}, second = {.count = 0};
	struct strbuf written = STRBUF_INIT;
	struct dum_error err = {0};

	put("pruned.json", data, size);
	if (pruned_read(&first, dir, &err) != DUM_OK) {
		fuzz_check_error(&err);
		return;
	}
	pruned_format(&written, &first);
	FUZZ_CHECK(strbuf_ok(&written));
	put("pruned.json", written.buf, written.len);
	FUZZ_CHECK(pruned_read(&second, dir, &err) == DUM_OK);
	FUZZ_CHECK(first.count == second.count);
	for (size_t i = 0; i < first.count; i++)
		FUZZ_CHECK(
		    pruned_has(&second, first.list[i].id, first.list[i].hash) &&
		    first.list[i].sequence == second.list[i].sequence);
	pruned_release(&second);
	pruned_release(&first);
	strbuf_release(&written);
}

/* By name, each once, and found by it. */
static void check_ledger(const uint8_t *data, size_t size)
{
	struct offsite_ledger ledger;
	struct dum_error err = {0};

	put("sync.json", data, size);
	if (offsite_ledger_read(&ledger, dir, TARGET, &err) != DUM_OK)
		fuzz_check_error(&err);
	FUZZ_CHECK(ledger.is_of_target || ledger.count == 0);
	for (size_t i = 0; i < ledger.count; i++) {
		const struct offsite_known *known = &ledger.list[i];

		FUZZ_CHECK(offsite_ledger_find(&ledger, known->name) == known);
		FUZZ_CHECK(i == 0 || strcmp(known[-1].name, known->name) < 0);
	}
	offsite_ledger_release(&ledger);
}

/* One line of JSON, or nothing: it becomes a part of an answer. */
static void check_log(const uint8_t *data, size_t size)
{
	struct strbuf line = STRBUF_INIT;
	struct dum_error err = {0};
	json_t *root;

	put("verification.log", data, size);
	FUZZ_CHECK(proof_last(&line, dir, &err) == DUM_OK);
	FUZZ_CHECK(strbuf_ok(&line));
	if (line.len > 0) {
		root = json_loadb(line.buf, line.len, 0, NULL);
		FUZZ_CHECK(json_is_object(root));
		FUZZ_CHECK(strchr(line.buf, '\n') == NULL);
		json_decref(root);
	}
	strbuf_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 'P')
		check_pruned(data + 1, size - 1);
	else if (data[0] == 'S')
		check_ledger(data + 1, size - 1);
	else
		check_log(data + 1, size - 1);
	return 0;
}
