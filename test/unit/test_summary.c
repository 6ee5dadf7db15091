/*
 * Unit tests of store/summary.h, store/idempotency.h and store/version.h.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/idempotency.h"
#include "store/location.h"
#include "store/summary.h"
#include "store/version.h"

enum { DAY = 13 };

static int64_t add_location(struct fixture *f, const char *name)
{
	struct location location;
	struct dum_error err = {0};

	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(location_add(&location, f->db, name, NULL, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
	return location.id;
}

static enum dum_status put(struct summary *out, enum usage_change *change,
                           struct fixture *f, int64_t location,
                           struct date start, int64_t bytes,
                           struct dum_error *err)
{
	enum dum_status status;

	assert_ok(db_begin(f->db, &f->who, err), err);
	status = summary_put_cycle(out, change, f->db, location, start, bytes,
	                           DAY, err);
	if (status == DUM_OK)
		assert_ok(db_commit(f->db, err), err);
	db_rollback(f->db);
	return status;
}

static void a_bill_is_stored_once_and_corrected(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A");
	const struct date start = {2026, 1, 13};
	struct summary first, second, got;
	enum usage_change change;
	struct dum_error err = {0};

	assert_ok(put(&first, &change, f, a, start, 5, &err), &err);
	assert_int_equal(change, USAGE_NEW);
	assert_int_equal(date_diff(first.start, first.end), 30);
	assert_true(first.manual);
	assert_ok(put(&second, &change, f, a, start, 5, &err), &err);
	assert_int_equal(change, USAGE_SAME);
	assert_ok(put(&second, &change, f, a, start, 6, &err), &err);
	assert_int_equal(change, USAGE_CHANGED);
	assert_int_equal(second.id, first.id);
	assert_ok(summary_get(&got, f->db, first.id, &err), &err);
	assert_int_equal(got.bytes, 6);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal WHERE "
	                                   "tbl = 'monthly_summaries'"),
	                 2);
	assert_status(summary_get(&got, f->db, 99, &err), DUM_ENOTFOUND, &err);
}

static void a_bill_is_for_a_whole_cycle(void **state)
{
	static const struct {
		int64_t location, bytes;
		struct date start;
		const char *field;
	} wrong[] = {
	    {1, 5, {2026, 1, 14}, "period_start"},
	    {2, 5, {2026, 1, 13}, "location_id"},
	    {1, -1, {2026, 1, 13}, "total_usage_gb"},
	    {1, SUMMARY_BYTES_MAX + 1, {2026, 1, 13}, "total_usage_gb"},
	};
	struct fixture *f = *state;
	enum usage_change change;
	struct summary summary;

	assert_int_equal(add_location(f, "A"), 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct dum_error err = {0};

		assert_status(put(&summary, &change, f, wrong[i].location,
		                  wrong[i].start, wrong[i].bytes, &err),
		              DUM_EINVAL, &err);
		assert_string_equal(err.field, wrong[i].field);
	}
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM monthly_summaries"), 0);
}

struct seen {
	int count;
	struct summary_row list[8];
};

static enum dum_status see(void *arg, const struct summary_row *row,
                           struct dum_error *err)
{
	struct seen *seen = arg;

	(void)err;
	assert_true(seen->count < 8);
	seen->list[seen->count++] = *row;
	return DUM_OK;
}

static void it_stands_beside_what_the_days_add_up_to(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_location(f, "A"), b = add_location(f, "B");
	struct seen seen = {.count = 0};
	enum usage_change change;
	struct summary summary;
	struct dum_error err = {0};

	assert_ok(
	    put(&summary, &change, f, a, (struct date){2026, 1, 13}, 100, &err),
	    &err);
	assert_ok(
	    put(&summary, &change, f, a, (struct date){2026, 2, 13}, 200, &err),
	    &err);
	assert_ok(
	    put(&summary, &change, f, b, (struct date){2026, 2, 13}, 300, &err),
	    &err);
	fixture_exec(f, "INSERT INTO daily_usage (date, location_id, "
	                "usage_bytes) VALUES ('2026-01-12', 1, 1), "
	                "('2026-01-13', 1, 10), ('2026-02-12', 1, 20), "
	                "('2026-02-13', 1, 40), ('2026-02-12', 2, 80)");
	assert_ok(
	    summary_each(f->db, &(struct summary_filter){0}, see, &seen, &err),
	    &err);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.list[0].summary.bytes, 200);
	assert_int_equal(seen.list[0].computed, 40);
	assert_int_equal(seen.list[0].days, 1);
	assert_int_equal(seen.list[1].summary.bytes, 300);
	assert_int_equal(seen.list[1].days, 0);
	assert_int_equal(seen.list[2].computed, 30);
	assert_int_equal(seen.list[2].days, 2);
	seen.count = 0;
	assert_ok(
	    summary_each(f->db,
	                 &(struct summary_filter){.location_id = a, .limit = 1},
	                 see, &seen, &err),
	    &err);
	assert_int_equal(seen.count, 1);
	seen.count = 0;
	assert_ok(summary_show(f->db, summary.id, see, &seen, &err), &err);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.list[0].summary.bytes, 300);
	assert_int_equal(seen.list[0].days, 0);
	/* Who may see nothing sees none. */
	db_see_as(f->db, "key:1");
	seen.count = 0;
	assert_ok(
	    summary_each(f->db, &(struct summary_filter){0}, see, &seen, &err),
	    &err);
	assert_ok(summary_each(f->db,
	                       &(struct summary_filter){.location_id = a}, see,
	                       &seen, &err),
	          &err);
	assert_int_equal(seen.count, 0);
	assert_status(summary_get(&summary, f->db, summary.id, &err),
	              DUM_ENOTFOUND, &err);
	assert_status(summary_show(f->db, summary.id, see, &seen, &err),
	              DUM_ENOTFOUND, &err);
	assert_int_equal(seen.count, 0);
	db_see_as(f->db, NULL);
}

