/* Unit tests of fcgi-app/answer_cache.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answer_cache.h"

/* A tag of the right length for a number. */
static void make_tag(char out[static ANSWER_TAG_MAX], unsigned n)
{
	snprintf(out, ANSWER_TAG_MAX, "%032x", n);
}

/* Keep a body of len times a letter that follows from the number. */
static void put(struct answer_cache *cache, unsigned n, size_t len)
{
	char tag[ANSWER_TAG_MAX], body[16384];

	make_tag(tag, n);
	assert_true(len <= sizeof(body));
	memset(body, (int)('a' + n % 26), len);
	answer_cache_put(cache, tag, body, len);
}

/* The length of what is kept and whole; -1: nothing is. */
static int get(struct answer_cache *cache, unsigned n)
{
	char tag[ANSWER_TAG_MAX];
	const char *body;
	size_t len = 0;

	make_tag(tag, n);
	body = answer_cache_get(cache, tag, &len);
	if (body == NULL)
		return -1;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(body[i], (int)('a' + n % 26));
	return (int)len;
}

static void an_answer_comes_back_as_it_was_kept(void **state)
{
	struct answer_cache *cache = answer_cache_new(100000);

	(void)state;
	assert_int_equal(get(cache, 1), -1);
	put(cache, 1, 1000);
	put(cache, 2, 500);
	assert_int_equal(get(cache, 1), 1000);
	assert_int_equal(get(cache, 2), 500);
	answer_cache_free(cache);
}

static void the_one_used_longest_ago_goes_first(void **state)
{
	struct answer_cache *cache = answer_cache_new(45000);

	(void)state;
	for (unsigned n = 1; n <= 4; n++)
		put(cache, n, 9000);
	assert_int_equal(get(cache, 1), 9000); /* 2 is the oldest now */
	put(cache, 5, 9000);
	put(cache, 6, 9000);
	assert_int_equal(get(cache, 2), -1);
	assert_int_equal(get(cache, 1), 9000);
	assert_int_equal(get(cache, 6), 9000);
	answer_cache_free(cache);
}

static void what_is_too_long_is_not_kept(void **state)
{
	struct answer_cache *cache = answer_cache_new(40000);

	(void)state;
	assert_int_equal(answer_cache_longest(cache), 10000);
	put(cache, 1, 10001);
	assert_int_equal(get(cache, 1), -1);
	put(cache, 2, 9000);
	assert_int_equal(get(cache, 2), 9000);
	answer_cache_free(cache);
}

static void without_room_nothing_is_kept(void **state)
{
	struct answer_cache *cache = answer_cache_new(0);

	(void)state;
	put(cache, 1, 0);
	put(cache, 2, 10);
	assert_int_equal(get(cache, 1), -1);
	assert_int_equal(get(cache, 2), -1);
	answer_cache_free(cache);
}

static void a_tag_that_is_there_stays(void **state)
{
	struct answer_cache *cache = answer_cache_new(40000);

	(void)state;
	put(cache, 3, 10);
	put(cache, 3, 20);
	assert_int_equal(get(cache, 3), 10);
	answer_cache_free(cache);
}

/* Against an array that remembers what was put in, over 20,000 random steps. */
static void random_use_never_gives_another_answer(void **state)
{
	enum { TAGS = 200, ROOM = 60000 };
	struct answer_cache *cache = answer_cache_new(ROOM);
	int lengths[TAGS] = {0};
	int hits = 0;

	(void)state;
	srandom(20261124);
	for (int step = 0; step < 20000; step++) {
		unsigned n = (unsigned)(random() % TAGS);
		int found = get(cache, n);

		if (found >= 0) {
			assert_int_equal(found, lengths[n]);
			hits++;
			continue;
		}
		lengths[n] = (int)(random() % 2000) + 1;
		put(cache, n, (size_t)lengths[n]);
	}
	assert_true(hits > 1000);
	answer_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_comes_back_as_it_was_kept),
	    cmocka_unit_test(the_one_used_longest_ago_goes_first),
	    cmocka_unit_test(what_is_too_long_is_not_kept),
	    cmocka_unit_test(without_room_nothing_is_kept),
	    cmocka_unit_test(a_tag_that_is_there_stays),
	    cmocka_unit_test(random_use_never_gives_another_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
