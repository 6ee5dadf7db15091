/*
 * The C library's tree finds an answer by its tag, its queue keeps the order
 * of use. A worker has some tens of answers, rarely a thousand, so a tree of
 * comparisons costs less than a microsecond.
 */
#include "answer_cache.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* tag comes first: the tree compares by it. */
struct answer {
	char tag[ANSWER_TAG_MAX];
	TAILQ_ENTRY(answer) by_use;
	size_t len;
	char body[];
};

TAILQ_HEAD(answer_list, answer);

struct answer_cache {
	size_t room, used;
	void *tree;
	struct answer_list by_use; /* the one used last is the first */
};

struct answer_cache *answer_cache_new(size_t room)
{
	struct answer_cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return NULL;
	cache->room = room;
	TAILQ_INIT(&cache->by_use);
	return cache;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static size_t cost(const struct answer *answer)
{
	return sizeof(*answer) + answer->len;
}

static void drop(struct answer_cache *cache, struct answer *answer)
{
	tdelete(answer->tag, &cache->tree, compare);
	TAILQ_REMOVE(&cache->by_use, answer, by_use);
	cache->used -= cost(answer);
	free(answer);
}

void answer_cache_free(struct answer_cache *cache)
{
	if (cache == NULL)
		return;
	while (!TAILQ_EMPTY(&cache->by_use))
		drop(cache, TAILQ_FIRST(&cache->by_use));
	free(cache);
}

size_t answer_cache_longest(const struct answer_cache *cache)
{
	return cache != NULL ? cache->room / 4 : 0;
}

/* The tree's nodes point to the tag, which is where its answer begins. */
static struct answer *find(struct answer_cache *cache, const char *tag)
{
	void *node = tfind(tag, &cache->tree, compare);

	return node != NULL ? *(struct answer **)node : NULL;
}

const char *answer_cache_get(struct answer_cache *cache, const char *tag,
                             size_t *len_out)
{
	struct answer *answer = cache != NULL ? find(cache, tag) : NULL;

	if (answer == NULL)
		return NULL;
	TAILQ_REMOVE(&cache->by_use, answer, by_use);
	TAILQ_INSERT_HEAD(&cache->by_use, answer, by_use);
	*len_out = answer->len;
	return answer->body;
}

void answer_cache_put(struct answer_cache *cache, const char *tag,
                      const char *body, size_t len)
{
	struct answer *answer;

	if (answer_cache_longest(cache) == 0 ||
	    len > answer_cache_longest(cache) || find(cache, tag) != NULL)
		return;
	answer = calloc(1, sizeof(*answer) + len);
	if (answer == NULL)
		return;
	memcpy(answer->tag, tag, strnlen(tag, ANSWER_TAG_MAX - 1));
	memcpy(answer->body, body, len);
	answer->len = len;
	if (tsearch(answer, &cache->tree, compare) == NULL) {
		free(answer);
		return;
	}
	TAILQ_INSERT_HEAD(&cache->by_use, answer, by_use);
	cache->used += cost(answer);
	while (cache->used > cache->room)
		drop(cache, TAILQ_LAST(&cache->by_use, answer_list));
}