static int64_t now_s = 1000000;

static int64_t fake_now(void)
{
	return now_s;
}

static void take_answer(void *arg, const struct idempotent_answer *answer)
{
	assert_int_equal(answer->status, 201);
	snprintf(arg, 64, "%s%s %s", answer->headers, answer->tag,
	         answer->body);
}

static enum idempotency_found look(struct fixture *f, const char *actor,
                                   const char *key, char hash, char body[64])
{
	struct idempotent_request request = {.actor = actor, .key = key};
	enum idempotency_found found;
	struct dum_error err = {0};

	body[0] = '\0';
	request.hash[0] = (unsigned char)hash;
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(
	    idempotency_find(&found, f->db, &request, take_answer, body, &err),
	    &err);
	db_rollback(f->db);
	assert_int_equal(*body != '\0', found == IDEMPOTENCY_DONE);
	return found;
}

static void keep(struct fixture *f, const char *key, char hash,
                 const char *body)
{
	struct idempotent_request request = {.actor = "user:a", .key = key};
	struct idempotent_answer answer = {.status = 201,
	                                   .headers = "Location: /1\r\n",
	                                   .tag = "abc",
	                                   .body = body};
	struct dum_error err = {0};

	request.hash[0] = (unsigned char)hash;
	assert_ok(db_begin(f->db, &f->who, &err), &err);
	assert_ok(idempotency_keep(f->db, &request, &answer, &err), &err);
	assert_ok(db_commit(f->db, &err), &err);
}

