/*
 * A worker lives for weeks: 6,000 mixed requests, and the memory that it holds
 * has settled. What is lost for good shows in the run with the address
 * sanitizer; what is kept for ever would show here.
 */
#include "harness.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The sanitizer keeps what is freed for a while, on purpose. */
#ifdef __SANITIZE_ADDRESS__
enum { KEEPS_FREED = 1 };
#else
enum { KEEPS_FREED = 0 };
#endif

/* Bytes that the program has allocated and not freed. */
static size_t held(void)
{
	return mallinfo2().uordblks;
}

static int64_t resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %lld", &pages), 1);
	fclose(f);
	return pages * 4;
}

/* Pages of the database come and go in SQLite's cache. */
enum { SLACK_BYTES = 4 * 1024, SLACK_KIB = 1024 };

/* Of 35 requests each. */
enum { ROUNDS = 172 };

/* The least cache there can be, so that it is full soon. */
static void shrink_caches(struct harness *h)
{
	h->f->config.sqlite_cache_size = 64;
	h->f->config.answer_cache_size = 64;
	harness_restart(h);
	assert_int_equal(get(h, NULL, "/health"), 200);
}

struct callers {
	struct session_pass admin, limited;
	char *key;
};

static void ask_all(struct harness *h, const struct callers *c, int round)
{
	static const char *const reads[] = {
	    "/health",
	    "/api/data/locations",
	    "/api/data/daily-usage",
	    "/api/data/daily-usage?page=1&per_page=10",
	    "/api/data/daily-usage/1",
	    "/api/dashboard/overview",
	    "/api/dashboard/usage-trends?format=columns",
	    "/api/users",
	    "/api/keys",
	    "/api/audit?limit=20",
	    "/api/auth/session",
	    "/api/auth/sessions",
	    "/api/nothing",
	    "/api/data/daily-usage?page=x",
	};
	char body[120];

	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		get(h, i % 3 == 0 ? &c->limited : &c->admin, reads[i]);
		ask(h, &(struct ask){
		           .method = "GET", .uri = reads[i], .key = c->key});
	}
	snprintf(body, sizeof(body),
	         "{\"date\":\"2026-11-%02d\",\"location_id\":1,"
	         "\"usage_gb\":%d}",
	         round % 20 + 1, round);
	send_json(h, &c->admin, "POST", "/api/data/daily-usage", body);
	send_json(h, &c->admin, "PUT", "/api/data/daily-usage/1",
	          "{\"usage_gb\":1.5}");
	send_json(h, &c->admin, "PATCH", "/api/users/2",
	          "{\"locations\":[1,9]}");
	send_json(h, &c->admin, "POST", "/api/keys", "{\"name\":");
	send_json(h, &c->admin, "DELETE", "/api/data/daily-usage/99999", NULL);
	send_json(h, NULL, "POST", "/api/data/locations", "{}");
	ask(h, &(struct ask){.method = "GET",
	                     .uri = "/api/data/daily-usage",
	                     .as = &c->admin,
	                     .peer_leaves_after = 1});
}

static void six_thousand_requests_leave_nothing_behind(void **state)
{
	static const int64_t limit[] = {1, 0};
	struct harness *h = *state;
	struct callers c;
	size_t held_before = 0;
	int64_t resident_before = 0;
	int round = 0, first = 70;

	shrink_caches(h);
	harness_location(h, "a");
	harness_location(h, "b");
	for (int day = 1; day <= 20; day++) {
		char date[32];

		snprintf(date, sizeof(date), "2026-11-%02d", day);
		harness_day(h, date, 1, day);
	}
	c.admin = harness_login(h, "admin", ROLE_ADMIN, NULL);
	c.limited = harness_login(h, "limited", ROLE_VIEWER, limit);
	c.key = harness_key(h, SCOPE_ADMIN, NULL);
	for (; round < ROUNDS; round++) {
		ask_all(h, &c, round);
		/* Statements, caches and buffers have grown by then. */
		if (round == first) {
			held_before = held();
			resident_before = resident_kib();
		}
	}
	free(c.key);
	if (KEEPS_FREED)
		return;
	if (held() > held_before + SLACK_BYTES)
		fail_msg("%zu bytes held, %zu after %d rounds", held(),
		         held_before, first);
	if (resident_kib() > resident_before + SLACK_KIB)
		fail_msg("%lld KiB resident, %lld after %d rounds",
		         (long long)resident_kib(), (long long)resident_before,
		         first);
}

/*
 * The C library counts the few pieces of each size that it keeps at hand for a
 * thread as held; which sizes those are hangs on chance. It can only be told at
 * the start of a program to keep none.
 */
static void keep_none_at_hand(char **argv)
{
	if (getenv("GLIBC_TUNABLES") != NULL)
		return;
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    HARNESS_TEST(six_thousand_requests_leave_nothing_behind),
	};

	(void)argc;
	keep_none_at_hand(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
