/*
 * Unit tests of store/job.h, store/job_slot.h, ops/job_start.h and
 * ops/job_work.h. What is started is a script that the test writes.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "ops/job_start.h"
#include "ops/job_work.h"
#include "store/data_state.h"

enum { NOW = 1795528800 };

static int64_t add(struct fixture *f)
{
	const struct job_new new = {
	    .kind = "import", .viewer = "user:3", .request = "{\"a\":1}"};
	struct origin who = {.actor = "user:ann",
	                     .address = "192.0.2.1",
	                     .source = "api",
	                     .request_id = "abc"};
	struct dum_error err = {0};
	int64_t id = 0;

	assert_ok(db_begin(f->db, &who, &err), &err);
	assert_ok(job_add(&id, f->db, &new, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return id;
}

static void look(struct fixture *f, int64_t id, enum job_state state,
                 int progress)
{
	struct dum_error err = {0};
	struct job job;

	assert_ok(job_get(&job, f->db, id, &err), &err);
	assert_string_equal(job_state_name(job.state), job_state_name(state));
	assert_int_equal(job.progress, progress);
	job_release(&job);
}

static int take(struct fixture *f, int64_t id)
{
	struct dum_error err = {0};
	int fd = -1;

	assert_ok(job_slot_take(&fd, db_path(f->db), id, &err), &err);
	return fd;
}

static void set_running(struct fixture *f, int64_t id)
{
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(job_set_running(f->db, id, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static void set_done(struct fixture *f, int64_t id)
{
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(job_set_done(f->db, id, "", "{\"rows\":2}", &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static void a_job_goes_from_queued_to_done(void **state)
{
	struct fixture *f = *state;
	int64_t id = add(f);
	int slot = take(f, id);
	struct dum_error err = {0};
	struct job job;

	look(f, id, JOB_QUEUED, 0);
	set_running(f, id);
	job_slot_tell(slot, id, 417);
	look(f, id, JOB_RUNNING, 417);
	set_done(f, id);
	close(slot);
	look(f, id, JOB_DONE, JOB_SLOT_WHOLE);

	assert_ok(job_get(&job, f->db, id, &err), &err);
	assert_string_equal(job.kind, "import");
	assert_string_equal(job.actor, "user:ann");
	assert_string_equal(job.viewer, "user:3");
	assert_string_equal(job.address, "192.0.2.1");
	assert_string_equal(job.request_id, "abc");
	assert_string_equal(job.request, "{\"a\":1}");
	assert_string_equal(job.message, "");
	assert_string_equal(job.result, "{\"rows\":2}");
	assert_int_equal(strlen(job.started_at), 20);
	assert_int_equal(strlen(job.finished_at), 20);
	job_release(&job);
	assert_status(job_get(&job, f->db, id + 1, &err), DUM_ENOTFOUND, &err);
}

static void what_is_closed_or_taken_stays_so(void **state)
{
	struct fixture *f = *state;
	int64_t id = add(f);
	int slot = take(f, id), again = -1;
	struct dum_error err = {0};

	assert_status(job_slot_take(&again, db_path(f->db), id, &err),
	              DUM_EBUSY, &err);
	set_running(f, id);
	error_clear(&err);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(job_set_running(f->db, id, &err), DUM_ECONFLICT, &err);
	db_rollback(f->db);
	set_done(f, id);
	error_clear(&err);
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_status(job_set_failed(f->db, id, "no", NULL, &err),
	              DUM_ECONFLICT, &err);
	db_rollback(f->db);
	look(f, id, JOB_DONE, JOB_SLOT_WHOLE);
	close(slot);
}

static enum dum_status amend(struct fixture *f, int64_t id,
                             struct dum_error *err)
{
	enum dum_status status;

	error_clear(err);
	assert_ok(db_begin(f->db, &f->who, err), err);
	status = job_amend(f->db, id, "more of it", "{\"rows\":3}", err);
	if (status == DUM_OK)
		assert_ok(db_commit(f->db, err), err);
	db_rollback(f->db);
	return status;
}

static void more_can_be_said_of_what_is_done_alone(void **state)
{
	struct fixture *f = *state;
	int64_t id = add(f);
	struct dum_error err = {0};
	int slot = take(f, id);
	struct job job;

	assert_int_equal(amend(f, id, &err), DUM_ECONFLICT);
	set_running(f, id);
	assert_int_equal(amend(f, id, &err), DUM_ECONFLICT);
	set_done(f, id);
	assert_ok(amend(f, id, &err), &err);
	close(slot);
	assert_ok(job_get(&job, f->db, id, &err), &err);
	assert_int_equal(job.state, JOB_DONE);
	assert_string_equal(job.message, "more of it");
	assert_string_equal(job.result, "{\"rows\":3}");
	job_release(&job);
}

static void a_job_that_nobody_works_on_has_failed(void **state)
{
	struct fixture *f = *state;
	int64_t queued = add(f), running = add(f);
	struct dum_error err = {0};
	struct job job;
	int slot;

	look(f, queued, JOB_FAILED, 0);
	slot = take(f, running);
	set_running(f, running);
	job_slot_tell(slot, running, 300);
	look(f, running, JOB_RUNNING, 300);
	close(slot);
	look(f, running, JOB_FAILED, 300);
	assert_ok(job_get(&job, f->db, running, &err), &err);
	assert_non_null(strstr(job.message, "ended before"));
	assert_string_equal(job.finished_at, "");
	job_release(&job);
	/* The next one puts it into the books. */
	slot = take(f, add(f));
	assert_ok(job_get(&job, f->db, running, &err), &err);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(strlen(job.finished_at), 20);
	job_release(&job);
	close(slot);
}