static void a_repeated_request_gets_the_answer_it_got(void **state)
{
	struct fixture *f = *state;
	char body[64];

	now_s = 1000000;
	db_use_clock(f->db, fake_now);
	assert_int_equal(look(f, "user:a", "k", 1, body), IDEMPOTENCY_NEW);
	keep(f, "k", 1, "{\"id\":1}");
	assert_int_equal(look(f, "user:a", "k", 1, body), IDEMPOTENCY_DONE);
	assert_string_equal(body, "Location: /1\r\nabc {\"id\":1}");
	assert_int_equal(look(f, "user:a", "k", 2, body), IDEMPOTENCY_OTHER);
	assert_int_equal(look(f, "user:b", "k", 1, body), IDEMPOTENCY_NEW);
	assert_int_equal(look(f, "user:a", "K", 1, body), IDEMPOTENCY_NEW);
	now_s += IDEMPOTENCY_LIFE_S - 1;
	assert_int_equal(look(f, "user:a", "k", 1, body), IDEMPOTENCY_DONE);
	now_s++;
	assert_int_equal(look(f, "user:a", "k", 1, body), IDEMPOTENCY_NEW);
	keep(f, "other", 1, "{}");
	assert_int_equal(
	    fixture_number(f, "SELECT count(*) FROM idempotency_keys"), 1);
	/* Nothing of it shows in the pages or the journal. */
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM journal WHERE "
	                                   "tbl = 'idempotency_keys'"),
	                 0);
}

static void a_key_and_an_answer_have_limits(void **state)
{
	struct fixture *f = *state;
	struct idempotent_request request = {.actor = "user:a"};
	char *large = calloc(1, IDEMPOTENCY_ANSWER_MAX + 2);
	char key[IDEMPOTENCY_KEY_MAX + 2], body[64];
	const char *const bad[] = {"", "a\nb", "a b", "\303\244", "\x7f", key};
	enum idempotency_found found;
	struct dum_error err = {0};

	memset(key, 'x', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request.key = bad[i];
		error_clear(&err);
		assert_status(idempotency_find(&found, f->db, &request,
		                               take_answer, body, &err),
		              DUM_EINVAL, &err);
	}
	keep(f, key + 1, 1, "{}");
	assert_int_equal(look(f, "user:a", key + 1, 1, body), IDEMPOTENCY_DONE);
	assert_non_null(large);
	memset(large, '1', IDEMPOTENCY_ANSWER_MAX + 1);
	keep(f, "large", 1, large);
	assert_int_equal(look(f, "user:a", "large", 1, body), IDEMPOTENCY_NEW);
	free(large);
}

static void a_version_follows_its_own_record_alone(void **state)
{
	char first[VERSION_MAX], second[VERSION_MAX];
	struct usage usage = {.id = 1,
	                      .date = {2026, 1, 1},
	                      .location_id = 2,
	                      .bytes = 3,
	                      .created_at = "a",
	                      .updated_at = "b"};
	struct location location = {.id = 1, .name = "A", .display_name = "B"};
	struct summary summary = {
	    .id = 1, .start = {2026, 1, 1}, .end = {2026, 1, 31}};
	struct dum_error err = {0};

	(void)state;
	assert_ok(usage_version(first, &usage, &err), &err);
	assert_ok(usage_version(second, &usage, &err), &err);
	assert_string_equal(first, second);
	assert_int_equal(strlen(first), VERSION_MAX - 1);
	usage.bytes = 4;
	assert_ok(usage_version(second, &usage, &err), &err);
	assert_string_not_equal(first, second);
	usage.bytes = 3;
	snprintf(usage.updated_at, sizeof(usage.updated_at), "c");
	assert_ok(usage_version(second, &usage, &err), &err);
	assert_string_not_equal(first, second);
	assert_ok(location_version(first, &location, &err), &err);
	snprintf(location.name, sizeof(location.name), "AB");
	snprintf(location.display_name, sizeof(location.display_name), "%s",
	         "");
	assert_ok(location_version(second, &location, &err), &err);
	assert_string_not_equal(first, second);
	assert_ok(summary_version(first, &summary, &err), &err);
	summary.manual = true;
	assert_ok(summary_version(second, &summary, &err), &err);
	assert_string_not_equal(first, second);
}

#define with_database(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    with_database(a_bill_is_stored_once_and_corrected),
	    with_database(a_bill_is_for_a_whole_cycle),
	    with_database(it_stands_beside_what_the_days_add_up_to),
	    with_database(a_repeated_request_gets_the_answer_it_got),
	    with_database(a_key_and_an_answer_have_limits),
	    cmocka_unit_test(a_version_follows_its_own_record_alone),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
