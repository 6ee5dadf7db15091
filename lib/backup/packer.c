#include "backup/packer.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/gz.h"

enum { BLOCK_BYTES = 262144, SLOTS = 10, THREADS_MAX = 2 };

struct slot {
	bool done; /* packed, and not handed on yet */
	size_t in_len, out_len;
	unsigned char *out;
	unsigned char in[BLOCK_BYTES];
};

/*
 * A ring. The caller fills slot `filled`, a thread takes slot `taken`, and
 * what is done leaves by slot `left`: left <= taken <= filled, counted without
 * end and used modulo SLOTS.
 */
struct packer {
	packer_fn fn;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t work, ready;
	bool stop;
	size_t filled, taken, left;
	int thread_count;
	pthread_t threads[THREADS_MAX];
	struct gz_packer *gz[THREADS_MAX];
	int next_gz; /* for the threads as they start */
	struct slot slots[SLOTS];
};

static struct slot *slot_at(struct packer *p, size_t n)
{
	return &p->slots[n % SLOTS];
}

static void *work(void *arg)
{
	struct packer *p = arg;
	struct gz_packer *gz;

	pthread_mutex_lock(&p->lock);
	gz = p->gz[p->next_gz++];
	for (;;) {
		struct slot *slot;

		while (!p->stop && p->taken == p->filled)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->stop)
			break;
		slot = slot_at(p, p->taken++);
		pthread_mutex_unlock(&p->lock);
		slot->out_len = gz_pack(gz, slot->out, slot->in, slot->in_len);
		pthread_mutex_lock(&p->lock);
		slot->done = true;
		pthread_cond_signal(&p->ready);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static enum dum_status start(struct packer *p, int level, struct dum_error *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int wanted = processors > 1 ? THREADS_MAX : 1;
	enum dum_status status = DUM_OK;

	for (int i = 0; i < SLOTS; i++) {
		p->slots[i].out = malloc(gz_bound(BLOCK_BYTES));
		if (p->slots[i].out == NULL)
			return error_set(err, DUM_ENOMEM, "out of memory");
	}
	for (int i = 0; status == DUM_OK && i < wanted; i++)
		status = gz_packer_new(&p->gz[i], level, err);
	for (int i = 0; status == DUM_OK && i < wanted; i++) {
		if (pthread_create(&p->threads[i], NULL, work, p) != 0)
			return error_set(err, DUM_ESYS, "no thread to be had");
		p->thread_count++;
	}
	return status;
}

enum dum_status packer_new(struct packer **out, int level, packer_fn fn,
                           void *arg, struct dum_error *err)
{
	struct packer *p = calloc(1, sizeof(*p));
	enum dum_status status;

	if (p == NULL)
		return error_set(err, DUM_ENOMEM, "out of memory");
	p->fn = fn;
	p->arg = arg;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->ready, NULL);
	status = start(p, level, err);
	if (status != DUM_OK) {
		packer_free(p);
		return status;
	}
	*out = p;
	return DUM_OK;
}

void packer_free(struct packer *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (int i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	for (int i = 0; i < THREADS_MAX; i++)
		gz_packer_free(p->gz[i]);
	for (int i = 0; i < SLOTS; i++)
		free(p->slots[i].out);
	pthread_cond_destroy(&p->ready);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Hand on the oldest slot; it is waited for. */
static enum dum_status hand_on(struct packer *p, struct dum_error *err)
{
	struct slot *slot = slot_at(p, p->left);
	enum dum_status status;

	pthread_mutex_lock(&p->lock);
	while (!slot->done)
		pthread_cond_wait(&p->ready, &p->lock);
	pthread_mutex_unlock(&p->lock);
	if (slot->out_len == 0)
		return error_set(err, DUM_ESYS, "zlib could not compress");
	status = p->fn(p->arg, slot->out, slot->out_len, err);
	slot->done = false;
	slot->in_len = 0;
	p->left++;
	return status;
}

/* The slot in hand is full: give it to the threads, see to the next one. */
static enum dum_status turn_over(struct packer *p, struct dum_error *err)
{
	pthread_mutex_lock(&p->lock);
	p->filled++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
	if (p->filled - p->left == SLOTS)
		return hand_on(p, err);
	return DUM_OK;
}

enum dum_status packer_write(struct packer *p, const void *data, size_t len,
                             struct dum_error *err)
{
	const unsigned char *at = data;
	enum dum_status status = DUM_OK;

	while (status == DUM_OK && len > 0) {
		struct slot *slot = slot_at(p, p->filled);
		size_t n = BLOCK_BYTES - slot->in_len;

		n = n < len ? n : len;
		memcpy(slot->in + slot->in_len, at, n);
		slot->in_len += n;
		at += n;
		len -= n;
		if (slot->in_len == BLOCK_BYTES)
			status = turn_over(p, err);
	}
	return status;
}

enum dum_status packer_finish(struct packer *p, struct dum_error *err)
{
	enum dum_status status = DUM_OK;

	if (slot_at(p, p->filled)->in_len > 0)
		status = turn_over(p, err);
	while (status == DUM_OK && p->left != p->filled)
		status = hand_on(p, err);
	return status;
}
