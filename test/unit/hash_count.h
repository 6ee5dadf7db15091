#ifndef DUM_TEST_HASH_COUNT_H
#define DUM_TEST_HASH_COUNT_H
/*
 * hash_count - how many passwords were hashed, and how many at a time, by this
 * process and its children: libgcrypt's function is replaced by one that
 * counts and goes on to it.
 */
#include <stdatomic.h>

struct hash_count {
	atomic_int hashes;
	atomic_int running, most_running;
};

/* Valid after hash_count_start(), which starts from zero. */
extern struct hash_count *hash_count;
void hash_count_start(void);

#endif
