/*
 * Unit tests of store/journal_prune.h and journal_anchor.h: old entries go and
 * the chain holds; what was cut off or written anew shows.
 */
#include "people.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsutil.h"
#include "store/handle.h"
#include "store/journal.h"
#include "store/journal_anchor.h"
#include "store/journal_prune.h"

static void grow(struct fixture *f, int events)
{
	struct dum_error err = {0};

	for (int i = 0; i < events; i++) {
		assert_ok(db_begin(f->db, &f->who, &err), &err);
		assert_ok(journal_event(f->db,
		                        &(struct journal_event){.name = "x"},
		                        &err),
		          &err);
		assert_ok(db_commit(f->db, &err), &err);
	}
}

static enum dum_status prune(struct fixture *f, int64_t upto, int64_t *gone)
{
	struct dum_error err = {0};
	enum dum_status status;

	assert_ok(db_begin_long(f->db, &f->who, &err), &err);
	status = journal_prune(gone, f->db, upto, &err);
	if (status == DUM_OK)
		assert_ok(db_commit(f->db, &err), &err);
	db_rollback(f->db);
	return status;
}

static struct journal_verdict verify(struct fixture *f)
{
	struct journal_verdict verdict = {.entries = -1};
	struct dum_error err = {0};

	assert_ok(journal_verify(&verdict, f->db, NULL, NULL, &err), &err);
	return verdict;
}

static void the_chain_goes_on_from_the_seal(void **state)
{
	struct fixture *f = *state;
	int64_t gone = -1;

	grow(f, 9); /* entries 1 to 10 */
	assert_int_equal(prune(f, 4, &gone), DUM_OK);
	assert_int_equal(gone, 4);
	assert_int_equal(verify(f).broken_id, 0);
	assert_int_equal(verify(f).entries, 7); /* 5 to 10, and the pruning */
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal"
	                                   " WHERE op = 'journal_pruned'"
	                                   " AND after = '{\"upto_id\":4}'"),
	                 1);
	grow(f, 3);
	assert_int_equal(prune(f, 14, &gone), DUM_OK);
	assert_int_equal(gone, 10);
	assert_int_equal(verify(f).entries, 1);
	grow(f, 1);
	assert_int_equal(verify(f).broken_id, 0);
	assert_int_equal(prune(f, 4, &gone), DUM_EINVAL);  /* gone already */
	assert_int_equal(prune(f, 99, &gone), DUM_EINVAL); /* not yet there */
	assert_int_equal(prune(f, 0, &gone), DUM_EINVAL);
}

static void a_break_is_not_let_go(void **state)
{
	struct fixture *f = *state;
	int64_t gone = -1;

	grow(f, 5);
	fixture_exec(f, "DROP TRIGGER journal_no_update;"
	                "UPDATE journal SET actor = 'x' WHERE id = 3");
	assert_int_equal(prune(f, 4, &gone), DUM_EDAMAGED);
	assert_int_equal(prune(f, 2, &gone), DUM_OK);
	assert_int_equal(verify(f).broken_id, 3);
}

/* One forgery after entries up to 4 of 8 were pruned. */
static const struct {
	const char *why, *sql;
	int64_t broken_id;
} forgeries[] = {
    {"the seal taken away", "DELETE FROM journal_prunes", 5},
    {"another place claimed",
     "UPDATE journal_prunes SET upto_id = 5;"
     "DELETE FROM journal WHERE id <= 5",
     6},
    {"a place made up",
     "INSERT INTO journal_prunes SELECT id, mac, zeroblob(32), key_id, at"
     " FROM journal WHERE id = 6; DELETE FROM journal WHERE id <= 6",
     7},
    {"another time", "UPDATE journal_prunes SET at = '2020-01-01T00:00:00Z'",
     5},
    {"a seal of another length",
     "PRAGMA ignore_check_constraints = ON;"
     "UPDATE journal_prunes SET seal = x'00'",
     5},
    {"an entry's mac of no length",
     "PRAGMA ignore_check_constraints = ON;"
     "UPDATE journal_prunes SET mac = x''",
     5},
    {"the first that is left deleted", "DELETE FROM journal WHERE id = 5", 6},
};

