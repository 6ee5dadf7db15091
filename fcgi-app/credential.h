#ifndef DUM_APP_CREDENTIAL_H
#define DUM_APP_CREDENTIAL_H
/*
 * credential - what a request shows to say who sends it: the cookie of a
 * session, or a key as "Authorization: Bearer". Read strictly: what could be
 * understood in two ways is refused, not guessed.
 */
#include "access/api_key.h"
#include "access/session.h"
#include "request.h"

/* Sent back by this host alone, over TLS alone, and out of reach of scripts. */
#define CREDENTIAL_COOKIE "__Host-dum"

enum credential_kind { CREDENTIAL_NONE, CREDENTIAL_SESSION, CREDENTIAL_KEY };

struct credential {
	enum credential_kind kind;
	/* The token or the key; "" where it can not be one. */
	char text[API_KEY_TEXT_MAX > BASE64_MAX(SESSION_TOKEN_BYTES)
	              ? API_KEY_TEXT_MAX
	              : BASE64_MAX(SESSION_TOKEN_BYTES)];
};

enum { CREDENTIAL_HEADER_MAX = 8192 };

/*
 * DUM_EINVAL: both kinds at once, our cookie twice, or a header too long. A
 * cookie or a key that has the wrong form is DUM_OK: it is just nobody's.
 */
DUM_MUST_CHECK enum dum_status credential_read(struct credential *out,
                                               const struct request *req,
                                               struct dum_error *err);

#endif