static void old_jobs_are_forgotten_and_running_ones_kept(void **state)
{
	struct fixture *f = *state;
	int64_t old, running;
	struct dum_error err = {0};
	struct job job;
	int slot, last;

	fixture_stop_clock(f, NOW);
	old = add(f);
	slot = take(f, old);
	set_running(f, old);
	set_done(f, old);
	close(slot);
	running = add(f);
	slot = take(f, running);
	fixture_time = NOW + JOB_LIFE_S;
	last = take(f, add(f));
	close(last);
	look(f, old, JOB_DONE, JOB_SLOT_WHOLE);
	fixture_time++;
	last = take(f, add(f));
	close(last);
	assert_status(job_get(&job, f->db, old, &err), DUM_ENOTFOUND, &err);
	look(f, running, JOB_QUEUED, 0);
	close(slot);
}

static void jobs_are_no_data(void **state)
{
	struct fixture *f = *state;
	struct data_state before, after;
	struct dum_error err = {0};
	int64_t entries;
	int slot;

	assert_ok(data_state_now(&before, f->db, &err), &err);
	entries = fixture_number(f, "SELECT count(*) FROM journal");
	slot = take(f, add(f));
	set_running(f, 1);
	set_done(f, 1);
	close(slot);
	assert_ok(data_state_now(&after, f->db, &err), &err);
	assert_int_equal(after.generation, before.generation);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"),
	                 entries);
}

static void a_job_is_not_read_inside_of_a_read(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	struct job job;

	add(f);
	assert_ok(db_read_begin(f->db, 0, &err), &err);
	assert_status(job_get(&job, f->db, 1, &err), DUM_ESYS, &err);
	db_read_end(f->db);
}

/* --- processes ------------------------------------------------------------ */

static void write_script(struct fixture *f, const char *body)
{
	char text[1024];
	struct dum_error err = {0};
	const char *path = fixture_path(f, "dum-tool");

	snprintf(text, sizeof(text), "#!/bin/sh\ncd %s || exit 1\n%s", f->dir,
	         body);
	assert_ok(fs_write_atomic(path, text, strlen(text), 0700, &err), &err);
	assert_ok(config_set(&f->config, "TOOLS_DIR", f->dir, NULL, &err),
	          &err);
}

static enum dum_status start(struct fixture *f, int64_t *id, int input,
                             struct dum_error *err)
{
	const struct job_new new = {
	    .kind = "import", .viewer = "", .request = "{}"};
	const struct job_start how = {
	    .program = "dum-tool", .config_path = "dum.conf", .input = input};
	enum dum_status status;

	assert_ok(db_begin(f->db, &f->who, err), err);
	assert_ok(job_add(id, f->db, &new, err), err);
	status = job_start(f->db, *id, &how, err);
	if (status == DUM_OK)
		status = db_commit(f->db, err);
	db_rollback(f->db);
	return status;
}

/* What the script wrote down. */
static void read_note(struct fixture *f, const char *name, char *out,
                      size_t size)
{
	struct strbuf text = STRBUF_INIT;
	struct dum_error err = {0};

	assert_ok(fs_read_file(&text, fixture_path(f, name), size, &err), &err);
	snprintf(out, size, "%s", text.buf);
	strbuf_release(&text);
}

