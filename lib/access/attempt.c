#include "access/attempt.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/plural.h"
#include "store/failure.h"
#include "store/journal.h"

enum { IPV6_NET_BYTES = 8 };

/* Of a subject nothing is left after so long, however much there was. */
enum { FORGOTTEN_AFTER_S = 24 * 3600 };

/* The two that an attempt counts against; "" stands for none. */
struct subjects {
	char text[2][FAILURE_SUBJECT_MAX];
};

/*
 * An IPv6 address costs nothing, but the /64 that a customer gets does; an
 * IPv4 address may come in the clothes of an IPv6 one.
 */
static void net_of(char out[static FAILURE_SUBJECT_MAX], const char *address)
{
	char text[INET6_ADDRSTRLEN] = "";
	unsigned char raw[16];

	if (inet_pton(AF_INET6, address, raw) != 1) {
		snprintf(out, FAILURE_SUBJECT_MAX, "net:%s", address);
		return;
	}
	if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)raw)) {
		inet_ntop(AF_INET, raw + 12, text, sizeof(text));
		snprintf(out, FAILURE_SUBJECT_MAX, "net:%s", text);
		return;
	}
	memset(raw + IPV6_NET_BYTES, 0, sizeof(raw) - IPV6_NET_BYTES);
	inet_ntop(AF_INET6, raw, text, sizeof(text));
	snprintf(out, FAILURE_SUBJECT_MAX, "net:%s/64", text);
}

static struct subjects subjects_of(const char *username, const char *address)
{
	struct subjects s = {{"", ""}};

	snprintf(s.text[0], sizeof(s.text[0]), "user:%s", username);
	if (address != NULL && address[0] != '\0')
		net_of(s.text[1], address);
	return s;
}

static int64_t longest_delay(const char *subject)
{
	return strncmp(subject, "net:", 4) == 0 ? ATTEMPT_NET_DELAY_MAX_S
	                                        : ATTEMPT_DELAY_MAX_S;
}

static int64_t delay_after(int64_t failures, int64_t longest)
{
	int64_t over = failures - ATTEMPT_FREE, delay;

	if (over < 0)
		return 0;
	delay = over >= 9 ? longest : INT64_C(2) << over; /* 2^10 is past it */
	return delay < longest ? delay : longest;
}

/* What the failures of the past are worth now. */
static int64_t remembered(const struct failure *failure, int64_t now)
{
	int64_t age = now - failure->last_at, left;

	if (age < 0) /* the clock was put back */
		return failure->failures;
	left = failure->failures - age / ATTEMPT_FORGET_S;
	return age > FORGOTTEN_AFTER_S || left < 0 ? 0 : left;
}

/* How much longer the subject is blocked; 0: it is not. */
static enum dum_status blocked_for(int64_t *out, struct db *db,
                                   const char *subject, int64_t now,
                                   struct dum_error *err)
{
	struct failure failure;
	enum dum_status status;

	status = failure_get(&failure, db, subject, err);
	if (status != DUM_OK)
		return status;
	*out = failure.blocked_until > now ? failure.blocked_until - now : 0;
	/* No block is that long: the clock was put back since. */
	if (*out > ATTEMPT_DELAY_MAX_S)
		*out = 0;
	return DUM_OK;
}

static enum dum_status add_failure(struct db *db, const char *subject,
                                   int64_t now, struct dum_error *err)
{
	struct failure failure;
	enum dum_status status;
	int64_t delay;

	status = failure_get(&failure, db, subject, err);
	if (status != DUM_OK)
		return status;
	failure.failures = remembered(&failure, now) + 1;
	failure.last_at = now;
	delay = delay_after(failure.failures, longest_delay(subject));
	failure.blocked_until = delay > 0 ? now + delay : 0;
	return failure_put(db, subject, &failure, err);
}

/* Whoever was let try was not blocked, and is not when it was no failure. */
static enum dum_status remove_failures(struct db *db, const char *subject,
                                       int64_t count, struct dum_error *err)
{
	struct failure failure;
	enum dum_status status;

	status = failure_get(&failure, db, subject, err);
	if (status != DUM_OK)
		return status;
	if (failure.failures <= count)
		return failure_forget(db, subject, err);
	failure.failures -= count;
	failure.blocked_until = 0;
	return failure_put(db, subject, &failure, err);
}

/* DUM_EBUSY with *retry_after_s > 0 where either subject is blocked. */
static enum dum_status check_blocked(int64_t *retry_after_s, struct db *db,
                                     const struct subjects *s, int64_t now,
                                     struct dum_error *err)
{
	enum dum_status status = DUM_OK;
	int64_t wait = 0, longest = 0;