static void a_forged_seal_shows(void **state)
{
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		struct fixture *f;
		int64_t gone;

		assert_int_equal(fixture_setup(state), 0);
		f = *state;
		grow(f, 7);
		assert_int_equal(prune(f, 4, &gone), DUM_OK);
		fixture_exec(f, "DROP TRIGGER journal_no_delete;"
		                "DROP TRIGGER journal_prunes_no_update;"
		                "DROP TRIGGER journal_prunes_no_delete");
		fixture_exec(f, forgeries[i].sql);
		if (verify(f).broken_id != forgeries[i].broken_id)
			fail_msg("%s: broken at %lld (%s)", forgeries[i].why,
			         (long long)verify(f).broken_id, verify(f).why);
		fixture_teardown(state);
	}
}

static void only_what_is_sealed_can_be_deleted_by_sql(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t gone;

	grow(f, 5);
	assert_int_equal(prune(f, 2, &gone), DUM_OK);
	assert_status(db_exec(f->db, "DELETE FROM journal WHERE id = 3", &err),
	              DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_status(db_exec(f->db, "DELETE FROM journal_prunes", &err),
	              DUM_ECONFLICT, &err);
	error_clear(&err);
	assert_status(
	    db_exec(f->db, "UPDATE journal_prunes SET upto_id = 9", &err),
	    DUM_ECONFLICT, &err);
}

static void age_is_told_by_the_first_entry_that_is_younger(void **state)
{
	struct fixture *f = *state;
	struct dum_error err = {0};
	int64_t id = -1;

	fixture_stop_clock(f, 1800000000); /* 2027-01-15T08:00:00Z */
	grow(f, 2);
	fixture_time += 86400;
	grow(f, 2);
	assert_ok(journal_last_before(&id, f->db, "2027-01-15T08:00:00Z", &err),
	          &err);
	assert_int_equal(id, 1);
	assert_ok(journal_last_before(&id, f->db, "2027-01-16T00:00:00Z", &err),
	          &err);
	assert_int_equal(id, 3);
	assert_ok(journal_last_before(&id, f->db, "2099-01-01T00:00:00Z", &err),
	          &err);
	assert_int_equal(id, 5);
	assert_ok(journal_last_before(&id, f->db, "1999-01-01T00:00:00Z", &err),
	          &err);
	assert_int_equal(id, 0);
}

static void note_anchor(struct fixture *f)
{
	struct journal_anchor anchor;
	struct dum_error err = {0};

	assert_ok(journal_anchor_now(&anchor, f->db, &err), &err);
	assert_ok(
	    journal_anchor_append(fixture_path(f, "anchors"), &anchor, &err),
	    &err);
}

static struct journal_anchor_verdict check(struct fixture *f)
{
	struct journal_anchor_verdict verdict = {.anchors = -1};
	struct dum_error err = {0};

	assert_ok(journal_anchor_check(&verdict, f->db,
	                               fixture_path(f, "anchors"), &err),
	          &err);
	return verdict;
}

/* What a loss of power left of a line must not swallow the next one. */
static void a_torn_line_spoils_itself_alone(void **state)
{
	struct fixture *f = *state;
	struct journal_anchor_verdict verdict;
	struct stat before, after;

	note_anchor(f);
	assert_int_equal(stat(fixture_path(f, "anchors"), &before), 0);
	note_anchor(f);
	assert_int_equal(
	    truncate(fixture_path(f, "anchors"), before.st_size + 30), 0);
	note_anchor(f);
	assert_int_equal(stat(fixture_path(f, "anchors"), &after), 0);
	assert_int_equal(after.st_size, before.st_size + 31 + before.st_size);
	verdict = check(f);
	assert_int_equal(verdict.broken_line, 2);
	assert_non_null(strstr(verdict.why, "loss of power"));
}

static void a_file_without_its_anchors_does_not_pass(void **state)
{
	struct fixture *f = *state;

	note_anchor(f);
	assert_int_equal(check(f).broken_line, 0);
	assert_int_equal(truncate(fixture_path(f, "anchors"), 0), 0);
	assert_int_equal(check(f).broken_line, 1);
}

static void an_anchor_is_written_and_read(void **state)
{
	struct fixture *f = *state;
	struct journal_anchor anchor, again;
	struct strbuf line = STRBUF_INIT;
	struct dum_error err = {0};
	struct stat st;

	grow(f, 1);
	assert_ok(journal_anchor_now(&anchor, f->db, &err), &err);
	assert_int_equal(anchor.id, 2);
	journal_anchor_format(&line, &anchor);
	assert_true(journal_anchor_parse(&again, line.buf, line.len));
	assert_memory_equal(&anchor, &again, sizeof(anchor));
	for (size_t len = 0; len < line.len; len++) /* a line cut short */
		if (journal_anchor_parse(&again, line.buf, len))
			assert_true(len >
			            line.len - 16); /* of the key's name */
	strbuf_addc(&line, '0');
	assert_false(journal_anchor_parse(&again, line.buf, line.len));
	strbuf_release(&line);
	note_anchor(f);
	assert_int_equal(stat(fixture_path(f, "anchors"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_tail_that_was_cut_off_shows(void **state)
{
	struct fixture *f = *state;
	struct journal_anchor_verdict verdict;

	grow(f, 3);
	note_anchor(f);
	grow(f, 2);
	note_anchor(f);
	assert_int_equal(check(f).anchors, 2);
	assert_int_equal(check(f).broken_line, 0);
	fixture_exec(f, "DROP TRIGGER journal_no_delete;"
	                "DELETE FROM journal WHERE id = 6");
	assert_int_equal(verify(f).broken_id, 0); /* the chain can not tell */
	verdict = check(f);
	assert_int_equal(verdict.broken_line, 2);
	assert_int_equal(verdict.broken_id, 6);
	assert_non_null(strstr(verdict.why, "cut off"));
}

/* By somebody who has the key: the chain is sound again. */
static void a_tail_that_was_written_anew_shows(void **state)
{
	struct fixture *f = *state;
	struct journal_anchor_verdict verdict;

	grow(f, 3);
	note_anchor(f);
	fixture_exec(f, "DROP TRIGGER journal_no_delete;"
	                "DELETE FROM journal WHERE id >= 3");
	f->who.actor = "innocent";
	grow(f, 2);
	assert_int_equal(verify(f).broken_id, 0);
	verdict = check(f);
	assert_int_equal(verdict.broken_line, 1);
	assert_int_equal(verdict.broken_id, 4);
	assert_non_null(strstr(verdict.why, "anew"));
}

static void anchors_of_pruned_entries_are_let_be(void **state)
{
	struct fixture *f = *state;
	int64_t gone;

	grow(f, 1);
	note_anchor(f); /* of 2 */
	grow(f, 2);
	note_anchor(f); /* of 4 */
	grow(f, 2);
	note_anchor(f); /* of 6 */
	assert_int_equal(prune(f, 4, &gone), DUM_OK);
	assert_int_equal(check(f).broken_line, 0);
	assert_int_equal(check(f).anchors, 3);
	assert_int_equal(check(f).pruned, 1);
}

static void a_line_that_is_no_anchor_shows(void **state)
{
	struct journal_anchor_verdict verdict;
	struct fixture *f = *state;
	struct dum_error err = {0};
	int fd;

	assert_status(journal_anchor_check(&verdict, f->db,
	                                   fixture_path(f, "anchors"), &err),
	              DUM_ENOTFOUND, &err);
	note_anchor(f);
	fd = open(fixture_path(f, "anchors"), O_WRONLY | O_APPEND);
	assert_int_equal(fs_write_all(fd, "not an anchor\n", 14), 0);
	close(fd);
	note_anchor(f);
	verdict = check(f);
	assert_int_equal(verdict.broken_line, 2);
	assert_int_equal(verdict.broken_id, 0);
}

#define WITH_DB(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DB(the_chain_goes_on_from_the_seal),
	    WITH_DB(a_break_is_not_let_go),
	    cmocka_unit_test(a_forged_seal_shows),
	    WITH_DB(only_what_is_sealed_can_be_deleted_by_sql),
	    WITH_DB(age_is_told_by_the_first_entry_that_is_younger),
	    WITH_DB(a_torn_line_spoils_itself_alone),
	    WITH_DB(a_file_without_its_anchors_does_not_pass),
	    WITH_DB(an_anchor_is_written_and_read),
	    WITH_DB(a_tail_that_was_cut_off_shows),
	    WITH_DB(a_tail_that_was_written_anew_shows),
	    WITH_DB(anchors_of_pruned_entries_are_let_be),
	    WITH_DB(a_line_that_is_no_anchor_shows),
	};

	return cmocka_run_group_tests_name("journal_prune", tests, NULL, NULL);
}