static void a_started_program_has_what_it_needs_and_no_more(void **state)
{
	struct fixture *f = *state;
	int input = open("/dev/null", O_RDONLY | O_CLOEXEC), leak = dup(input);
	char note[512], wanted[64];
	struct dum_error err = {0};
	sigset_t some, before;
	int64_t id = 0;
	pid_t pid;

	close(input);
	/* As a worker has them. */
	sigemptyset(&some);
	sigaddset(&some, SIGTERM);
	sigprocmask(SIG_BLOCK, &some, &before);
	/*
	 * Files are listed by a shell of its own: what a pipe or ">" takes is
	 * not in this one. Signals are told by this one: it blocks them all
	 * while it starts a program.
	 */
	write_script(f, "echo \"$*\" >args\n"
	                "cat >input\n"
	                "(ls /proc/$$/fd >lines)\n"
	                "tr '\\n' ' ' <lines >files\n"
	                "echo \"$$ $(cut -d' ' -f6 /proc/$$/stat)\" >session\n"
	                "while read -r line; do case $line in SigBlk*)\n"
	                "echo \"$line\" >signals;; esac; done "
	                "</proc/$$/status\n");
	input = open(fixture_path(f, "dum-tool"), O_RDONLY | O_CLOEXEC);
	assert_ok(start(f, &id, input, &err), &err);
	pid = wait(NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_true(pid > 0);
	read_note(f, "args", note, sizeof(note));
	assert_string_equal(note, "--config dum.conf --job 1\n");
	read_note(f, "input", note, sizeof(note));
	assert_int_equal(strncmp(note, "#!/bin/sh", 9), 0);
	read_note(f, "session", note, sizeof(note));
	snprintf(wanted, sizeof(wanted), "%ld %ld\n", (long)pid, (long)pid);
	assert_string_equal(note, wanted);
	read_note(f, "signals", note, sizeof(note));
	assert_string_equal(note, "SigBlk:\t0000000000000000\n");
	/* The slot, and the script itself, which the shell puts at 10. */
	read_note(f, "files", note, sizeof(note));
	assert_string_equal(note, "0 1 10 2 3 ");
	look(f, id, JOB_FAILED, 0);
	close(input);
	close(leak);
}

static void a_killed_program_leaves_a_failed_job(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	char note[32] = "";
	int64_t id = 0;

	/* Nothing but the shell and exec: all it starts would hold the slot. */
	write_script(f, "echo $$ >pid\nexec sleep 60\n");
	assert_ok(start(f, &id, -1, &err), &err);
	while (strchr(note, '\n') == NULL) {
		usleep(10000);
		if (fs_exists(fixture_path(f, "pid")))
			read_note(f, "pid", note, sizeof(note));
	}
	look(f, id, JOB_QUEUED, 0);
	set_running(f, id);
	look(f, id, JOB_RUNNING, 0);
	assert_int_equal(kill((pid_t)strtol(note, NULL, 10), SIGKILL), 0);
	assert_true(wait(NULL) > 0);
	look(f, id, JOB_FAILED, 0);
}

static void a_program_that_is_not_there_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t id = 0;

	write_script(f, "");
	assert_int_equal(unlink(fixture_path(f, "dum-tool")), 0);
	assert_status(start(f, &id, -1, &err), DUM_ESYS, &err);
	assert_non_null(strstr(err.text, "TOOLS_DIR"));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM jobs"), 0);
	assert_int_equal(wait(NULL), -1);
	assert_int_equal(errno, ECHILD);
	close(take(f, id));
}

static void a_job_is_taken_only_by_who_was_started_for_it(void **state)
{
	struct fixture *f = *state;
	struct job_work work = {.db = NULL};
	struct dum_error err = {0};
	int64_t id = add(f);
	struct job job;
	int slot;

	assert_status(job_work_open(&work, &job, f->db, id, "dum-tool", &err),
	              DUM_ECONFLICT, &err);
	job_work_release(&work);
	slot = take(f, id);
	error_clear(&err);
	assert_ok(job_work_open(&work, &job, f->db, id, "dum-tool", &err),
	          &err);
	assert_string_equal(work.who.actor, "user:ann");
	assert_string_equal(work.who.source, "dum-tool");
	assert_string_equal(work.who.request_id, "abc");
	job_work_progress(&work, 5, 10);
	look(f, id, JOB_RUNNING, 500);
	job_work_progress(&work, 9, 10); /* within the same second */
	look(f, id, JOB_RUNNING, 500);
	work.told_ms -= 1000;
	job_work_progress(&work, 11, 10);
	look(f, id, JOB_RUNNING, 1000);
	assert_ok(job_work_close(&work, JOB_FAILED, "why", NULL, &err), &err);
	look(f, id, JOB_FAILED, 1000);
	job_work_release(&work);
	job_release(&job);
	close(slot);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(a_job_goes_from_queued_to_done),
	    WITH_DB(what_is_closed_or_taken_stays_so),
	    WITH_DB(more_can_be_said_of_what_is_done_alone),
	    WITH_DB(a_job_that_nobody_works_on_has_failed),
	    WITH_DB(old_jobs_are_forgotten_and_running_ones_kept),
	    WITH_DB(jobs_are_no_data),
	    WITH_DB(a_job_is_not_read_inside_of_a_read),
	    WITH_DB(a_started_program_has_what_it_needs_and_no_more),
	    WITH_DB(a_killed_program_leaves_a_failed_job),
	    WITH_DB(a_program_that_is_not_there_leaves_nothing),
	    WITH_DB(a_job_is_taken_only_by_who_was_started_for_it),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