	for (int i = 0; i < 2 && status == DUM_OK; i++) {
		if (s->text[i][0] != '\0')
			status = blocked_for(&wait, db, s->text[i], now, err);
		if (wait > longest)
			longest = wait;
	}
	if (status != DUM_OK || longest == 0)
		return status;
	*retry_after_s = longest;
	return error_set(err, DUM_EBUSY,
	                 "too many failed attempts; try again in %lld second%s",
	                 (long long)longest, plural_s(longest));
}

enum dum_status attempt_reserve(int64_t *retry_after_s, struct db *db,
                                const struct origin *who, const char *username,
                                const char *address, struct dum_error *err)
{
	struct subjects s = subjects_of(username, address);
	int64_t now = db_now(db);
	enum dum_status status;

	*retry_after_s = 0;
	/*
	 * Most of a flood ends here, where it does not keep others from
	 * changing the database; what counts is the second look.
	 */
	status = check_blocked(retry_after_s, db, &s, now, err);
	if (status != DUM_OK)
		return status;
	status = db_begin(db, who, err);
	if (status == DUM_OK)
		status = check_blocked(retry_after_s, db, &s, now, err);
	if (status == DUM_OK)
		status = failure_sweep(db, now - FORGOTTEN_AFTER_S, err);
	for (int i = 0; i < 2 && status == DUM_OK; i++)
		if (s.text[i][0] != '\0')
			status = add_failure(db, s.text[i], now, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}

enum dum_status attempt_take_back(struct db *db, const char *username,
                                  const char *address, struct dum_error *err)
{
	struct subjects s = subjects_of(username, address);
	enum dum_status status = DUM_OK;

	for (int i = 0; i < 2 && status == DUM_OK; i++)
		if (s.text[i][0] != '\0')
			status = remove_failures(db, s.text[i], 1, err);
	return status;
}

void attempt_not_tried(struct db *db, const struct origin *who,
                       const char *username, const char *address)
{
	enum dum_status status = db_begin(db, who, NULL);

	if (status == DUM_OK)
		status = attempt_take_back(db, username, address, NULL);
	if (status == DUM_OK)
		status = db_commit(db, NULL);
	db_rollback(db);
	(void)status; /* it counts as a failure then, and is forgotten */
}

enum dum_status attempt_clear(struct db *db, const char *username,
                              const char *address, struct dum_error *err)
{
	struct subjects s = subjects_of(username, address);
	struct failure account;
	enum dum_status status;

	status = failure_get(&account, db, s.text[0], err);
	if (status == DUM_OK)
		status = failure_forget(db, s.text[0], err);
	if (status == DUM_OK && s.text[1][0] != '\0')
		status = remove_failures(db, s.text[1], account.failures, err);
	return status;
}

/* The word that the journal has for it. */
static const char *reason_word(enum attempt_reason reason)
{
	switch (reason) {
	case ATTEMPT_NO_USER:
		return "user";
	case ATTEMPT_PASSWORD:
		return "password";
	case ATTEMPT_DISABLED:
		return "disabled";
	case ATTEMPT_CONFIRM:
		return "confirm";
	case ATTEMPT_CODE:
	case ATTEMPT_USED_CODE:
		break;
	}
	return "code";
}

static enum dum_status enter_reason(struct db *db, const char *username,
                                    enum attempt_reason reason,
                                    struct dum_error *err)
{
	struct strbuf detail = STRBUF_INIT;
	struct json_writer w = {.out = &detail};
	struct journal_event event = {.name = "login_failed",
	                              .object = username};
	enum dum_status status;

	jsonw_object_begin(&w);
	jsonw_member_string(&w, "reason", reason_word(reason));
	jsonw_object_end(&w);
	event.detail = detail.buf;
	status = strbuf_ok(&detail)
	             ? journal_event(db, &event, err)
	             : error_set(err, DUM_ENOMEM, "out of memory");
	strbuf_release(&detail);
	return status;
}

enum dum_status attempt_failed(struct db *db, const struct origin *who,
                               const char *username, enum attempt_reason reason,
                               struct dum_error *err)
{
	struct journal_event reuse = {.name = "totp_used_twice",
	                              .object = username};
	enum dum_status status = db_begin(db, who, err);

	if (status == DUM_OK && reason == ATTEMPT_USED_CODE)
		status = journal_event(db, &reuse, err);
	if (status == DUM_OK)
		status = enter_reason(db, username, reason, err);
	if (status == DUM_OK)
		status = db_commit(db, err);
	db_rollback(db);
	return status;
}
