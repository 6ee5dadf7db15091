#ifndef DUM_APP_RES_PARTS_H
#define DUM_APP_RES_PARTS_H
/* parts - pieces of bodies and of answers that several resources have. */
#include "access/account.h"
#include "access/password_policy.h"
#include "app.h"
#include "base/json_writer.h"
#include "member.h"

/* So many locations can be listed for an account or a key. */
enum { PARTS_LOCATIONS_MAX = 1000 };

/* The name of a new account; account_name() has the rules. */
#define PARTS_NEW_USERNAME_MEMBER                                          \
	{                                                                  \
		.name = "username", .type = MEMBER_TEXT, .required = true, \
		.min = 1, .max = ACCOUNT_NAME_MAX - 1,                     \
	}

/* A password that is there, as typed; and a new one, by the length it needs. */
#define PARTS_PASSWORD_MEMBER(member)                                      \
	{                                                                  \
		.name = (member), .type = MEMBER_SECRET, .required = true, \
		.min = 1, .max = PASSWORD_CHARS_MAX,                       \
	}
#define PARTS_NEW_PASSWORD_MEMBER(member, must)                              \
	{                                                                    \
		.name = (member), .type = MEMBER_SECRET, .required = (must), \
		.min = PASSWORD_CHARS_MIN, .max = PASSWORD_CHARS_MAX,        \
	}

/* "locations": [1, 2], or null where there is no limit. */
#define PARTS_LOCATIONS_MEMBER                                             \
	{                                                                  \
		.name = "locations", .type = MEMBER_IDS, .nullable = true, \
		.min = 1, .max = PARTS_LOCATIONS_MAX,                      \
	}
struct location_limit parts_limit(const struct member_value *locations);

/*
 * Is a location there that a request only names, outside of its path?
 * DUM_EINVAL when not: then the request is wrong, not its address.
 */
DUM_MUST_CHECK enum dum_status parts_check_location(struct app *app, int64_t id,
                                                    struct dum_error *err);

/* Enter into the journal what was done with a session, inside db_begin(). */
DUM_MUST_CHECK enum dum_status parts_enter_event(struct app *app,
                                                 const char *name,
                                                 const char *object,
                                                 struct dum_error *err);

/* A member with a time; null where at is 0. */
void parts_write_time(struct json_writer *w, const char *name, int64_t at);

/* A member with a day; null where its year is 0. */
void parts_write_date(struct json_writer *w, const char *name,
                      struct date date);

/* Member "coverage": so many days are known, of those that there could be. */
void parts_write_coverage(struct json_writer *w, int64_t present,
                          int64_t expected);

/* A member with a text; null where it is "". */
void parts_write_text(struct json_writer *w, const char *name,
                      const char *text);

/*
 * Member "locations": what "user" or "key" (kind) with that id is limited to;
 * null where it is not.
 */
DUM_MUST_CHECK enum dum_status parts_write_locations(
    struct json_writer *w, struct app *app, const char *kind, int64_t id,
    bool is_limited, struct dum_error *err);

/*
 * A change that is worth asking for the password once more: is it the
 * caller's? DUM_EAUTH with the field: no. DUM_EBUSY: too many failures.
 */
DUM_MUST_CHECK enum dum_status parts_confirm_password(
    struct app *app, const struct request *req, struct response *res,
    const char *password, const char *field, struct dum_error *err);

/*
 * The log line that fail2ban reads: "WHAT: user "NAME" from ADDRESS". A name
 * can not end its own quotes.
 */
void parts_log_refusal(const struct request *req, const char *what,
                       const char *username);

#endif
