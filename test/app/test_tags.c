/*
 * ETags and kept answers: the same tag means the same answer, and whatever a
 * page shows has another tag when it changes.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer_tag.h"

static const char *const reads[] = {
    "/api/data/locations",
    "/api/data/daily-usage",
    "/api/data/daily-usage?page=1&per_page=2",
    "/api/data/cycles",
    "/api/data/monthly-summaries",
    "/api/dashboard/overview",
    "/api/dashboard/usage-trends?days=7",
    "/api/dashboard/usage-trends?days=7&format=columns",
};

enum { READS = sizeof(reads) / sizeof(reads[0]) };

/* The ETag of an answer, without its quotes; the caller frees it. */
static char *tag_of(struct harness *h, const struct session_pass *as,
                    const char *uri)
{
	const char *value;

	assert_int_equal(get(h, as, uri), 200);
	value = header(h, "ETag");
	assert_non_null(value);
	assert_int_equal(strlen(value), ANSWER_TAG_MAX - 1 + 2);
	return strndup(value + 1, ANSWER_TAG_MAX - 1);
}

static int ask_if_none_match(struct harness *h, const struct session_pass *as,
                             const char *uri, const char *tags)
{
	return ask(h, &(struct ask){.method = "GET",
	                            .uri = uri,
	                            .as = as,
	                            .if_none_match = tags});
}

static int64_t two_locations_with_days(struct harness *h)
{
	int64_t north = harness_location(h, "north");
	int64_t south = harness_location(h, "south");

	harness_day(h, "2026-11-20", north, 9900000000);
	harness_day(h, "2026-11-21", north, 1);
	harness_day(h, "2026-11-21", south, 5000000000);
	return north;
}

static void an_answer_comes_out_of_the_cache_as_it_was_made(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);

	two_locations_with_days(h);
	for (int i = 0; i < READS; i++) {
		char *tag = tag_of(h, &viewer, reads[i]);
		char *first = strdup(h->body);
		size_t len = 0;

		assert_non_null(answer_cache_get(h->app.answers, tag, &len));
		assert_int_equal(len, strlen(first));
		assert_int_equal(get(h, &viewer, reads[i]), 200);
		assert_string_equal(h->body, first);
		assert_string_equal(header(h, "Cache-Control"),
		                    "private, no-cache");
		free(first);
		free(tag);
	}
}

static void a_client_that_has_it_gets_304_without_a_body(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);
	char tags[128];

	two_locations_with_days(h);
	for (int i = 0; i < READS; i++) {
		char *tag = tag_of(h, &viewer, reads[i]);

		snprintf(tags, sizeof(tags), "\"0123\", W/\"%s\"", tag);
		assert_int_equal(ask_if_none_match(h, &viewer, reads[i], tags),
		                 304);
		assert_string_equal(h->body, "");
		assert_null(header(h, "Content-Length"));
		assert_non_null(header(h, "ETag"));
		free(tag);
	}
}

static void each_change_of_data_gives_another_tag(void **state)
{
	struct harness *h = *state;
	struct session_pass editor = harness_login(h, "ed", ROLE_EDITOR, NULL);
	int64_t north = two_locations_with_days(h);
	char *tags[READS];
	char quoted[64];

	for (int i = 0; i < READS; i++)
		tags[i] = tag_of(h, &editor, reads[i]);
	harness_day(h, "2026-11-22", north, 7000000000);
	for (int i = 0; i < READS; i++) {
		snprintf(quoted, sizeof(quoted), "\"%s\"", tags[i]);
		assert_int_equal(
		    ask_if_none_match(h, &editor, reads[i], quoted), 200);
		free(tags[i]);
	}
	/* And the worker's own change. */
	tags[0] = tag_of(h, &editor, "/api/dashboard/overview");
	assert_int_equal(send_json(h, &editor, "POST", "/api/data/daily-usage",
	                           "{\"date\":\"2026-11-23\",\"location_id\":1,"
	                           "\"usage_gb\":3}"),
	                 201);
	snprintf(quoted, sizeof(quoted), "\"%s\"", tags[0]);
	assert_int_equal(
	    ask_if_none_match(h, &editor, "/api/dashboard/overview", quoted),
	    200);
	free(tags[0]);
}

static void a_log_in_leaves_the_tags_alone(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);
	char *before, *after;

	two_locations_with_days(h);
	before = tag_of(h, &viewer, "/api/dashboard/overview");
	harness_login(h, "otto", ROLE_EDITOR, NULL);
	after = tag_of(h, &viewer, "/api/dashboard/overview");
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void the_next_day_has_other_tags(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);
	char *before, *after;

	two_locations_with_days(h);
	before = tag_of(h, &viewer, "/api/dashboard/overview");
	harness_wait(h, 11 * 3600); /* it was 14:00 */
	viewer = harness_login(h, "mona", ROLE_VIEWER, NULL);
	after = tag_of(h, &viewer, "/api/dashboard/overview");
	assert_string_not_equal(after, before);
	free(before);
	free(after);
}

