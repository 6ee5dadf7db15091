#ifndef DUM_APP_ANSWER_CACHE_H
#define DUM_APP_ANSWER_CACHE_H
/*
 * answer_cache - bodies of answers that a worker has given, to be given again.
 *
 * It never decides whether an answer is still right: a tag names everything
 * that the answer depends on (see answer_tag.h), so an answer that is out of
 * date is never asked for again and leaves when others need the room. What was
 * used longest ago goes first. Where the cache is NULL nothing is kept.
 */
#include <stddef.h>

/* Characters of a tag, and the NUL. */
#define ANSWER_TAG_MAX sizeof("0123456789abcdef0123456789abcdef")

struct answer_cache;

/*
 * room: bytes of bodies and what keeping them costs; 0: nothing is kept. NULL:
 * out of memory.
 */
struct answer_cache *answer_cache_new(size_t room);
void answer_cache_free(struct answer_cache *cache);

/* The longest body that is taken: a quarter of the room. */
size_t answer_cache_longest(const struct answer_cache *cache);

/* The body kept under a tag; NULL: none. Borrowed until the next put. */
const char *answer_cache_get(struct answer_cache *cache, const char *tag,
                             size_t *len_out);

/*
 * Keep a copy of a body. One that is too long, and one for which there is no
 * memory, is not kept; a tag that is there already stays as it is.
 */
void answer_cache_put(struct answer_cache *cache, const char *tag,
                      const char *body, size_t len);

#endif