static void who_sees_less_has_tags_of_his_own(void **state)
{
	struct harness *h = *state;
	int64_t north = two_locations_with_days(h);
	struct session_pass all = harness_login(h, "vera", ROLE_VIEWER, NULL);
	struct session_pass some = harness_login(h, "lim", ROLE_VIEWER,
	                                         (int64_t[]){north, 0});
	struct session_pass same = harness_login(h, "lia", ROLE_VIEWER,
	                                         (int64_t[]){north, 0});

	for (int i = 0; i < READS; i++) {
		char *a = tag_of(h, &all, reads[i]);
		char *b = tag_of(h, &some, reads[i]);
		char *c = tag_of(h, &same, reads[i]);

		assert_string_not_equal(a, b);
		/* Two who see the same locations can share an answer. */
		assert_string_equal(b, c);
		assert_null(strstr(h->body, "South"));
		free(a);
		free(b);
		free(c);
	}
}

/* Or the tag would tell him when others change theirs. */
static void what_a_limited_caller_does_not_see_leaves_his_tags(void **state)
{
	static const char *const uris[] = {"/api/data/locations",
	                                   "/api/dashboard/overview",
	                                   "/api/data/daily-usage"};
	struct harness *h = *state;
	int64_t mine = harness_location(h, "mine"),
	        other = harness_location(h, "other");
	const int64_t limit[] = {mine, 0};
	struct session_pass eve = harness_login(h, "eve", ROLE_VIEWER, limit);

	harness_day(h, "2026-11-01", mine, 1000);
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		char before[80], date[16];

		get(h, &eve, uris[i]);
		snprintf(before, sizeof(before), "%s", header(h, "ETag"));
		snprintf(date, sizeof(date), "2026-11-%02zu", i + 2);
		harness_day(h, date, other, 5);
		get(h, &eve, uris[i]);
		assert_string_equal(header(h, "ETag"), before);
		ask(h, &(struct ask){.method = "GET",
		                     .uri = uris[i],
		                     .as = &eve,
		                     .if_none_match = before});
		assert_int_equal(h->status, 304);
		harness_day(h, date, mine, 1000000000);
		get(h, &eve, uris[i]);
		if (i > 0)
			assert_string_not_equal(header(h, "ETag"), before);
	}
}

static void what_data_does_not_decide_has_no_tag(void **state)
{
	static const char *const untagged[] = {"/health", "/api/auth/session",
	                                       "/api/auth/sessions",
	                                       "/api/openapi.json"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "ada", ROLE_ADMIN, NULL);

	for (size_t i = 0; i < sizeof(untagged) / sizeof(untagged[0]); i++) {
		assert_int_equal(get(h, &admin, untagged[i]), 200);
		assert_null(header(h, "ETag"));
		assert_string_equal(header(h, "Cache-Control"), "no-store");
	}
}

static void accounts_keys_and_the_journal_have_a_tag_of_their_own(void **state)
{
	static const char *const uris[] = {"/api/users", "/api/keys",
	                                   "/api/audit?kind=change"};
	struct harness *h = *state;
	struct session_pass admin = harness_login(h, "ada", ROLE_ADMIN, NULL);
	char before[80], name[8];

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_int_equal(get(h, &admin, uris[i]), 200);
		snprintf(before, sizeof(before), "%s", header(h, "ETag"));
		assert_int_equal(ask_if_none_match(h, &admin, uris[i], before),
		                 304);
		assert_string_equal(h->body, "");
		snprintf(name, sizeof(name), "eve%zu", i);
		harness_login(h, name, ROLE_VIEWER, NULL);
		free(harness_key(h, SCOPE_READ, NULL));
		assert_int_equal(ask_if_none_match(h, &admin, uris[i], before),
		                 200);
		assert_string_not_equal(header(h, "ETag"), before);
	}
}

static void an_error_has_no_tag_and_is_not_kept(void **state)
{
	static const char *const wrong[] = {
	    "/api/dashboard/usage-trends?days=0",
	    "/api/data/daily-usage?location_id=99"};
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);

	for (int i = 0; i < 2; i++) {
		assert_int_equal(get(h, &viewer, wrong[i]), 400);
		assert_null(header(h, "ETag"));
		assert_string_equal(header(h, "Cache-Control"), "no-store");
		assert_int_equal(get(h, &viewer, wrong[i]), 400);
	}
}

static void who_has_any_answer_hears_so_where_there_is_one(void **state)
{
	static const char *const wrong[] = {
	    "/api/dashboard/overview?days=1",
	    "/api/dashboard/usage-trends?days=0",
	    "/api/dashboard/usage-trends?location_id=99",
	    "/api/data/daily-usage?page=0",
	    "/api/data/daily-usage?location_id=99",
	    "/api/data/daily-usage?start_date=2026-11-02&end_date=2026-11-01"};
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);

	two_locations_with_days(h);
	/* The first time the handler runs, the second time it need not. */
	for (int i = 0; i < 2 * READS; i++) {
		if (i >= READS)
			assert_int_equal(get(h, &viewer, reads[i % READS]),
			                 200);
		assert_int_equal(
		    ask_if_none_match(h, &viewer, reads[i % READS], "*"), 304);
		assert_string_equal(h->body, "");
		assert_non_null(header(h, "ETag"));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (ask_if_none_match(h, &viewer, wrong[i], "*") != 400)
			fail_msg("%s: %d", wrong[i], h->status);
}

static void a_long_list_is_streamed_and_not_kept(void **state)
{
	struct harness *h = *state;
	struct session_pass viewer = harness_login(h, "vera", ROLE_VIEWER,
	                                           NULL);
	struct answer_cache *usual = h->app.answers;
	int64_t north = harness_location(h, "north");
	char date[32];
	char *tag;
	size_t len;

	for (int day = 1; day <= 28; day++)
		for (int month = 1; month <= 10; month++) {
			snprintf(date, sizeof(date), "2026-%02d-%02d", month,
			         day);
			harness_day(h, date, north, day);
		}
	/* 280 records are some 45 KB: in two pieces, and a quarter of 100. */
	h->app.answers = answer_cache_new(100 * 1024);
	tag = tag_of(h, &viewer, "/api/data/daily-usage");
	assert_true(h->writes > 2);
	assert_int_equal(json_array_size(h->json), 280);
	assert_null(answer_cache_get(h->app.answers, tag, &len));
	assert_int_equal(
	    ask_if_none_match(h, &viewer, "/api/data/daily-usage", "*"), 304);
	assert_string_equal(h->body, "");
	assert_int_equal(h->writes, 1);
	answer_cache_free(h->app.answers);
	/* There is room for it here. */
	h->app.answers = usual;
	assert_int_equal(get(h, &viewer, "/api/data/daily-usage"), 200);
	assert_non_null(answer_cache_get(h->app.answers, tag, &len));
	assert_int_equal(get(h, &viewer, "/api/data/daily-usage"), 200);
	assert_int_equal(json_array_size(h->json), 280);
	free(tag);
}

static void tags_are_found_in_any_list_of_tags(void **state)
{
	static const struct {
		const char *list;
		bool found;
	} cases[] = {
	    {"", false},
	    {"\"abc\"", true},
	    {"W/\"abc\"", true},
	    {"\"x\", \"abc\"", true},
	    {"\"x\",W/\"abc\"", true},
	    {"*", false},
	    {"abc", false},
	    {"\"abcd\"", false},
	    {"\"ab\"", false},
	    {"\"abc", false},
	    {"\"", false},
	    {"W/", false},
	    {"\"x\" \"abc\"", true},
	    {",,,", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (answer_tag_matches(cases[i].list, "abc") != cases[i].found)
			fail_msg("%s", cases[i].list);
}

#define WITH_APP(test) \
	cmocka_unit_test_setup_teardown(test, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_APP(an_answer_comes_out_of_the_cache_as_it_was_made),
	    WITH_APP(a_client_that_has_it_gets_304_without_a_body),
	    WITH_APP(each_change_of_data_gives_another_tag),
	    WITH_APP(a_log_in_leaves_the_tags_alone),
	    WITH_APP(the_next_day_has_other_tags),
	    WITH_APP(who_sees_less_has_tags_of_his_own),
	    WITH_APP(what_a_limited_caller_does_not_see_leaves_his_tags),
	    WITH_APP(what_data_does_not_decide_has_no_tag),
	    WITH_APP(accounts_keys_and_the_journal_have_a_tag_of_their_own),
	    WITH_APP(an_error_has_no_tag_and_is_not_kept),
	    WITH_APP(who_has_any_answer_hears_so_where_there_is_one),
	    WITH_APP(a_long_list_is_streamed_and_not_kept),
	    cmocka_unit_test(tags_are_found_in_any_list_of_tags),
	};

	return cmocka_run_group_tests_name("tags", tests, NULL, NULL);
}
